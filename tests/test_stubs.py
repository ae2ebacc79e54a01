"""Editors and type checkers are told what the package has."""

from pathlib import Path

import pytest

from helpers.stubs import MODULES, path_of, stub

# The ignored lines hold mistakes, which must be found.
PROGRAM = """
from sklearn_xmr import CharNgramTfidf, ProductRetriever, QueryAutocompleter, XRLinearClassifier
from sklearn_xmr import LabelTree, datasets, load, metrics, rank, surgery, top_labels

retriever = ProductRetriever(label_text={"H1": "Garden hose"}, random_state=0).fit([], [])
found: list[tuple[str, float]] = retriever.add_labels({"H2": "Hose reel"}).search("hose", k=3)
classifier = XRLinearClassifier(C=1, loss="log_loss", n_trees=3).fit([[1, 0], [0, 1]], ["a", "b"])
labels, scores = classifier.rank([[1, 0]], k=1, candidates=["a"])
tree: LabelTree = surgery.take_top(classifier, 1).label_tree_
completer = QueryAutocompleter(max_typos="auto").fit_sessions([["birds", "bird song"]])
texts = [text.upper() for text, score in completer.complete(None, "b")]
value: float = metrics.recall_at_k([[1, 0]], [[0.5, 0.1]], k=1)
best = [score + 1 for label, score in top_labels(load("model.xmr", mmap=True), "hose")]
times: list[float] = rank(classifier, [[1, 0]])[1].tolist()
reasons = retriever.explain("hose", "H1")
share: float = reasons.probability + metrics.brier_score_at_k([[1, 0]], [[0.5, 0.1]]).base_rate
query: str = datasets.normalize_query("Hose", form=None)

CharNgramTfidf(analyzer="words")  # type: ignore[arg-type]
XRLinearClassifier(c=1)  # type: ignore[call-arg]
retriever.search(["hose"])  # type: ignore[arg-type]
reasons.words  # type: ignore[attr-defined]
retriever.search("hose")[0].name  # type: ignore[attr-defined]
"""


@pytest.mark.parametrize("name", MODULES)
def test_a_stub_is_what_signatures_and_docstrings_say(name):
    assert path_of(name).read_text(encoding="utf-8") == stub(name), (
        "Write it again: PYTHONPATH=.:tests python tests/helpers/stubs.py"
    )


def test_a_program_that_uses_public_names_is_checked(tmp_path):
    api = pytest.importorskip("mypy.api")
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    # In a clone, the stubs are the checked program's own; scikit-learn's classes have no types.
    options = ["--strict", "--ignore-missing-imports", "--allow-subclassing-any"]
    report, errors, status = api.run([*options, f"--cache-dir={tmp_path}", str(program)])
    assert (report.splitlines()[-1:], errors, status) == (
        ["Success: no issues found in 1 source file"],
        "",
        0,
    ), report


def test_the_package_says_that_it_has_types():
    assert Path(path_of("sklearn_xmr")).with_name("py.typed").is_file()
