"""Products that come and go in a fitted retriever, their texts and their clicks.

A change makes a new `FittedRetriever`, which shares what stays with the old one. Whoever searches
meanwhile has one of the two.
"""

import numpy as np

from .._fitted_state import fitted_model
from .._growing import are_many
from .._matching.text_index import TextIndex
from .._ranking.match_features import Words
from .._ranking.text_match_ranker import TextMatchRanker
from .._sparse import Csr
from .._text.word_forms import folded_words
from .._xr_linear import with_model
from ..surgery import add_labels, remove_labels
from .click_log import normalized
from .fitted_retriever import FittedRetriever
from .query import vectors_of
from .shortlists import Positions
from .text_views import TextViews
from .waiting import MOST_WAITING, Waiting, can_wait


def changed(fitted, change, log=None):
    """A retriever for another catalogue, and more clicks.

    Parameters
    ----------
    fitted : FittedRetriever
        It stays as it is.
    change : Change
        Of its catalogue.
    log : ClickLog or None
        Clicks that come to those remembered, of products of the new catalogue.

    Returns
    -------
    FittedRetriever

    Raises
    ------
    ValueError
        If the ranker is the user's own, for which positions would then be those of others.
    """
    if not isinstance(fitted.ranker, TextMatchRanker):
        raise ValueError(
            "ranker must be None or a TextMatchRanker where products change, got "
            f"{type(fitted.ranker).__name__}, which was fitted to the positions that they had: fit "
            "again, or give a TextMatchRanker with an estimator of your own."
        )
    catalogue = change.new
    titles, queries = _titles(catalogue, change.anew), [] if log is None else log.queries
    vectorizer = _extended(fitted.reader.vectorizer, [*titles, *queries])
    words = [folded_words(title) for title in titles]
    gone = [folded_words(title) for title in _titles(change.old, change.stale)]
    reader = fitted.reader.changed(vectorizer, words, gone)
    memory = fitted.memory.moved(change)
    memory = memory if log is None else memory.joined(log)
    vectors = _vectors(reader, titles, fitted.ranker)
    words = Words.of(words, reader.number_of)
    reader, numbers = reader.tidied() if gone else (reader, None)
    ranker = fitted.ranker.with_labels(catalogue.row_of, vectors, words, memory.counts, numbers)
    matcher, classifier = _with_index(fitted.matcher, change, vectors, ranker), fitted.classifier
    if classifier is not None:
        matcher = _with_waiting(matcher, change, vectors, classifier)
        learned = _learned(classifier, matcher, change, ranker, reader, memory, log)
        classifier, labels, waiting = learned
        if classifier is not fitted.classifier:
            matcher = matcher.with_classifier(classifier)
        matcher = matcher._replace(labels=labels, waiting=waiting)
    return FittedRetriever(
        catalogue=catalogue.tidied(),
        reader=reader,
        matcher=matcher,
        classifier=classifier,
        ranker=ranker,
        memory=memory,
    )


def _titles(catalogue, positions):
    return [normalized(catalogue.text_at(position)) for position in positions.tolist()]


def _extended(vectorizer, texts):
    # The user's own knows what it knows.
    return vectorizer.extend(texts) if texts and isinstance(vectorizer, TextViews) else vectorizer


def _vectors(reader, titles, ranker):
    if not titles:
        return Csr.of(ranker.vectors_of(np.empty(0, dtype=np.int64)))
    return vectors_of(reader.vectorizer, titles)


def _with_index(matcher, change, vectors, ranker):
    # The matcher whose index has the products' vectors, of which some are new.
    rows, stale = _moved(matcher.rows, change)
    rows = rows.followed_by(change.anew)
    if are_many(len(rows.all) - len(change.new), len(rows.all)):
        index = TextIndex.build(ranker.vectors_of(np.arange(len(change.new))))
        return matcher._replace(index=index, rows=None)
    index = matcher.index.copy()
    if len(stale):
        index.remove(stale)
    if len(change.anew):
        index.add(vectors)
    return matcher._replace(index=index, rows=rows)


def _moved(positions, change):
    # None are those of products that are numbered as they stand.
    if positions is None:
        n_products = len(change.old)
        positions = Positions.of(np.arange(n_products), n_products)
    return positions.moved(change)


def _with_waiting(matcher, change, vectors, classifier):
    # The matcher for which those that are new wait, too.
    strength = classifier.prior_strength_
    if strength is None or not can_wait(matcher.model):
        return matcher
    waiting = Waiting.of(change.anew, vectors, matcher.model, matcher.settings, strength)
    if matcher.waiting is not None:
        waiting = matcher.waiting.joined(change, waiting)
    return matcher._replace(waiting=waiting)


def _learned(classifier, matcher, change, ranker, reader, memory, log):
    # The classifier that has learned of new products and clicks, where its labels are, who waits.
    (positions, stale), waiting = _moved(matcher.labels, change), matcher.waiting
    labels = positions.all
    is_full = len(stale) and are_many(np.count_nonzero(labels < 0), len(labels))
    if fitted_model(classifier).has_own_stages or len(labels) == 1:
        is_full = False
    elif is_full or not _may_wait(waiting, memory, log):
        new = _unknown(labels, ranker, memory)
        stale, waiting = np.flatnonzero(labels < 0), None
        classifier = _grown(classifier, labels, new, ranker, reader, memory, log)
        positions = positions.followed_by(new)
    if is_full:
        labels = positions.all
        gone, stale = fitted_model(classifier).classes[labels < 0], stale[:0]
        classifier = remove_labels(classifier, gone)
        positions = Positions.of(labels[labels >= 0], len(change.new))
    if len(stale):
        classifier = with_model(classifier, fitted_model(classifier).hiding(stale))
    return classifier, positions, waiting


def _may_wait(waiting, memory, log):
    if waiting is None or log is not None or len(waiting.positions) >= MOST_WAITING:
        return False
    return not memory.counts[waiting.positions].any()


def _unknown(labels, ranker, memory):
    # Products that the classifier can learn of, and does not know.
    is_unknown = ranker.has_vector() | (memory.counts > 0)
    is_unknown[labels[labels >= 0]] = False
    return np.flatnonzero(is_unknown)


def _grown(classifier, labels, new, ranker, reader, memory, log):
    known, numbers = np.flatnonzero(labels >= 0), fitted_model(classifier).classes
    is_known = np.zeros(memory.clicks.n_columns, dtype=bool)
    is_known[labels[known]] = True
    queries, Y = _rows_to_learn(memory.log, log, is_known)
    has_rows = np.bincount(Y.indices, minlength=len(is_known)) > 0
    known = known[has_rows[labels[known]]]
    products = np.concatenate([labels[known], new])
    if len(products) == 0:
        return classifier
    # In a copy, the products' vectors would be kept twice.
    classifier = with_model(classifier, fitted_model(classifier), label_prior=None)
    rows = (reader.read(queries).matrix, Y[:, products]) if queries else (None, None)
    names = np.concatenate([numbers[known], numbers.max() + 1 + np.arange(len(new))])
    prior = {"label_prior": ranker.vectors_of(new)} if len(new) else {}
    if not queries:
        names = names[len(known) :]
    return add_labels(classifier, *rows, classes=names, **prior)


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
