"""The embedded job titles: what the loader promises, and nothing odd in the texts."""

import re
from itertools import chain

import pytest
from sklearn.utils import Bunch

from sklearn_xmr.datasets import load_job_titles


@pytest.fixture(scope="module")
def jobs():
    return load_job_titles()


def test_shapes_and_types(jobs):
    assert isinstance(jobs, Bunch)
    assert set(jobs) == {
        "train_titles",
        "train_occupations",
        "test_titles",
        "test_occupations",
        "label_text",
        "DESCR",
    }
    assert (len(jobs.train_titles), len(jobs.test_titles)) == (6_523, 3_000)
    assert (len(jobs.train_occupations), len(jobs.test_occupations)) == (6_523, 3_000)
    assert len(jobs.label_text) == 3_007
    for occupations in jobs.train_occupations + jobs.test_occupations:
        assert type(occupations) is list
        assert 1 <= len(occupations) <= 4
        assert occupations == sorted(set(occupations))


def test_every_occupation_has_its_name_and_a_sentence_for_text(jobs):
    assert list(jobs.label_text) == sorted(jobs.label_text)
    for occupation, text in jobs.label_text.items():
        name, _, sentence = text.partition(": ")
        assert name == occupation
        assert len(sentence) > 20, text


def test_more_than_a_third_of_the_occupations_is_cold(jobs):
    known = set(chain.from_iterable(jobs.train_occupations))
    asked = set(chain.from_iterable(jobs.test_occupations))
    assert known | asked <= set(jobs.label_text)
    assert len(set(jobs.label_text) - known) == 1_181
    cold = [row for row in jobs.test_occupations if not known.intersection(row)]
    assert 0.33 < len(cold) / len(jobs.test_occupations) < 0.4


def test_no_title_is_in_both_parts(jobs):
    titles = jobs.train_titles + jobs.test_titles
    assert len({" ".join(re.findall(r"\w+", title.casefold())) for title in titles}) == len(titles)


def test_order_is_not_sorted(jobs):
    """A split without shuffling must not cut the alphabet."""
    n = len(jobs.train_titles)
    early = sum(a < b for a, b in zip(jobs.train_titles, jobs.train_titles[1:], strict=False))
    assert 0.48 * n < early < 0.52 * n


def test_texts_are_clean(jobs):
    for text in chain(jobs.train_titles, jobs.test_titles, *jobs.label_text.items()):
        assert text.isprintable(), text
        assert text == " ".join(text.split())
        assert any(character.isalpha() for character in text), text
        assert not set(text) & set("|Â\\"), text


def test_calls_are_independent(jobs):
    other = load_job_titles()
    assert other == jobs
    other.train_occupations[0].clear()
    other.label_text.clear()
    assert jobs.train_occupations[0]
    assert load_job_titles() == jobs


def test_source_and_terms_are_named(jobs):
    for text in (jobs.DESCR, load_job_titles.__doc__):
        for name in ("ESCO", "1.1.1", "European Union", "European Commission"):
            assert name in text
        assert re.search(r"changes\s+made: sampled", text, re.IGNORECASE)
    assert "Reuse is authorised with acknowledgement" in jobs.DESCR
    for count in ("6,523", "3,000", "3,007", "1,181"):
        assert count in jobs.DESCR
