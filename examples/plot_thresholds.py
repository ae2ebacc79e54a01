"""
Calibration and thresholds: how many tags should a book get?
============================================================

Some books have one subject, some have ten. A threshold on the probability gives each as many as
seem right, and where it lies trades precision for recall.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import precision_recall_fscore_support
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MultiLabelBinarizer

from sklearn_xmr import CalibratedRanker, WordNgramTfidf, XRLinearClassifier
from sklearn_xmr.datasets import load_book_subjects

books = load_book_subjects()
binarizer = MultiLabelBinarizer(classes=books.label_names, sparse_output=True)
Y = binarizer.fit_transform(books.train_labels[:8_000])
Y_test = binarizer.transform(books.test_labels[:2_000])

# %%
# The threshold with the best F1 on rows that a model has not seen:

pipeline = make_pipeline(WordNgramTfidf(sublinear_tf=True), XRLinearClassifier(random_state=0))
model = CalibratedRanker(pipeline, threshold="f1", random_state=0)
model.fit(books.train_texts[:8_000], Y)
print(f"the best threshold by the folds: {model.threshold_:.2f}")

# %%
# Numbers act at once. What do others give on the test rows?

probabilities = model.predict_proba(books.test_texts[:2_000])
thresholds = np.linspace(0.02, 0.6, 20)
found = []
for threshold in thresholds:
    given = (probabilities >= threshold).astype(int)
    found.append(precision_recall_fscore_support(Y_test, given, average="micro")[:3])
figure, axes = plt.subplots(figsize=(6, 3.8), layout="constrained")
for name, values in zip(("precision", "recall", "F1"), np.transpose(found), strict=True):
    axes.plot(thresholds, values, label=name)
axes.axvline(model.threshold_, color="gray", linestyle="--", label='threshold="f1"')
axes.set(
    title="Subjects given to 2,000 books", xlabel="threshold", ylabel="of all pairs", ylim=(0, 1)
)
axes.legend()
plt.show()
