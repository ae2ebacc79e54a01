"""Every benchmark of the asv suite runs, on some of its data, with the first parameters."""

import inspect

import pytest
from benchmarks.asv_suite import (
    bench_completion,
    bench_fit,
    bench_kernels,
    bench_rank,
    bench_vectorizer,
    common,
)

from sklearn_xmr.datasets import load_book_subjects

SUITES = [
    bench_completion.Completion,
    bench_fit.Fit,
    bench_fit.Index,
    bench_kernels.Kernels,
    bench_rank.Rank,
    bench_vectorizer.Vectorizer,
]


@pytest.fixture
def few_books(monkeypatch):
    books = load_book_subjects()
    for name in ("train_texts", "train_labels", "test_texts", "test_labels"):
        books[name] = books[name][:500]
    for module in (common, bench_vectorizer):
        monkeypatch.setattr(module, "books", lambda: books)
    common.matrices.cache_clear()


@pytest.mark.usefixtures("few_books")
@pytest.mark.parametrize("suite_class", SUITES, ids=lambda suite_class: suite_class.__name__)
def test_benchmarks_run(suite_class):
    suite = suite_class()
    first = [values[0] for values in getattr(suite, "params", ())]
    if hasattr(suite, "setup_cache"):
        first.insert(0, suite.setup_cache())
    suite.setup(*first)
    timed = inspect.getmembers(suite, lambda member: inspect.ismethod(member))
    names = [name for name, _ in timed if name.startswith("time_")]
    assert names
    for name in names:
        getattr(suite, name)(*first)
