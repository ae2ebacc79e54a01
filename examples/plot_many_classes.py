"""
Very many classes: how does time grow?
======================================

One-versus-rest trains and asks every class. A label tree asks a few hundred, however many there
are. Made-up data: eight rows for each class, of thirty words out of a vocabulary that grows with
the classes.
"""

from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
from scipy.sparse import csr_array
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from sklearn_xmr import XRLinearClassifier


def made_up(n_classes, rows_per_class=8, n_words=30):
    """Rows that take half of their words from those of their class, and half at random."""
    rng = np.random.default_rng(0)
    n_features = 2_000 + 5 * n_classes
    own = rng.integers(n_features, size=(n_classes, 40))
    y = np.arange(n_classes).repeat(rows_per_class)
    half = n_words // 2
    words = np.hstack(
        [
            np.take_along_axis(own[y], rng.integers(40, size=(len(y), half)), axis=1),
            rng.integers(n_features, size=(len(y), half)),
        ]
    )
    rows = np.arange(len(y), dtype=np.int32).repeat(2 * half)
    X = csr_array(
        (np.ones(words.size, dtype=np.float32), (rows, words.ravel().astype(np.int32))),
        (len(y), n_features),
    )
    return normalize(X), y


# %%
# One-versus-rest is tried up to 300 classes, to save your time.

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
models = {
    "LinearSVC": (LinearSVC(), (30, 100, 300)),
    "XRLinearClassifier": (
        XRLinearClassifier(random_state=0),
        (30, 100, 300, 1_000, 3_000, 10_000),
    ),
}
for name, (model, numbers) in models.items():
    fit_seconds, row_microseconds = [], []
    for number in numbers:
        X, y = made_up(number)
        test = np.arange(len(y)) % 4 == 0
        start = perf_counter()
        model.fit(X[~test], y[~test])
        fit_seconds.append(perf_counter() - start)
        accuracy = model.score(X[test], y[test])
        start = perf_counter()
        model.predict(X)
        row_microseconds.append(1e6 * (perf_counter() - start) / len(y))
        print(f"{name:20} {number:6,} classes  {fit_seconds[-1]:6.2f} s  accuracy {accuracy:.2f}")
    left.loglog(numbers, fit_seconds, "o-", label=name)
    right.loglog(numbers, row_microseconds, "o-", label=name)
left.set(title="to fit", xlabel="classes", ylabel="seconds")
right.set(title="to predict a row", xlabel="classes", ylabel="microseconds")
left.legend()
plt.show()
