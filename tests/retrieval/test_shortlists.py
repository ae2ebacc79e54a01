"""What is found by text and by clicks, in one array, each product once."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.matrices import random_csr
from sklearn_xmr import XRLinearClassifier
from sklearn_xmr._growing import Numbering
from sklearn_xmr._matching.text_index import TextIndex
from sklearn_xmr._ranking.match_features import Words
from sklearn_xmr._retrieval.allowed import Allowed
from sklearn_xmr._retrieval.query import Queries
from sklearn_xmr._retrieval.shortlists import Matcher
from sklearn_xmr._sparse import Csr

RNG = np.random.default_rng(0)
Z = random_csr(RNG, (30, 20), 0.2)
X = random_csr(RNG, (12, 20), 0.3)
Y = (np.arange(12)[:, None] == np.arange(30)).astype(int)
MODEL = XRLinearClassifier(label_prior=Z, shortlist_size=4, random_state=0).fit(X, Y)
QUERIES = Queries(Csr.of(X), Words.of([[]] * 12, Numbering()))
MATCHER = Matcher(TextIndex.build(Z), 5).with_classifier(MODEL)


@given(st.integers(1, 9), st.sets(st.integers(0, 29)))
@settings(deadline=None)
def test_is_the_union_of_both(k, names):
    mask = np.isin(np.arange(30), list(names)) if names else None
    known = np.tile(np.int32([7, -1]), (12, 1))
    allowed = Allowed(mask) if names else None
    labels, scores = MATCHER.search(QUERIES, k, allowed, known)
    by_text, _ = MATCHER.index.search(X, max(k, 5), candidates=mask)
    beam, paths = MODEL.rank(X, 4, candidates=mask)
    for row in range(12):
        found = labels[row][labels[row] >= 0]
        assert (np.diff(found) > 0).all()
        assert set(found) == {*by_text[row], *beam[row], 7} - {-1}
        score_of = dict(zip(beam[row], paths[row], strict=True))
        for label, score in zip(labels[row], scores[row], strict=True):
            if label >= 0:
                expected = score_of.get(label, -np.inf)
                np.testing.assert_allclose(np.exp(score), max(expected, 0), rtol=1e-5)


def test_without_a_classifier():
    labels, scores = MATCHER._replace(model=None).search(QUERIES, 3)
    by_text, _ = MATCHER.index.search(X, 5)
    assert [set(row) for row in labels] == [set(row) for row in by_text]
    assert (scores == -np.inf).all()
