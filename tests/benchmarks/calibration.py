"""Measure probabilities: how they are calibrated, what they say, and thresholds chosen by them.

Two parts, one Markdown table each:

- probabilities of `CalibratedRanker`, by both methods, and of the classifier alone on titles of
  `finna_subjects`: calibration error, Brier score and log loss over the best label and the ten best
  of each test row, beside the base rate by rank;
- micro-F1 on the 15 most frequent labels of `stackex_cs`, of which a third of the rows have none,
  beside scikit-learn's one-vs-rest LinearSVC with thresholds tuned on the same folds: one for all
  labels, or one for each.
"""

import gzip
import tempfile
import warnings
from pathlib import Path

import numpy as np
from command_line import parser_with_data_dir
from scipy import sparse
from sklearn.base import clone
from sklearn.metrics import f1_score
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MultiLabelBinarizer, normalize
from sklearn.svm import LinearSVC

from sklearn_xmr import CalibratedRanker, WordNgramTfidf, XRLinearClassifier
from sklearn_xmr.metrics import brier_score_at_k, calibration_error_at_k, precision_at_k
from sklearn_xmr.metrics._calibration import top_pairs


def main():
    parser = parser_with_data_dir(__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="training titles")
    parser.add_argument("--test-rows", type=int, default=20_000)
    parser.add_argument("--n-jobs", type=int, default=1)
    options = parser.parse_args()
    thresholds(options.data_dir)
    probabilities(options.data_dir, options.rows, options.test_rows, options.n_jobs)


def probabilities(data_dir, n_rows, n_test, n_jobs):
    """Print calibration on the titles."""
    texts, subjects = titles(data_dir, n_rows + n_test)
    warnings.simplefilter("ignore")  # subjects that training lacks
    binarizer = MultiLabelBinarizer(sparse_output=True).fit(subjects[:n_rows])
    Y, Y_test = binarizer.transform(subjects[:n_rows]), binarizer.transform(subjects[n_rows:])
    print(f"\n{n_rows} titles, {Y.shape[1]} subjects, {n_test} test rows\n")
    print("| method | k | P@k | ECE | floor | Brier | base | gain % | log loss | base | gain % |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as memory:
        classifier = XRLinearClassifier(random_state=0, memory=memory, n_jobs=n_jobs)
        # With the vectorizer inside: rows out of fold have words that are new, too.
        pipeline = make_pipeline(WordNgramTfidf(), classifier)
        models = {"none": clone(pipeline).fit(texts[:n_rows], Y)}
        for method in ("logistic", "isotonic"):
            model = CalibratedRanker(pipeline, method=method, random_state=0)
            models[method] = model.fit(texts[:n_rows], Y)
        for method, model in models.items():
            scores = model.predict_proba(texts[n_rows:])
            for k in (1, 10):
                print("|", " | ".join(map(str, (method, k, *figures(Y_test, scores, k)))), "|")


def figures(Y, scores, k):
    """Return what stands in a row of the table."""
    error, brier = calibration_error_at_k(Y, scores, k), brier_score_at_k(Y, scores, k)
    found, is_true, ranks = top_pairs(Y, scores, k)
    rates = np.bincount(ranks, is_true) / np.maximum(np.bincount(ranks), 1)
    loss, base = log_loss(found, is_true), log_loss(rates[ranks], is_true)
    return (
        f"{100 * precision_at_k(Y, scores, k):.2f}",
        f"{error.error:.4f}",
        f"{error.noise_floor:.4f}",
        f"{brier.score:.4f}",
        f"{brier.base_rate:.4f}",
        f"{100 * (1 - brier.score / brier.base_rate):.1f}",
        f"{loss:.4f}",
        f"{base:.4f}",
        f"{100 * (1 - loss / base):.1f}",
    )


def log_loss(p, is_true):
    """Return the mean logarithmic loss."""
    p = np.clip(p, 1e-7, 1 - 1e-7)
    return -np.mean(np.where(is_true, np.log(p), np.log1p(-p)))


def thresholds(data_dir, n_labels=15):
    """Print micro-F1 with tuned thresholds, on the test rows."""
    X, Y, X_test, Y_test = (
        sparse.csr_array(sparse.load_npz(data_dir / "stackex_cs" / f"{name}.npz"))
        for name in ("X_train", "Y_train", "X_test", "Y_test")
    )
    frequent = np.argsort(-Y.sum(axis=0), kind="stable")[:n_labels]
    Y, Y_test = (1 * (y[:, frequent].toarray() != 0) for y in (Y, Y_test))
    X, X_test = (normalize(x.astype(np.float32)) for x in (X, X_test))
    print(f"{len(Y)} rows, {np.mean(~Y.any(axis=1)):.0%} without labels, {len(Y_test)} test rows\n")
    print("| model | micro-F1 % | labels a row |\n|---|---|---|")
    for seed in range(3):
        folds = KFold(3, shuffle=True, random_state=seed)
        peer = OneVsRestClassifier(LinearSVC()).fit(X, Y)
        margins = cross_val_predict(peer, X, Y, cv=folds, method="decision_function")
        found = {
            "LinearSVC, threshold 0": peer.predict(X_test),
            "LinearSVC, one threshold": peer.decision_function(X_test) >= best(margins, Y),
            "LinearSVC, one for each label": peer.decision_function(X_test)
            >= [best(margins[:, [j]], Y[:, [j]]) for j in range(n_labels)],
        }
        classifier = XRLinearClassifier(random_state=seed)
        found["classifier"] = classifier.fit(X, Y).predict(X_test)
        for method in ("logistic", "isotonic"):
            model = CalibratedRanker(classifier, method=method, threshold="f1", cv=folds)
            found[f"calibrated, {method}"] = model.fit(X, Y).predict(X_test)
        for name, predicted in found.items():
            score = 100 * f1_score(Y_test, predicted, average="micro")
            print(f"| {name} | {score:.2f} | {np.mean(np.sum(predicted, axis=1)):.2f} |")


def best(scores, Y):
    """Return the threshold of the best micro-F1."""
    order = np.argsort(-scores, axis=None)
    hits, given = np.cumsum(Y.ravel()[order]), np.arange(1, Y.size + 1)
    return scores.ravel()[order][np.argmax(2 * hits / (given + Y.sum()))]


def titles(data_dir, n_rows):
    """Return titles and their subjects, drawn at random."""
    with gzip.open(Path(data_dir) / "finna_subjects" / "train.tsv.gz", "rt", encoding="utf-8") as f:
        rows = [line.rstrip("\n").split("\t") for line in f]
    drawn = np.random.default_rng(0).permutation(len(rows))[:n_rows]
    return [rows[i][0] for i in drawn], [rows[i][1].split("|") for i in drawn]


if __name__ == "__main__":
    main()
