"""The Annif backend, through Annif's own command line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import sklearn_xmr
from sklearn_xmr.datasets import load_book_subjects

pytest.importorskip("annif")

FOLDERS = [Path(__file__).parent, Path(sklearn_xmr.__file__).parents[1]]
PROJECTS = """
[books]
language=en
backend=xmr
analyzer=snowball(english)
vocab=subjects{rule}

[peer]
language=en
backend=tfidf
analyzer=snowball(english)
vocab=subjects
"""
TEXT = "a history of railways"


def uri(number):
    return f"http://example.org/{number}"


class Annif:
    """Annif in a folder of its own; what a command prints is returned."""

    def __init__(self, folder):
        self.folder = folder
        # A sentence splitter that has learned nothing, in place of one to download.
        punkt = folder / "nltk" / "tokenizers" / "punkt_tab" / "english"
        punkt.mkdir(parents=True)
        tables = "collocations.tab", "sent_starters.txt", "abbrev_types.txt", "ortho_context.tab"
        for name in tables:
            (punkt / name).touch()
        self.set_rule("")

    def set_rule(self, rule):
        (self.folder / "projects.cfg").write_text(PROJECTS.format(rule=rule))

    def __call__(self, *arguments, stdin=None):
        paths = [*map(str, FOLDERS), os.environ.get("PYTHONPATH", "")]
        own = {"ANNIF_CONFIG": "sklearn_xmr_annif.Config", "NLTK_DATA": str(self.folder / "nltk")}
        process = subprocess.run(
            [sys.executable, "-c", "from annif.cli import cli; cli()", *arguments],
            cwd=self.folder,
            env=os.environ | own | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
            input=stdin,
            capture_output=True,
            text=True,
        )
        assert process.returncode == 0, process.stderr
        return process.stdout

    def suggest(self, text):
        lines = self("suggest", "books", "-l", "5", stdin=text).splitlines()
        return [line.split("\t") for line in lines]


@pytest.fixture(scope="module")
def annif(tmp_path_factory):
    folder = tmp_path_factory.mktemp("annif")
    books = load_book_subjects()
    numbers = {name: number for number, name in enumerate(books.label_names)}
    subjects = "".join(f"<{uri(number)}>\t{name}\n" for name, number in numbers.items())
    (folder / "subjects.tsv").write_text(subjects, encoding="utf-8")
    for part in ("train", "test"):
        texts, labels = books[f"{part}_texts"], books[f"{part}_labels"]
        lines = [
            f"{text}\t{' '.join(f'<{uri(numbers[name])}>' for name in names)}\n"
            for text, names in zip(texts, labels, strict=True)
        ]
        (folder / f"{part}.tsv").write_text("".join(lines), encoding="utf-8")
    annif = Annif(folder)
    annif("load-vocab", "subjects", "--language", "en", "subjects.tsv")
    return annif


def test_trains_suggests_evaluates_and_excludes(annif):
    annif("train", "-j", "1", "books", "train.tsv")
    (first, name, score), *others = annif.suggest(TEXT)
    assert "railway" in name
    assert 0 < float(score) <= 1
    assert annif.suggest("qqqqq vvvvv") == []

    # Excluded after training: the others stay, with their scores.
    annif.set_rule(f"(exclude={first.strip('<>')})")
    without = annif.suggest(TEXT)
    assert without[: len(others)] == others
    # Before: it is in no training document either.
    annif("train", "-j", "1", "books", "train.tsv")
    assert first not in [found for found, *_ in annif.suggest(TEXT)]


def test_is_better_than_tfidf_of_annif(annif):
    annif.set_rule("")
    scores = {}
    for project in ("books", "peer"):
        annif("train", "-j", "1", project, "train.tsv")
        annif("eval", "-j", "1", "-l", "5", "-M", f"{project}.json", project, "test.tsv")
        scores[project] = json.loads((annif.folder / f"{project}.json").read_text())["F1@5"]
    assert scores["books"] > scores["peer"]


def test_untrained_and_cached(annif):
    annif("clear", "books")
    with pytest.raises(AssertionError, match="Project is not trained"):
        annif.suggest(TEXT)
    with pytest.raises(AssertionError, match="cached data not supported"):
        annif("train", "--cached", "books")
