"""The parts of a retriever after training, as one value, and what they answer."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from scipy.special import expit, logit

from .._kernels.found_labels import best_found
from .._matching.candidates import PreparedCandidates
from .._ranking.text_match_ranker import TextMatchRanker
from .._saving.stored_arrays import state_without
from .._threads import map_in_threads, threads_here
from .._user_objects import answered_scores
from .allowed import Allowed
from .catalogue import Catalogue
from .click_log import normalized
from .click_memory import ClickMemory
from .query import QueryReader
from .shortlists import Matcher

# Queries that are answered at once.
BATCH = 256


@dataclass(frozen=True, eq=False, repr=False)
class FittedRetriever:
    """Everything that a search needs. It never changes.

    Attributes
    ----------
    catalogue : Catalogue
    reader : QueryReader
    matcher : Matcher
    classifier : XRLinearClassifier or None
        What was learned from clicks, if there were any.
    ranker : object
        A `TextMatchRanker`, or the user's own.
    memory : ClickMemory
        What was clicked after the very same query.
    """

    catalogue: Catalogue
    reader: QueryReader
    matcher: Matcher
    classifier: object
    ranker: object
    memory: ClickMemory

    def __getstate__(self):
        return state_without(self, "popularity")

    def __setstate__(self, state):
        vars(self).update(state)
        self.reader.spelling.check()

    @cached_property
    def popularity(self):
        """The log-odds that a product is what somebody wants of whom nothing is known."""
        return popularity(self.memory.log.totals)

    def search(self, texts, k, *, allowed=None, boosts=None, n_jobs=None):
        """Find the best products of each query.

        Parameters
        ----------
        texts : list of str
        k : int
        allowed : Allowed or None
        boosts : ndarray of float64 of shape (n_products,) or None
        n_jobs : int or None

        Returns
        -------
        positions : ndarray of int32 of shape (n_queries, k)
            Best first, -1 where there are no more.
        scores : ndarray of float32 of shape (n_queries, k)
            Probabilities, -inf there.
        """
        if not texts:
            return np.empty((0, k), dtype=np.int32), np.empty((0, k), dtype=np.float32)
        if len(texts) <= BATCH:  # to count threads takes as long as a tenth of a search
            return self._search(texts, k, allowed, boosts)

        def search_batch(start):
            part = slice(start, start + BATCH)
            return self._search(texts[part], k, allowed and allowed.of_queries(part), boosts)

        starts = range(0, len(texts), BATCH)
        found = map_in_threads(min(threads_here(n_jobs), len(starts)), search_batch, starts)
        return tuple(map(np.concatenate, zip(*found, strict=True)))

    def _search(self, texts, k, allowed, boosts):
        texts = [normalized(text) for text in texts]
        queries, known = self.reader.read(texts), self.memory.products(texts, allowed)
        labels, scores = self.matcher.search(queries, k, allowed, known)
        remembered = 0 if known is None else self.memory.added(texts, labels)
        is_empty = [start == stop for start, stop in pairwise(queries.vectors.indptr.tolist())]
        if any(is_empty):  # nothing is known of such a query
            is_unknown = np.array(is_empty)[:, None] & (remembered == 0)
            labels = np.where(is_unknown, np.int32(-1), labels)
        log_odds = self.log_odds(queries, labels, scores)
        if known is not None:
            log_odds += remembered
        if boosts is not None:
            log_odds += np.where(labels >= 0, boosts[labels], 0)
        positions = np.empty((len(texts), k), dtype=np.int32)
        probabilities = np.empty((len(texts), k), dtype=np.float32)
        if best_found(labels, scores, log_odds, positions, probabilities):
            for row in np.flatnonzero(positions[:, 0] < 0):
                popular = self._most_popular(row, k, allowed, boosts)
                positions[row], probabilities[row] = popular
        return positions, probabilities

    def allowed(self, candidates, n_queries):
        """Candidates, as `ProductRetriever.rank` takes them, as `Allowed`; None for all products.

        Parameters
        ----------
        candidates : object
        n_queries : int

        Raises
        ------
        ValueError
            If they are neither names of products, each once, nor a mask.
        """
        if candidates is None:
            return None
        if isinstance(candidates, PreparedCandidates):
            return candidates.read_by(self)
        return self.read_candidates(candidates, n_queries)

    def read_candidates(self, candidates, n_queries):
        """The same, of what is not prepared; `n_queries` is None if it is for all queries alike."""
        products = self.catalogue.allowed(candidates, n_queries)
        model = self.matcher.model
        if model is None or products.ndim == 2:
            return Allowed(products)
        return Allowed(products, self.matcher.restrictions(products, n_queries))

    def log_odds(self, queries, labels, scores):
        """The ranker's log-odds of shortlists, -inf where there is no label."""
        if not isinstance(self.ranker, TextMatchRanker):
            answer = self.ranker.rescore(queries.matrix, labels.copy(), scores.copy())
            answer = answered_scores(answer, labels.shape, labels >= 0, "ranker: rescore")
            return np.where(labels >= 0, answer, -np.inf).astype(np.float64, order="C")
        pairs = self.ranker.pairs_of(labels, scores)
        found = self.ranker.log_odds(queries.vectors, pairs, words=queries.words)
        if len(found) == labels.size:  # as of a single query
            return found.reshape(labels.shape)
        log_odds = np.full(labels.shape, -np.inf)
        log_odds[labels >= 0] = found
        return log_odds

    def _most_popular(self, row, k, allowed, boosts):
        # What to say to a query of which nothing is known.
        log_odds = self.popularity if boosts is None else self.popularity + boosts
        found = np.arange(len(log_odds), dtype=np.int32)
        if allowed is not None:
            found = found[allowed.are_allowed(row, found)]
        found = found[np.argsort(-log_odds[found], kind="stable")[:k]]
        positions, probabilities = np.full(k, -1, dtype=np.int32), np.full(k, -np.inf)
        positions[: len(found)], probabilities[: len(found)] = found, expit(log_odds[found])
        return positions, probabilities


def popularity(clicks):
    """The log-odds of a click, by how often each product was clicked.

    One click more is dealt out to all of them, so that none has none.

    Parameters
    ----------
    clicks : ndarray of float64 of shape (n_products,)
    """
    shares = (clicks + 1 / len(clicks)) / (clicks.sum() + 1)
    return logit(np.minimum(shares, 1 - 1e-6))
