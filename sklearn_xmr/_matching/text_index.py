"""Exact search for the rows of a sparse matrix that match a query best, while rows come and go."""

from threading import Lock
from typing import NamedTuple

import numpy as np

from .._checks import MAX_INT32, check_count
from .._kernels.invert import invert
from .._kernels.text_index import search_segment, unpack_keys
from .._sparse import indptr_of
from .._threads import map_in_threads, threads_here
from .index_input import candidates_of, checked_candidates, checked_rows, checked_vectors
from .segment_checks import check_rows, check_structure

POSTING = np.dtype([("place", np.int32), ("value", np.float32)])
# A segment has so many times the rows of the next, so that a row is copied only a few times on its
# way to the largest one, and a search meets only a few segments.
GROWTH = 4
# A segment of which a smaller share of rows is alive is built again without the others.
LEAST_ALIVE = 0.75
# With fewer queries, another thread costs more than it gains.
THREAD_QUERIES = 32


class Rows(NamedTuple):
    """Rows of an index, all of them alive, as a segment is made of them.

    Attributes
    ----------
    ids : ndarray of int32 of shape (n_rows,)
        What they are called, increasing.
    lengths : ndarray of int64 of shape (n_rows,)
        How many entries each has.
    indices, data : ndarrays
        The entries, as of a `Csr`.
    """

    ids: np.ndarray
    lengths: np.ndarray
    indices: np.ndarray
    data: np.ndarray

    @property
    def n_alive(self):
        """How many there are."""
        return len(self.ids)


class Segment(NamedTuple):
    """Some rows of an index, by row and by feature. Only what says who is alive is ever replaced.

    Attributes
    ----------
    ids : ndarray of int32 of shape (n_rows,)
        What the rows are called, increasing.
    is_alive : ndarray of uint8 of shape (n_rows,)
        0 where a row was removed.
    indptr, indices, data : ndarrays
        The rows, as of a `Csr`.
    order : ndarray of int32 of shape (n_rows,)
        The rows, those of few entries first.
    features : ndarray of int32 of shape (n_present,)
        The features with entries, increasing.
    starts : ndarray of int64 of shape (n_present + 1,)
        Where each feature's postings start.
    postings : ndarray of `POSTING`
        The entries of each feature: the place of the row in that order, and the value.
    largest : ndarray of float32 of shape (n_present,)
        Of each feature the largest value times the root of how many entries its row has.
    n_alive : int
        How many rows were not removed. Counted again in an index from a file.
    """

    ids: np.ndarray
    is_alive: np.ndarray
    indptr: np.ndarray
    indices: np.ndarray
    data: np.ndarray
    order: np.ndarray
    features: np.ndarray
    starts: np.ndarray
    postings: np.ndarray
    largest: np.ndarray
    n_alive: int | None = None

    @classmethod
    def of(cls, rows):
        """The segment of some `Rows`."""
        ids, lengths, indices, data = rows
        order = lengths.argsort(kind="stable").astype(np.int32)
        rows, postings = (indptr_of(lengths), indices, data, order), np.empty(len(data), POSTING)
        features, starts, largest = invert(*rows, postings)
        lists = features, starts, postings, largest
        return cls(ids, np.ones(len(ids), dtype=np.uint8), *rows, *lists, len(ids))


class State(NamedTuple):
    """What an index holds at one moment.

    Attributes
    ----------
    segments : tuple of Segment
        In the order of their rows.
    n_rows : int
        How many rows were ever added.
    n_features : int
        Columns of the widest vectors that were added.
    """

    segments: tuple = ()
    n_rows: int = 0
    n_features: int = 0


class TextIndex:
    """Vectors of texts, and the best of them for a query, by inner product.

    For vectors of length 1 that is the cosine. Vectors are added and removed at any time. Whoever
    searches meanwhile, in another thread, sees the index as it was before a change or as it is
    after it; changes wait for each other.

    Columns are features by number. Vectors and queries may have any number of them, as a vectorizer
    that learns new words makes them: a feature that no vector has matches nothing.

    Attributes
    ----------
    n_rows : int
        How many rows were ever added. A removed row's number is not given to another.
    n_features : int
        Columns of the widest vectors that were added.

    Notes
    -----
    Rows are numbered in the order in which they are added. Of removed ones no vector is kept, once
    they are a quarter of their segment; only their numbers are used up, of which there are
    2 ** 31, and a mask of candidates has an entry for each. Who adds and removes for years builds a
    new index of what is left from time to time, as `ProductRetriever` does.

    To add or remove a row takes tenths of a millisecond in the mean: it is copied as often as the
    number of rows doubles twice.

    Examples
    --------
    >>> from sklearn_xmr import WordNgramTfidf
    >>> from sklearn_xmr._matching.text_index import TextIndex
    >>> vectorizer = WordNgramTfidf()
    >>> titles = ["garden hose", "hose reel", "wood screw"]
    >>> index = TextIndex.build(vectorizer.fit_transform(titles))
    >>> rows, scores = index.search(vectorizer.transform(["long reel"]), k=2)
    >>> rows
    array([[ 1, -1]], dtype=int32)
    """

    # What was added is; what comes from a file is looked at once, when it is first used.
    _is_sound = True

    def __init__(self):
        self._state = State()
        self._change = Lock()

    @classmethod
    def build(cls, vectors):
        """Return an index of the rows of a matrix, numbered from 0; see `add`."""
        index = cls()
        index.add(vectors)
        return index

    def copy(self):
        """Another index of the same rows, which it shares until either changes."""
        other = TextIndex()
        other._state, other._is_sound = self._state, self._is_sound
        return other

    def __getstate__(self):
        return {"_state": self._state}

    def __setstate__(self, state):
        self.__init__()
        segments, *sizes = state["_state"]
        for segment in segments:
            check_structure(segment, POSTING)
        segments = [
            segment._replace(n_alive=np.count_nonzero(segment.is_alive)) for segment in segments
        ]
        self._state = State(tuple(segments), *sizes)
        self._is_sound = False

    def check_contents(self):
        """Refuse arrays from a file that would lead a search astray.

        Raises
        ------
        ValueError
            If there are some.
        """
        for segment in self._state.segments:
            check_rows(segment, self._state.n_rows)
        self._is_sound = True

    def __len__(self):
        return sum(segment.n_alive for segment in self._state.segments)

    @property
    def n_rows(self):
        """How many rows were ever added."""
        return self._state.n_rows

    @property
    def n_features(self):
        """Columns of the widest vectors that were added."""
        return self._state.n_features

    def add(self, vectors):
        """Add rows.

        Parameters
        ----------
        vectors : array-like or sparse matrix of shape (n_vectors, any number of features)
            Values of at least 0. The arrays of a canonical CSR matrix of float32 are kept, not
            copied: they must not be changed afterwards. A `Csr` is taken as it is.

        Returns
        -------
        ndarray of int32 of shape (n_vectors,)
            The new rows' numbers: `n_rows` and up.

        Raises
        ------
        ValueError
            If the vectors hold a negative value, NaN or infinity, or are no valid matrix; or if
            there would be 2 ** 31 rows.
        """
        vectors = checked_vectors(vectors, "vectors")
        with self._change:
            segments, n_rows, n_features = self._state
            if n_rows + vectors.n_rows > MAX_INT32:
                raise ValueError(
                    f"vectors must leave the index with at most {MAX_INT32} rows, got "
                    f"{vectors.n_rows} after {n_rows}."
                )
            ids = np.arange(n_rows, n_rows + vectors.n_rows, dtype=np.int32)
            rows = Rows(ids, np.diff(vectors.indptr), vectors.indices, vectors.data)
            segments = _tidied([*segments, rows])
            self._state = State(
                segments, n_rows + vectors.n_rows, max(n_features, vectors.n_columns)
            )
        return ids

    def remove(self, rows):
        """Remove rows; their memory is freed once a quarter of a segment is removed.

        Parameters
        ----------
        rows : array-like of int of shape (n_removed,)

        Raises
        ------
        ValueError
            If one is not in the index, or named twice; then none is removed.
        """
        rows = checked_rows(rows, "rows")
        with self._change:
            segments, n_rows, n_features = self._state
            segments = [_without(segment, rows) for segment in segments]
            n_removed = sum(segment.n_alive for segment in self._state.segments) - sum(
                segment.n_alive for segment in segments
            )
            if n_removed < len(rows):
                raise ValueError(
                    f"rows must be in the index, each named once, got {len(rows)} of which "
                    f"{n_removed} are."
                )
            self._state = State(_tidied(segments), n_rows, n_features)

    def search(self, queries, k, *, candidates=None, n_jobs=None):
        """Find each query's best rows.

        A row that has no feature of the query, or whose score is 0 in float32, is not found.

        Parameters
        ----------
        queries : array-like or sparse matrix of shape (n_queries, any number of features)
            Values of at least 0. A `Csr` is taken as it is.
        k : int
        candidates : array-like or sparse matrix, optional
            Rows that may be found: boolean of shape (n_rows,), or the numbers of rows, each for all
            queries, or a matrix of shape (n_queries, n_rows), not 0 where a row may be found.
            Rows listed by number or in a matrix are scored one by one where they are few.
        n_jobs : int, optional
            Threads.

        Returns
        -------
        rows : ndarray of int32 of shape (n_queries, k)
            Best first, of equal scores the lower row; -1 where there are no more.
        scores : ndarray of float32 of shape (n_queries, k)
            Inner products, summed in the order of the features; -inf there.

        Raises
        ------
        ValueError
            If queries hold a negative value, NaN or infinity, or are no valid matrix; if k is no
            positive integer; if candidates have another shape, or name a row that never was.
        """
        k = check_count(k, "k")
        if not self._is_sound:
            self.check_contents()
        queries = checked_vectors(queries, "queries")
        n_queries, (segments, n_rows, _) = queries.n_rows, self._state
        candidates = checked_candidates(candidates, n_queries, n_rows)
        keys = np.zeros((n_queries, min(k, n_rows)), dtype=np.uint64)

        def search_part(start):
            stop = start + part
            query_parts = queries.indptr[start : stop + 1], queries.indices, queries.data
            restricted = candidates_of(candidates, start, stop)
            for segment in segments:
                search_segment(query_parts, segment, restricted, keys[start:stop])

        n_threads = threads_here(n_jobs) if n_queries > THREAD_QUERIES else 1
        part = max(-(-n_queries // (4 * n_threads)), THREAD_QUERIES)
        map_in_threads(n_threads, search_part, range(0, n_queries, part))
        rows = np.empty((n_queries, k), dtype=np.int32)
        scores = np.empty((n_queries, k), dtype=np.float32)
        unpack_keys(keys, rows, scores)
        return rows, scores


def _tidied(segments):
    # Join neighbours until each segment has GROWTH times the rows of the next. The last may be
    # `Rows`.
    groups = []
    for segment in segments:
        group, n_alive = [segment], segment.n_alive
        while groups and groups[-1][1] < GROWTH * n_alive:
            above, n_above = groups.pop()
            group, n_alive = above + group, n_above + n_alive
        groups.append((group, n_alive))
    return tuple(
        group[0] if len(group) == 1 and _is_kept(group[0]) else Segment.of(_joined(group))
        for group, n_alive in groups
        if n_alive
    )


def _is_kept(segment):
    return isinstance(segment, Segment) and segment.n_alive >= LEAST_ALIVE * len(segment.ids)


def _joined(segments):
    # The rows that are alive.
    parts = [_left(segment) for segment in segments]
    return parts[0] if len(parts) == 1 else Rows(*map(np.concatenate, zip(*parts, strict=True)))


def _left(segment):
    # The same of a segment or `Rows`.
    if isinstance(segment, Rows):
        return segment
    rows = Rows(segment.ids, np.diff(segment.indptr), segment.indices, segment.data)
    if segment.n_alive == len(segment.ids):
        return rows
    is_alive = segment.is_alive.view(bool)
    of_alive = np.repeat(is_alive, rows.lengths)
    return Rows(*(part[is_alive] for part in rows[:2]), *(part[of_alive] for part in rows[2:]))


def _without(segment, rows):
    if len(rows) == 0 or rows[-1] < segment.ids[0] or segment.ids[-1] < rows[0]:
        return segment
    rows = rows[np.searchsorted(rows, segment.ids[0]) :]
    rows = rows[: np.searchsorted(rows, segment.ids[-1], side="right")]
    places = np.searchsorted(segment.ids, rows)
    places = places[segment.ids[places] == rows]
    if len(places) == 0:
        return segment
    is_alive = segment.is_alive.copy()  # searches go on with the old one
    is_alive[places] = 0
    return segment._replace(is_alive=is_alive, n_alive=np.count_nonzero(is_alive))
