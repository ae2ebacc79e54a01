"""
Product retrieval: from a query to the best of thousands of headings
====================================================================

A search box turns a few words, often misspelt, into the few right products out of very many. Here
the texts are titles of books and the products are the subject headings that librarians gave them
(:func:`~sklearn_xmr.datasets.load_book_subjects`), but nothing else is different. The features are
those of product search [1]_: word n-grams and character trigrams, weighted by tf-idf.

.. [1] Chang et al., "Extreme Multi-label Learning for Semantic Matching in Product Search", KDD
   2021.
"""

# %%
# The data
# --------
# Every title has a list of headings. A sparse indicator matrix holds them, a column per heading.

from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
from sklearn.base import clone
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import MultiLabelBinarizer

from sklearn_xmr import CharNgramTfidf, WordNgramTfidf, XRLinearClassifier, rank
from sklearn_xmr.datasets import load_book_subjects
from sklearn_xmr.metrics import recall_at_k

books = load_book_subjects()
binarizer = MultiLabelBinarizer(sparse_output=True).fit([books.label_names])
Y_train = binarizer.transform(books.train_labels)
Y_test = binarizer.transform(books.test_labels)
headings = binarizer.classes_
print(f"{Y_train.shape[0]} titles for training, {Y_test.shape[0]} for testing")
print(f"{Y_train.shape[1]} headings, {Y_train.nnz / Y_train.shape[0]:.1f} for a title")

# %%
# The model
# ---------
# Words say what a title is about, their n-grams keep phrases together, and character trigrams still
# match where a word is misspelt or has another ending.

features = {
    "words": WordNgramTfidf(sublinear_tf=True),
    "word 1-3-grams": WordNgramTfidf((1, 3), min_df=2, sublinear_tf=True),
    "character trigrams": CharNgramTfidf(),
}
features["word 1-3-grams and character trigrams"] = FeatureUnion(
    [(name, features[name]) for name in ("word 1-3-grams", "character trigrams")]
)


def make_model(features):
    """A retrieval pipeline: text in, ranked headings out."""
    return Pipeline(
        [("features", clone(features)), ("classifier", XRLinearClassifier(random_state=0))]
    )


# %%
# What the features are worth
# ---------------------------
# Recall\@10 is the share of a title's headings that are among the ten best.

models = {}
for name, extractor in features.items():
    start = perf_counter()
    model = models[name] = make_model(extractor).fit(books.train_texts, Y_train)
    seconds = perf_counter() - start
    recall = recall_at_k(Y_test, model.predict_proba(books.test_texts), k=10)
    print(f"{name:38}  recall@10 {recall:.3f}  trained in {seconds:.1f} s")

# %%
# Queries
# -------
# The second is the first as a hurried person types it. No word of it is known, but its trigrams
# still lead to the right headings.

union = models["word 1-3-grams and character trigrams"]
queries = [
    "medieval church history",
    "medeival curch histroy",
    "introduction to quantum chemistry",
    "econometric analysis",
]
for query in queries:
    labels, scores = rank(union, [query], k=10)
    print(f"\n{query}")
    for label, score in zip(labels[0], scores[0], strict=True):
        print(f"  {score:8.2g}  {headings[label]}")

# %%
# The same misspelt query for words alone:

labels, _ = rank(models["word 1-3-grams"], [queries[1]], k=3)
print(queries[1], "->", list(headings[labels[0]]))

# %%
# How long an answer takes, from text to ranking, one query at a time:

times = []
for title in books.test_texts[:500]:
    start = perf_counter()
    rank(union, [title], k=10)
    times.append(1000 * (perf_counter() - start))
print(f"median {np.median(times):.2f} ms, 99th percentile {np.percentile(times, 99):.2f} ms")

# %%
# Speed against recall
# --------------------
# Two parameters trade one for the other without training again: `beam_width` is read when the model
# is asked, and :meth:`~sklearn_xmr.XRLinearClassifier.prune` makes a smaller copy.

X_test = union[:-1].transform(books.test_texts)
thresholds = [0.1, 0.2, 0.3, 0.5]
beam_widths = [1, 2, 5, 10, 20, 50]
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
for threshold in thresholds:
    pruned = union[-1].prune(threshold)
    recalls, microseconds = [], []
    for beam_width in beam_widths:
        pruned.set_params(beam_width=beam_width)
        start = perf_counter()
        Y_score = pruned.predict_proba(X_test)
        microseconds.append(1e6 * (perf_counter() - start) / X_test.shape[0])
        recalls.append(recall_at_k(Y_test, Y_score, k=10))
    left.plot(beam_widths, recalls, marker="o", label=f"prune_threshold {threshold}")
    right.plot(beam_widths, microseconds, marker="o")
left.set(xlabel="beam width", ylabel="recall@10", xscale="log")
right.set(
    xlabel="beam width", ylabel="microseconds per query, in batch", xscale="log", yscale="log"
)
left.legend()
plt.show()
