"""What training makes, as one value, and everything that is asked of it."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from ._checks import MAX_INT32, REAL, WHOLE, check_count, check_min_score
from ._indexing.label_tree import LabelTree
from ._kernels.beam_search import NO_LABEL, TRANSFORMS
from ._matching.beam_search import PathScore, search
from ._matching.candidates import PreparedCandidates, allowed_nodes, candidate_labels
from ._matching.ensemble import mean_paths, merged
from ._matching.layer import hidden_above
from ._matching.matcher import Matching
from ._matching.score_pairs import label_positions, score_paths
from ._ranking.ranker import ranked_anew, rescored
from ._saving.stored_arrays import check_array, state_without
from ._targets import TargetForm, leave_out_below, with_filler

# Exponentials of more are no float32. A matcher or ranker may score as it likes.
LARGEST_LOG = np.nextafter(np.log(np.finfo(np.float32).max), np.float32(0))
# Of the nodes above a label: more is the nodes' alone.
MOST_WEIGHT = 1e6


class SearchSettings(NamedTuple):
    """The parameters of `XRLinearClassifier` that are read at prediction."""

    beam_width: int
    shortlist_size: int
    score_transform: str
    ancestor_weight: float
    n_jobs: int | None

    @property
    def are_valid(self):
        """Whether they are what the search takes."""
        beam_width, shortlist_size, transform, weight, n_jobs = self
        return (
            isinstance(beam_width, WHOLE)
            and beam_width >= 1
            and isinstance(shortlist_size, WHOLE)
            and shortlist_size >= 1
            and (n_jobs is None or isinstance(n_jobs, WHOLE))
            and isinstance(transform, str)
            and transform in TRANSFORMS
            and isinstance(weight, REAL)
            and 0 < weight <= MOST_WEIGHT
        )

    def as_plain_integers(self):
        """The same with Python's integers: narrow ones of NumPy's overflow when multiplied."""
        numbers = self.beam_width, self.shortlist_size
        if type(numbers[0]) is type(numbers[1]) is int and max(numbers) <= MAX_INT32:
            return self
        return self._replace(
            beam_width=min(int(self.beam_width), MAX_INT32),
            shortlist_size=min(int(self.shortlist_size), MAX_INT32),
        )

    @property
    def path_score(self):
        """How the search adds up scores."""
        transform, _ = TRANSFORMS[self.score_transform]
        return PathScore(transform, float(self.ancestor_weight) if self.in_logs else 1.0)

    @property
    def in_logs(self):
        """Whether the scores of paths are logarithms; otherwise they are margins."""
        return self.score_transform != "noop"

    @property
    def is_exponential(self):
        """Whether scores are shown as exponentials of those of paths."""
        _, exponential = TRANSFORMS[self.score_transform]
        return exponential

    def scores(self, paths):
        """What scores of paths, which are in the log domain, are shown as."""
        if not self.is_exponential:
            return paths
        scores = np.exp(np.minimum(paths, LARGEST_LOG))
        scores[paths == -np.inf] = -np.inf
        return scores


@dataclass(frozen=True, eq=False)
class Tree:
    """One tree of a model; it unpacks as ``(label_tree, layers)``.

    Attributes
    ----------
    label_tree : LabelTree
    layers : list of Layer
        The models of its nodes, top layer first; with a matching, only those of the last one.
    matching : Matching or None
        The fitted matcher, if there is one.
    """

    label_tree: LabelTree
    layers: list
    matching: Matching | None = None

    def __iter__(self):
        return iter((self.label_tree, self.layers))

    def start(self, rows, k=None):
        """Where its search starts: at the nodes of the matcher, or at the root, None."""
        return None if self.matching is None else self.matching.start(rows, k)


@dataclass(frozen=True, eq=False, repr=False)
class FittedModel:
    """What training makes and prediction asks. It never changes.

    Attributes
    ----------
    trees : tuple of Tree
    classes : ndarray of shape (n_labels,)
    classes_and_filler : ndarray of shape (n_labels + 1,)
        As `with_filler` makes it: the position -1, where no label was found, leads to the filler.
    target_form : TargetForm
        How y was given, and so what predictions look like.
    ranker : object or None
        The fitted ranker, if there is one.
    n_features : int
    n_iter : ndarray of int of shape (n_layers,)
        The most passes that a node of each layer of the first tree took.
    is_added : ndarray of bool of shape (n_labels,)
        Which labels came after training.
    """

    trees: tuple
    classes: np.ndarray
    classes_and_filler: np.ndarray
    target_form: TargetForm
    ranker: object
    n_features: int
    n_iter: np.ndarray
    is_added: np.ndarray

    # What training made is; what comes from a file is looked at once, when it is first used.
    is_sound = True

    def __getstate__(self):
        return state_without(self, "is_sound")

    def __setstate__(self, state):
        self.__dict__.update(state, is_sound=False)
        n_labels = len(self.classes)
        if len(self.classes_and_filler) != n_labels + 1:
            raise ValueError("The classes of a stored model and their filler differ in number.")
        check_array(self.is_added, "is_added", bool, (n_labels,))
        for tree in self.trees:
            numbers = [len(layer.node_of) for layer in tree.layers]
            n_parents = [len(layer.nodes) - 1 for layer in tree.layers]
            if numbers[-1] != n_labels or n_parents[1:] != numbers[:-1]:
                raise ValueError("The layers of a stored model do not fit each other.")
            if {layer.n_features for layer in tree.layers} != {self.n_features}:
                raise ValueError("The layers of a stored model differ in their features.")

    def check_contents(self):
        """Refuse arrays from a file that would lead a search astray.

        Raises
        ------
        ValueError
            If there are some.
        """
        for tree in self.trees:
            for layer in tree.layers:
                layer.check_contents()
        self.__dict__["is_sound"] = True

    @classmethod
    def of(cls, trees, classes, target_form, *, ranker=None, n_features, n_iter):
        """The model of these parts."""
        names, is_added = (classes, with_filler(classes)), np.zeros(len(classes), dtype=bool)
        return cls(tuple(trees), *names, target_form, ranker, n_features, n_iter, is_added)

    @property
    def has_own_stages(self):
        """Whether it has a matcher or ranker of the user's."""
        return self.ranker is not None or any(tree.matching is not None for tree in self.trees)

    def n_listed(self, settings):
        """How many labels a search retrieves for a row, other than by `rank`."""
        return min(settings.shortlist_size, len(self.classes))

    def search(self, rows, k, settings, restrictions=None):
        """Find the best labels of each row.

        Parameters
        ----------
        rows : CSR matrix of float32 of shape (n_rows, n_features)
            Canonical. A `Csr` will do where there are no `has_own_stages`.
        k : int
        settings : SearchSettings
        restrictions : list of AllowedNodes or LabelRanges or None
            One for each tree.

        Returns
        -------
        positions : ndarray of int32 of shape (n_rows, k)
            Positions in `classes`, best first, -1 where no more were reached.
        paths : ndarray of float32 of shape (n_rows, k)
            Scores in the log domain (with "noop", margins), -inf there.
        """
        if not self.is_sound:
            self.check_contents()
        if rows.shape[1] != self.n_features:  # of a vectorizer that was stored with another model
            raise ValueError(f"X must have {self.n_features} features, got {rows.shape[1]}.")
        if self.ranker is None:
            return self._match(rows, k, settings, restrictions)
        size = max(k, self.n_listed(settings))
        shortlist = self._match(rows, size, settings, restrictions)
        return ranked_anew(self.ranker, rows, *shortlist, k)

    def rank(self, rows, k, settings, *, candidates=None, min_score=None):
        """The best labels of each row and their scores: see `XRLinearClassifier.rank`."""
        min_score = check_min_score(min_score)
        k = check_count(k, "k", most=MAX_INT32)
        n_rows = rows.shape[0]
        restrictions = self.restrictions(candidates, n_rows)
        if n_rows == 0:  # which rankers and matchers need not know of
            return self.classes_and_filler[np.empty((0, k), int)], np.empty((0, k), np.float32)
        positions, paths = self.search(rows, k, settings, restrictions)
        scores = settings.scores(paths)
        leave_out_below(min_score, positions, scores)
        return self.classes_and_filler[positions], scores

    def restrictions(self, candidates, n_rows):
        """What candidates, as `XRLinearClassifier.rank` takes them, restrict the search to.

        Parameters
        ----------
        candidates : object
        n_rows : int

        Returns
        -------
        list of AllowedNodes or None
            One for each tree; None where everything is allowed.
        """
        if candidates is None:
            return None
        if isinstance(candidates, PreparedCandidates):
            return candidates.read_by(self)
        return self.read_candidates(candidates, n_rows)

    def read_candidates(self, candidates, n_rows):
        """The same, of what is not prepared; `n_rows` is None if it is for all rows alike."""
        labels = candidate_labels(candidates, self.classes_and_filler, n_rows)
        return [allowed_nodes(labels, tree.layers) for tree in self.trees]

    def score_pairs(self, rows, labels, settings):
        """The scores of given labels: see `XRLinearClassifier.score_pairs`."""
        positions = self.positions_of(labels, rows.shape[0])
        return settings.scores(self.pair_paths(rows, positions, settings))

    def pair_paths(self, rows, positions, settings):
        """The scores of labels at positions in `classes`, shape (n_rows, k), in the log domain."""
        how = settings.path_score
        paths = [
            score_paths(tree.layers, rows, positions, how, settings.n_jobs, tree.start(rows))
            for tree in self.trees
        ]
        paths = mean_paths(paths, settings.in_logs)
        if self.ranker is not None:
            positions = np.where(paths == -np.inf, -1, positions)
            paths = rescored(self.ranker, rows, positions, paths)
        return paths

    def pruned(self, threshold, max_weights, dtype=None):
        """The same with fewer weights: see `XRLinearClassifier.prune`."""
        if dtype is not None:
            dtype = self._checked_weight_dtype(dtype)
        trees = []
        for tree in self.trees:
            layers = [layer.pruned(threshold, max_weights, dtype) for layer in tree.layers]
            trees.append(replace(tree, layers=layers))
        return replace(self, trees=tuple(trees))

    def hiding(self, positions):
        """The same without some labels in its answers: they stay in memory, and cost no time."""
        if not len(positions):
            return self
        trees = []
        for tree in self.trees:
            *above, last = tree.layers
            trees.append(replace(tree, layers=hidden_above([*above, last.hiding(positions)])))
        return replace(self, trees=tuple(trees))

    def hiding_those_of(self, other, shown=()):
        """The same without the labels that another model hides, but for some that are shown."""
        hidden = np.setdiff1d(other.classes[other.hidden], shown)
        return self.hiding(np.flatnonzero(np.isin(self.classes, hidden)))

    @property
    def hidden(self):
        """Positions of the labels that are in no answer."""
        last = self.trees[0].layers[-1]
        return np.sort(last.node_of[last.first_label == NO_LABEL])

    def relabelled(self, trees, classes, n_iter, *, is_added=None, target_form=None):
        """The same for other labels, and with the trees that lead to them."""
        target_form = self.target_form if target_form is None else target_form
        parts = {"ranker": self.ranker, "n_features": self.n_features, "n_iter": n_iter}
        model = FittedModel.of(trees, classes, target_form, **parts)
        return model if is_added is None else replace(model, is_added=is_added)

    def _match(self, rows, k, settings, restrictions):
        trees, width, how = self.trees, settings.beam_width, settings.path_score
        size = k if len(trees) == 1 else max(k, self.n_listed(settings))
        restrictions = restrictions or [None] * len(trees)
        rankings = [
            search(
                *(tree.layers, rows, width, size, how),
                *(restriction, settings.n_jobs, tree.start(rows, width)),
            )
            for tree, restriction in zip(trees, restrictions, strict=True)
        ]
        return rankings[0] if len(trees) == 1 else merged(rankings, k, settings.in_logs)

    def positions_of(self, labels, n_rows):
        """Positions in `classes` of labels as `score_pairs` takes them, -1 for fillers."""
        positions = label_positions(labels, self.classes_and_filler)
        if positions.ndim not in (1, 2) or (positions.ndim == 2 and len(positions) != n_rows):
            raise ValueError(
                f"labels must have shape (k,) or ({n_rows}, k), got {positions.shape}."
            )
        return np.broadcast_to(positions, (n_rows, positions.shape[-1]))

    def _checked_weight_dtype(self, dtype):
        try:
            checked = np.dtype(dtype)
        except TypeError:
            checked = None
        if checked not in (np.float32, np.float16):
            raise ValueError(f"dtype must be float32 or float16, got {dtype!r}.")
        layers = [layer.compacted() for tree in self.trees for layer in tree.layers]
        largest = max(np.abs(layer.entries["weight"]).max(initial=0) for layer in layers)
        if checked == np.float16 and largest > np.finfo(np.float16).max:
            raise ValueError(f"dtype float16 cannot hold the model's largest weight, {largest:g}.")
        return checked
