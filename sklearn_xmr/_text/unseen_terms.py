"""Terms that come after a vectorizer was fitted."""

import numpy as np

from .._growing import appended
from .._kernels.unseen_terms import unseen_terms as find_unseen
from .ngram_counts import Terms
from .spans import KINDS

# A later term's share of the rarest one's weight. What is new seldom is so rare; what it is in the
# texts that it comes with would depend on how these are dealt out.
LATER = 0.8


def unseen_terms(views):
    """The `Terms` of texts that vocabularies lack, in the order of their strings.

    Parameters
    ----------
    views : list of View
        Of the same texts.

    Returns
    -------
    list of Terms
        For each view.
    """
    found = find_unseen(views, KINDS)
    if found is None:  # some lower case depends on its neighbours, or is two characters
        found = find_unseen([view.lowered() for view in views], KINDS)
    return [Terms(*terms) for terms in found]


def extended(vocabulary, weighting, terms):
    """A `Vocabulary` and `Weighting` with further terms: of a share of the rarest one's weight."""
    idf = weighting.idf
    if len(idf):
        # To look through all weights takes as long as to find the terms.
        weight = LATER * idf.max() if vocabulary.later is None else idf[-1]
        weights = np.full(terms.n_terms, weight, dtype=idf.dtype)
        weighting = weighting._replace(idf=appended(idf, weights))
    return vocabulary.followed_by(terms, weighting.idf), weighting
