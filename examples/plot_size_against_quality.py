"""
Size against quality: how small can a model be?
===============================================

Most weights are small and decide little. How many can go?
"""

import pickle

import matplotlib.pyplot as plt
from sklearn.preprocessing import MultiLabelBinarizer

from sklearn_xmr import WordNgramTfidf, XRLinearClassifier
from sklearn_xmr.datasets import load_book_subjects
from sklearn_xmr.metrics import precision_at_k

books = load_book_subjects()
binarizer = MultiLabelBinarizer(classes=books.label_names, sparse_output=True)
Y = binarizer.fit_transform(books.train_labels[:8_000])
Y_test = binarizer.transform(books.test_labels[:2_000])
vectorizer = WordNgramTfidf((1, 2), sublinear_tf=True)
X = vectorizer.fit_transform(books.train_texts[:8_000])
X_test = vectorizer.transform(books.test_texts[:2_000])
model = XRLinearClassifier(prune_threshold=0.02, random_state=0).fit(X, Y)


# %%
# What a model takes in a file, and how often its best label is right:


def size_and_precision(model):
    """Megabytes and P@1."""
    megabytes = len(pickle.dumps(model)) / 1e6
    return megabytes, precision_at_k(Y_test, model.predict_proba(X_test), k=1)


thresholds = (0.02, 0.1, 0.2, 0.3, 0.5)
ways = {
    "by threshold": [model.prune(threshold) for threshold in thresholds],
    "by threshold, half precision": [
        model.prune(threshold, dtype="float16") for threshold in thresholds
    ],
    "most weights a node": [model.prune(max_weights=number) for number in (20, 50, 200)],
}
figure, axes = plt.subplots(figsize=(6.5, 4), layout="constrained")
for name, models in ways.items():
    sizes, precisions = zip(*map(size_and_precision, models), strict=True)
    axes.plot(sizes, precisions, "o-", label=name)
    print(
        f"{name:30}", *(f"{size:.1f} MB {p:.3f}" for size, p in zip(sizes, precisions, strict=True))
    )
axes.set(
    title="What is lost with the weights", xlabel="megabytes", ylabel="precision@1", xscale="log"
)
axes.legend()
plt.show()
