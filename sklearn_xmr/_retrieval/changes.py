"""Products that come and go in a fitted retriever, their texts and their clicks.

A change makes a new `FittedRetriever`, which shares what stays with the old one. Whoever searches
meanwhile has one of the two.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from .._fitted_state import fitted_model
from .._matching.text_index import TextIndex
from .._ranking.text_match_ranker import TextMatchRanker
from .._xr_linear import with_model
from ..surgery import add_labels, remove_labels
from .catalogue import Catalogue
from .click_log import normalized
from .click_memory import ClickMemory
from .fitted_retriever import popularity
from .query import read_titles, vectors_of
from .shortlists import Positions
from .text_views import TextViews

# Of what is gone, an index or a model is cleared once it is so much of the whole, and so many.
MOST_GONE = 0.25
LEAST_CLEARED = 100


class Change(NamedTuple):
    """What becomes of a catalogue.

    Attributes
    ----------
    old, new : Catalogue
    positions : ndarray of int of shape (n_old,)
        Where each product is in the new one, -1 if it is gone.
    anew : ndarray of int of shape (n_anew,)
        Positions, in the new one, of products that have a new text.
    stale : ndarray of int
        Positions, in the old one, of products whose text is gone.
    """

    old: Catalogue
    new: Catalogue
    positions: np.ndarray
    anew: np.ndarray
    stale: np.ndarray

    @classmethod
    def between(cls, old, new):
        """What makes one catalogue of another."""
        position_of = new.position_of
        positions = np.array([position_of.get(product, -1) for product in old.texts])
        anew = [
            position
            for position, (product, text) in enumerate(new.texts.items())
            if old.texts.get(product) != text
        ]
        is_stale = (positions < 0) | np.isin(positions, anew)
        return cls(old, new, positions, np.array(anew, dtype=np.int64), np.flatnonzero(is_stale))

    @property
    def sources(self):
        """Where each product's text is: in the old catalogue or, behind that, in `anew`."""
        sources = np.empty(len(self.new), dtype=np.int64)
        kept = np.flatnonzero(self.positions >= 0)
        sources[self.positions[kept]] = kept
        sources[self.anew] = len(self.positions) + np.arange(len(self.anew))
        return sources

    def titles(self, catalogue, positions):
        """The normalised texts of some products."""
        texts = list(catalogue.texts.values())
        return [normalized(texts[position]) for position in positions.tolist()]

    def moved(self, numbers):
        """`Positions` of numbers in the new catalogue, None being those of all in the old one.

        Returns
        -------
        of_number : ndarray of int of shape (n_numbers,)
            -1 for what is gone, or has another text.
        stale : ndarray of int
            The numbers that have become -1.
        """
        old = np.arange(len(self.positions)) if numbers is None else numbers.of_number[:-1]
        positions = self.positions.copy()
        positions[self.stale] = -1
        of_number = np.append(positions, -1)[old]
        return of_number, np.flatnonzero((old >= 0) & (of_number < 0))


def changed(fitted, catalogue, log=None):
    """A retriever for another catalogue, and more clicks.

    Parameters
    ----------
    fitted : FittedRetriever
        It stays as it is.
    catalogue : Catalogue
    log : ClickLog or None
        Clicks that come to those remembered, of products of this catalogue.

    Returns
    -------
    FittedRetriever

    Raises
    ------
    ValueError
        If the ranker is the user's own, which knows no other products than it was fitted with.
    """
    if not isinstance(fitted.ranker, TextMatchRanker):
        raise ValueError(
            "ranker must be None or a TextMatchRanker where products change, got "
            f"{type(fitted.ranker).__name__}."
        )
    change = Change.between(fitted.catalogue, catalogue)
    titles = change.titles(catalogue, change.anew)
    vectorizer, reader = fitted.reader.vectorizer, fitted.reader
    if isinstance(vectorizer, TextViews):
        texts = titles if log is None else [*titles, *log.queries]
        vectorizer = vectorizer.extend(texts) if texts else vectorizer
    reader = reader.changed(vectorizer, titles, change.titles(change.old, change.stale))
    clicks = fitted.memory.log.moved(change.positions, len(catalogue))
    clicks = clicks if log is None else clicks.joined(log)
    ranker = fitted.ranker.with_labels(
        change.sources,
        _vectors(reader, titles, fitted.ranker.label_vectors.shape[1]),
        read_titles(titles, reader.number_of),
        np.bincount(clicks.clicks.indices, minlength=len(catalogue)).astype(np.float64),
    )
    matcher = _with_index(fitted.matcher, change, ranker.label_vectors)
    classifier = fitted.classifier
    if classifier is not None:
        labels, _ = change.moved(matcher.labels)
        classifier, labels = _learned(classifier, labels, ranker, reader, clicks, log)
        matcher = matcher.with_classifier(classifier)._replace(labels=labels)
    return replace(
        fitted,
        catalogue=catalogue,
        reader=reader,
        matcher=matcher,
        classifier=classifier,
        ranker=ranker,
        memory=ClickMemory.of(clicks),
        popularity=popularity(clicks.totals),
    )


def _vectors(reader, titles, n_columns):
    if not titles:
        return sp.csr_array((0, n_columns), dtype=np.float32)
    return vectors_of(reader.vectorizer, titles).to_scipy()


def _with_index(matcher, change, vectors):
    # The matcher whose index has the products' vectors.
    of_number, stale = change.moved(matcher.rows)
    of_number = np.concatenate([of_number, change.anew])
    if _is_to_be_cleared(of_number):
        return matcher._replace(index=TextIndex.build(vectors), rows=None)
    index = matcher.index.copy()
    index.remove(stale)
    if len(change.anew):
        index.add(vectors[change.anew])
    return matcher._replace(index=index, rows=Positions.of(of_number, len(change.new)))


def _is_to_be_cleared(of_number):
    n_gone = np.count_nonzero(of_number < 0)
    return n_gone >= max(MOST_GONE * len(of_number), LEAST_CLEARED)


def _learned(classifier, labels, ranker, reader, clicks, log):
    # The classifier that has learned of new products and clicks, and where its labels are.
    model, n_products = fitted_model(classifier), ranker.label_vectors.shape[0]
    if not model.has_own_stages and len(labels) > 1:
        classifier, labels = _grown(classifier, labels, ranker, reader, clicks, log)
        if _is_to_be_cleared(labels):
            gone = fitted_model(classifier).classes[labels < 0]
            classifier, labels = remove_labels(classifier, gone), labels[labels >= 0]
    model = fitted_model(classifier).hiding(np.flatnonzero(labels < 0))
    return with_model(classifier, model), Positions.of(labels, n_products)


def _grown(classifier, labels, ranker, reader, clicks, log):
    known, numbers = np.flatnonzero(labels >= 0), fitted_model(classifier).classes
    is_known = np.zeros(clicks.clicks.shape[1], dtype=bool)
    is_known[labels[known]] = True
    queries, Y = _rows_to_learn(clicks, log, is_known)
    has_rows = np.bincount(Y.indices, minlength=len(is_known)) > 0
    has_vector = np.diff(ranker.label_vectors.indptr) > 0
    new = np.flatnonzero(~is_known & (has_rows | has_vector))
    known = known[has_rows[labels[known]]]
    products = np.concatenate([labels[known], new])
    if len(products) == 0:
        return classifier, labels
    # In a copy, the products' vectors would be kept twice.
    classifier = with_model(classifier, fitted_model(classifier), label_prior=None)
    rows = (reader.read(queries).matrix, Y[:, products]) if queries else (None, None)
    names = np.concatenate([numbers[known], numbers.max() + 1 + np.arange(len(new))])
    vectors = ranker.label_vectors[new]
    prior = {"label_prior": vectors} if len(new) else {}
    if not queries:
        names = names[len(known) :]
    grown = add_labels(classifier, *rows, classes=names, **prior)
    return grown, np.concatenate([labels, new])


def _rows_to_learn(clicks, log, is_known):
    # Queries, and their products as CSR of ones: of known products new clicks, of others all.
    parts = [_of_products(clicks, ~is_known)]
    if log is not None:
        parts.append(_of_products(log, is_known))
    together = parts[0] if log is None else parts[0].joined(parts[1])
    return together.queries, together.indicator


def _of_products(log, are_wanted):
    positions = np.where(are_wanted, np.arange(len(are_wanted)), -1)
    return log.moved(positions, len(are_wanted))
