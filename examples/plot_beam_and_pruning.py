"""
Beam width and pruning: how much search is enough?
==================================================

A wider beam looks at more labels, a lower threshold keeps more weights. Both cost time. Neither
needs another training: the beam is read when a query comes, and
:meth:`~sklearn_xmr.XRLinearClassifier.prune` makes a smaller copy.
"""

from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
from sklearn.preprocessing import MultiLabelBinarizer

from sklearn_xmr import HierarchicalKMeansIndexer, WordNgramTfidf, XRLinearClassifier
from sklearn_xmr.datasets import load_book_subjects
from sklearn_xmr.metrics import recall_at_k

books = load_book_subjects()
binarizer = MultiLabelBinarizer(classes=books.label_names, sparse_output=True)
Y = binarizer.fit_transform(books.train_labels[:8_000])
Y_test = binarizer.transform(books.test_labels[:2_000])
vectorizer = WordNgramTfidf((1, 2), sublinear_tf=True)
X = vectorizer.fit_transform(books.train_texts[:8_000])
X_test = vectorizer.transform(books.test_texts[:2_000])

# %%
# Small leaves make a deeper tree, in which the beam has more to decide. ``prune_threshold=0.02``
# keeps weights from which larger thresholds are tried.

indexer = HierarchicalKMeansIndexer(branching_factor=8, max_leaf_size=10)
model = XRLinearClassifier(indexer, prune_threshold=0.02, random_state=0).fit(X, Y)

figure, axes = plt.subplots(figsize=(6.5, 4), layout="constrained")
for threshold in (0.02, 0.1, 0.3):
    pruned = model.prune(threshold)
    points = []
    for beam_width in (1, 2, 5, 10, 20, 50):
        pruned.set_params(beam_width=beam_width)
        seconds = []
        for _ in range(3):
            start = perf_counter()
            scores = pruned.predict_proba(X_test)
            seconds.append(perf_counter() - start)
        points.append((1e6 * min(seconds) / X_test.shape[0], recall_at_k(Y_test, scores, k=10)))
    axes.plot(*np.transpose(points), "o-", label=f"weights from {threshold}")
    if threshold == 0.02:
        for beam_width, point in zip((1, 2, 5, 10, 20, 50), points, strict=True):
            axes.annotate(f"{beam_width}", point, (0, 6), textcoords="offset points")
axes.set(
    title="Recall among ten, by the time of a query",
    xlabel="microseconds a row (numbers: beam width)",
    ylabel="recall@10",
    xscale="log",
)
axes.legend()
plt.show()

# %%
# A beam of one loses what its first decision loses. From ten on there is little to gain. High
# thresholds save time and memory, and cost more than the beam does.
