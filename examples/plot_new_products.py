"""
New products: what does a text do for a label without rows?
===========================================================

More than a third of the occupations have no title to learn from. A classifier never finds them,
unless it is told their texts: a :ref:`label_prior <label_prior>`. How much should it weigh?
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.preprocessing import MultiLabelBinarizer

from sklearn_xmr import WordNgramTfidf, XRLinearClassifier
from sklearn_xmr.datasets import load_job_titles
from sklearn_xmr.metrics import recall_at_k, warm_and_cold

jobs = load_job_titles()
names = sorted(jobs.label_text)
binarizer = MultiLabelBinarizer(classes=names, sparse_output=True)
Y, Y_test = map(binarizer.fit_transform, (jobs.train_occupations, jobs.test_occupations))
vectorizer = WordNgramTfidf(sublinear_tf=True).fit([*jobs.train_titles, *jobs.label_text.values()])
X, X_test = map(vectorizer.transform, (jobs.train_titles, jobs.test_titles))
texts = vectorizer.transform([jobs.label_text[name] for name in names])

# %%
# Recall among ten, of titles whose occupation has other titles (warm) and of those whose has none
# (cold), without texts and with more and more weight on them.

frequency = np.asarray(Y.sum(axis=0)).ravel()
strengths = (0, 0.5, 1, 2, 4, 8)
recalls = {"warm": [], "cold": []}
for strength in strengths:
    model = XRLinearClassifier(random_state=0)
    if strength:
        model.set_params(label_prior=texts, prior_strength=strength)
    scores = model.fit(X, Y).predict_proba(X_test)
    found = warm_and_cold(recall_at_k, Y_test, scores, k=10, frequency=frequency)
    for group, values in recalls.items():
        values.append(found[group].score)

figure, axes = plt.subplots(figsize=(6, 3.5), layout="constrained")
for group, values in recalls.items():
    axes.plot(values, "o-", label=f"{group} queries")
axes.set_xticks(range(len(strengths)), ["no texts", *strengths[1:]])
axes.set(
    title="Occupations with and without rows",
    xlabel="prior_strength",
    ylabel="recall@10",
    ylim=(-0.03, 1),
)
axes.legend()
plt.show()
print(f"{np.mean(frequency == 0):.0%} of the occupations have no row")
