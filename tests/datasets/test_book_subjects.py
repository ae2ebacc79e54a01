"""The embedded data: what the loaders promise, and nothing odd in the texts."""

import re
from collections import Counter
from importlib.resources import files

import pytest
from sklearn.utils import Bunch

from sklearn_xmr.datasets import load_book_subjects


@pytest.fixture(scope="module")
def books():
    return load_book_subjects()


def main_title(title):
    return " ".join(re.findall(r"\w+", title.split(" : ")[0].casefold()))


def test_shapes_and_types(books):
    assert isinstance(books, Bunch)
    assert set(books) == {
        "train_texts",
        "train_labels",
        "test_texts",
        "test_labels",
        "label_names",
        "DESCR",
    }
    assert (len(books.train_texts), len(books.test_texts)) == (60_888, 6_766)
    assert (len(books.train_labels), len(books.test_labels)) == (60_888, 6_766)
    assert len(books.label_names) == 2_861
    for headings in books.train_labels + books.test_labels:
        assert type(headings) is list
        assert 2 <= len(headings) <= 12
        assert headings == sorted(set(headings))


def test_every_heading_can_be_learnt(books):
    n_train = Counter(heading for headings in books.train_labels for heading in headings)
    assert books.label_names == sorted(n_train)
    assert min(n_train.values()) >= 16
    assert set().union(*books.test_labels) <= set(n_train)


def test_no_title_leaks_into_the_test_set(books):
    texts = books.train_texts + books.test_texts
    assert len({" ".join(re.findall(r"\w+", text.casefold())) for text in texts}) == len(texts)
    train = {main_title(text) for text in books.train_texts}
    assert not [text for text in books.test_texts if main_title(text) in train]


def test_order_is_not_sorted(books):
    """A split without shuffling must not cut the alphabet."""
    n = len(books.train_texts)
    early = sum(a < b for a, b in zip(books.train_texts, books.train_texts[1:], strict=False))
    assert 0.48 * n < early < 0.52 * n


def test_texts_are_clean(books):
    for text in books.train_texts + books.test_texts + books.label_names:
        assert text.isprintable(), text
        assert text == " ".join(text.split())
        assert any(character.isalpha() for character in text), text
        assert "|" not in text


def test_calls_are_independent(books):
    other = load_book_subjects()
    assert other == books
    other.train_labels[0].clear()
    other.label_names.clear()
    assert books.train_labels[0]
    assert load_book_subjects() == books


def test_source_and_licences_are_named(books):
    for text in (books.DESCR, load_book_subjects.__doc__):
        for name in ("National Library of Finland", "Finna", "CC0", "YSO", "CC BY 4.0"):
            assert name in text
        assert re.search(r"changes\s+made: sampled", text, re.IGNORECASE)
    for count in ("60,888", "6,766", "2,861"):
        assert count in books.DESCR


def test_embedded_files_stay_small():
    data = files("sklearn_xmr.datasets") / "data"
    assert sum(len(file.read_bytes()) for file in data.iterdir()) < 2_000_000
