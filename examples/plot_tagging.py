"""
Tagging: which subjects does a book have?
=========================================

A library has thousands of subject headings, and a book a handful of them. Its title alone tells
more than one might think.
"""

# %%
# 15,000 titles with their subjects, a list for each title.

import matplotlib.pyplot as plt
from sklearn.pipeline import make_pipeline

from sklearn_xmr import WordNgramTfidf, XRLinearClassifier, rank, top_labels
from sklearn_xmr.datasets import load_book_subjects
from sklearn_xmr.metrics import precision_at_k

books = load_book_subjects()
titles, subjects = books.train_texts[:15_000], books.train_labels[:15_000]
test_titles, test_subjects = books.test_texts[:2_000], books.test_labels[:2_000]

model = make_pipeline(
    WordNgramTfidf((1, 2), sublinear_tf=True), XRLinearClassifier(random_state=0)
).fit(titles, subjects)

# %%
# Titles that nobody has written yet:

for title in ("Climate change and agriculture", "Machine learning for medical images"):
    print(title)
    for subject, score in top_labels(model, title, k=3):
        print(f"  {score:.2f}  {subject}")

# %%
# How many of the subjects shown are right? And what are more titles worth?

ks = [1, 2, 3, 4, 5]
figure, axes = plt.subplots(figsize=(6, 3.5), layout="constrained")
for n_titles in (1_000, 5_000, 15_000):
    found, _ = rank(model.fit(titles[:n_titles], subjects[:n_titles]), test_titles, k=5)
    precisions = [precision_at_k(test_subjects, found, k=k) for k in ks]
    axes.plot(ks, precisions, "o-", label=f"{n_titles:,} titles to learn from")
axes.set(
    title="Subjects of a book from its title",
    xlabel="subjects shown",
    ylabel="share that is right",
    ylim=(0, None),
)
axes.set_xticks(ks)
axes.legend()
plt.show()
