"""Whatever is typed, every completer with every option answers."""

import random
from functools import partial

import pytest

from sklearn_xmr import CooccurrenceCompleter, MostFrequentCompleter, QueryAutocompleter
from sklearn_xmr.datasets import normalize_query

SESSIONS = [
    *[["white paint", "garden hose", "lawn mower", "ceiling fan"]] * 3,
    ["שלום עולם", "مرحبا بالعالم", "日本語 テスト", "한국어 검색"],
    [
        "crème brûlée",
        "e\u0301toile",
        "😀 party",
        "👩\u200d👩\u200d👧 family",
        "\u202eabc",
        "a\ud800b",
    ],
    ["a" * 300, "a" * 299 + "b", "x " * 100, "\0", "\t"],
]
# Letters, controls, white space, combining marks, right to left, lone surrogates, emoji.
LETTERS = (
    "abcdefghijklmnopqrstuvwxyz \0\x01\x7f\t\n\r\x1b\u00a0\u2028\u3000\u0301\u0327\u200d\u202e"
)
LETTERS += "אבגדمرحبا日本語한국é😀👩🏳\ud800\udfff\U0010ffff'-_"
LONG = ["a" * 100_000, "a b " * 25_000, "\u0301" * 100_000, "😀" * 100_000, " " * 100_000]
OPTIONS = {
    "as they are": {},
    "typos": {"max_typos": 2},
    "words": {"max_typos": "auto", "inner_words": True},
    "all": {
        "max_typos": "auto",
        "inner_words": True,
        "merge_variants": True,
        "normalizer": partial(normalize_query, strip_accents=True, split_syllables=True),
    },
}
COMPLETERS = [
    MostFrequentCompleter,
    CooccurrenceCompleter,
    partial(QueryAutocompleter, random_state=0),
]


def typed(rng):
    """Random letters, or a query with some of them in it."""
    if rng.random() < 0.5:
        return "".join(rng.choices(LETTERS, k=rng.randrange(40)))
    query = rng.choice(rng.choice(SESSIONS))
    for _ in range(rng.randrange(4)):
        place = rng.randint(0, len(query))
        query = query[:place] + rng.choice(LETTERS) + query[place:]
    return query[: rng.randint(0, len(query))]


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("make", COMPLETERS, ids=["frequent", "cooccurrence", "model"])
def test_any_typing_is_answered(make, options):
    completer = make(**options).fit_sessions(SESSIONS)
    rng = random.Random(0)
    rows = [(typed(rng), typed(rng)) for _ in range(200)]
    rows += [("", text) for text in LONG] + [(text, "a") for text in LONG]
    known = set(completer.queries_)
    for previous, prefix in rows:
        found = completer.complete(previous, prefix, k=5)
        queries = [query for query, _ in found]
        assert len(queries) == len(set(queries)) <= 5
        assert known.issuperset(queries)
        assert all(score == score and abs(score) < float("inf") for _, score in found)


def test_filling_up_answers_anything():
    completer = QueryAutocompleter(fill_up=True, random_state=0).fit_sessions(SESSIONS)
    rng = random.Random(0)
    for text in [*LONG, *(typed(rng) for _ in range(100))]:
        assert len(completer.complete("", text, k=5)) == 5
