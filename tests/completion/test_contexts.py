"""More than one previous query: what each counts, by hand, and that it helps."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from sklearn_xmr import CooccurrenceCompleter, MostFrequentCompleter, QueryAutocompleter
from sklearn_xmr._completion.counted_log import CountedLog
from sklearn_xmr._completion.normalization import Normalizer
from sklearn_xmr._completion.query_features import QueryFeatures
from sklearn_xmr._completion.query_prior import QueryPrior
from sklearn_xmr._completion.steered_search import Typed
from sklearn_xmr._completion.training_rows import TrainingRows

COMPLETERS = [MostFrequentCompleter(), CooccurrenceCompleter(), QueryAutocompleter(random_state=0)]
every = pytest.mark.parametrize("completer", COMPLETERS, ids=lambda c: type(c).__name__)

PAIRS = [("birds", "songs"), ("birds", "nests"), ("music", "songs"), ("music", "scales"), ("", "x")]
CONTEXT = ("fishes", "music", "birds")


@every
def test_one_query_is_a_context_of_one(completer):
    model = clone(completer).fit([(a, b[:1]) for a, b in PAIRS], [b for _, b in PAIRS])
    for context in (
        ["birds"],
        ("", "birds"),
        [None, "", "birds"],
        np.array(["birds"], dtype=object),
    ):
        assert model.complete(context, "") == model.complete("birds", "")
    assert model.complete([], "s") == model.complete("", "s") == model.complete([""], "s")
    rows = [(("fishes", "birds"), "s"), ("birds", ""), (None, "n"), ([], "")]
    frame = pd.DataFrame({"previous": [row[0] for row in rows], "typed": [row[1] for row in rows]})
    labels, _ = model.rank(rows, k=3)
    assert_array_equal(clone(completer).fit(frame, ["a"] * 4).queries_, ["a"])
    for (context, prefix), found in zip(rows, labels, strict=True):
        expected = [query for query, _ in model.complete(context, prefix, 3)]
        assert found.tolist() == expected + [""] * (3 - len(expected))


@every
def test_the_newest_is_the_query_just_asked(completer):
    model = clone(completer).fit_sessions([["a", "b"], ["b", "a"], ["a"], ["c"]])
    assert {query for query, _ in model.complete(("a", "b"), "")} == {"a", "c"}
    assert {query for query, _ in model.complete(("b", "a"), "")} == {"b", "c"}


@every
def test_in_the_form_of_a_normalizer(completer):
    model = clone(completer).set_params(normalizer=str.strip)
    model.fit([((" birds ", "music"), "s"), ("x", "n")], ["songs", "nests"])
    expected = model.complete(("birds", "music"), "")
    assert model.complete((" birds", " ", "music "), "") == expected


@every
@pytest.mark.parametrize("context", [[1], [b"a"], ["a", ["b"]], {"a"}, 3])
def test_what_is_no_context(completer, context):
    model = clone(completer).fit_sessions([["a", "b"]])
    with pytest.raises(TypeError, match=r"previous.* must be a text"):
        model.complete(context, "")
    with pytest.raises(TypeError, match=r"X\[0\]\[0\].* must be a text"):
        model.rank([(context, "")])


def priors(prior, contexts, n_queries):
    """The prior probabilities of all queries after each context."""
    positions = np.tile(np.arange(n_queries, dtype=np.int32), (len(contexts), 1))
    nobody = np.full(len(contexts), -1, dtype=np.int32)
    typed = Typed(contexts, [""] * len(contexts), nobody, prior.starts(contexts))
    found = positions, np.zeros(positions.shape, dtype=np.float32)
    best, paths = prior.best(typed, n_queries, *found, 1.0, np.empty(0, dtype=np.int32))
    return np.exp(np.take_along_axis(paths, np.argsort(best, axis=1), axis=1))


def test_the_prior_is_a_weighted_mean_of_walks():
    log = CountedLog.of(TrainingRows.of(PAIRS, [b for _, b in PAIRS], None, Normalizer(None)))
    prior = QueryPrior(log.pairs, log.counts())
    share, n_queries = log.counts() / 5, len(log.queries)
    of_birds, of_music = priors(prior, ["birds", "music"], n_queries) - 0.1 * share
    # Nobody has asked for fishes: nothing is known of what follows.
    mixed = 0.1 * share + (of_birds + 0.7 * of_music) / 1.7
    assert_allclose(priors(prior, [CONTEXT], n_queries)[0], mixed)
    both = priors(prior, [CONTEXT, "birds"], n_queries)
    assert_allclose(both, [mixed, 0.1 * share + of_birds])
    assert_allclose(priors(prior, [("fishes", "cars")], n_queries)[0], share)


def test_features_are_a_weighted_sum():
    texts = ["birds", "music", "fishes", "birds music"]
    features = QueryFeatures(None, None)
    features.fit_transform(texts, ["b", "m", "f", "b"])
    birds, music, fishes = (
        features._of_queries([text]).to_scipy().toarray()[0]
        for text in ("birds", "music", "fishes")
    )
    expected = birds + 0.7 * music + 0.49 * fishes
    expected *= np.linalg.norm(birds) / np.linalg.norm(expected)
    found = features._of_contexts([CONTEXT, "music"]).to_scipy().toarray()
    assert_allclose(found, [expected, music], rtol=1e-6)
    assert not features._of_contexts([("x", "y"), "z"]).to_scipy().toarray().any()


def test_what_was_asked_earlier_decides():
    rng = np.random.default_rng(0)
    X, y = [], []
    for _ in range(300):
        topic = int(rng.integers(3))
        y.append(["bird song", "bass song", "swan song"][topic] + " " + "abc"[int(rng.integers(3))])
        X.append(((["birds", "music", "ballet"][topic], "songs"), ""))
    model = QueryAutocompleter(random_state=0).fit(X, y)
    for context, first in (("birds", "bird"), ("music", "bass"), ("ballet", "swan")):
        found = [query for query, _ in model.complete((context, "songs"), "", k=3)]
        assert all(query.startswith(first) for query in found)
