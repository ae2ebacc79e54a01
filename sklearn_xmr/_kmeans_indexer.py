"""`HierarchicalKMeansIndexer`: a label tree by balanced k-means on the label features."""

from numbers import Integral
from typing import ClassVar

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import validate_data

from ._balanced_clusters import grow_clusters, unit_rows
from ._label_tree import LabelTree
from ._sparse import canonical_csr


class HierarchicalKMeansIndexer(BaseEstimator):
    """Grow a label tree by balanced, spherical k-means on the label features.

    All labels are cut into two halves by 2-means, these into two again and so on. Every
    ``log2(branching_factor)`` cuts make one layer of the tree, until no cluster has more than
    `max_leaf_size` labels. The layers are as few as `branching_factor` allows; the first one
    has fewer clusters where that is enough. Clusters of one layer differ by one label at most.

    Parameters
    ----------
    branching_factor : int, default=16
        Number of children of a cluster (fewer in the first layer, and where there are fewer
        labels), at least 2. Need not be a power of two.
    max_leaf_size : int, default=100
        Largest number of labels under a cluster of the lowest layer of clusters. With no more
        labels than that, all labels hang from the root.
    max_iter : int, default=20
        Largest number of passes of one 2-means over all of its labels. It stops before that once
        a pass moves fewer than one label in 200.
    n_jobs : int or None, default=None
        Number of threads: ``None`` is 1 unless inside a ``joblib.parallel_config`` of threads,
        ``-1`` is all processors. The tree does not depend on it.
    random_state : int, RandomState instance or None, default=None
        Draws the labels that each 2-means starts from. Pass an int for the same tree at every
        call.

    Attributes
    ----------
    tree_ : LabelTree
        The tree; its labels are the rows of `Z`. Siblings are contiguous, and of two halves the
        one that holds the lowest label comes first.
    n_features_in_ : int
        Number of columns of `Z`.
    feature_names_in_ : ndarray of str of shape (n_features,)
        Names of the columns of `Z`, if it has names that are all strings.

    See Also
    --------
    LabelTree : The tree, which can also be made from a known hierarchy.

    Notes
    -----
    2-means [1]_ on rows of unit length: order the labels by their inner product with the
    difference of the two centres, give the lower ones to the left and the others to the right
    side, make each side's sum the new centre (at unit length), and repeat. The first centres are a
    label and the one least like it among a few others, drawn at random; where there are thousands
    of labels, the centres first settle on every eighth of them.

    Each 2-means is seeded by `random_state` and its place in the tree, so the order in which
    threads get to work does not matter. Labels without features are placed like any other.

    References
    ----------
    .. [1] Yu et al., "PECOS: Prediction for Enormous and Correlated Output Spaces", Journal of
       Machine Learning Research 23, 2022.

    Examples
    --------
    >>> from sklearn_xmr import HierarchicalKMeansIndexer
    >>> Z = [[1.0, 0.0], [0.0, 1.0], [2.0, 0.1], [0.2, 3.0]]
    >>> indexer = HierarchicalKMeansIndexer(branching_factor=2, max_leaf_size=2, random_state=0)
    >>> indexer.fit(Z).tree_.parents
    [array([0, 0], dtype=int32), array([0, 1, 0, 1], dtype=int32)]
    """

    _parameter_constraints: ClassVar[dict] = {
        "branching_factor": [Interval(Integral, 2, None, closed="left")],
        "max_leaf_size": [Interval(Integral, 1, None, closed="left")],
        "max_iter": [Interval(Integral, 1, 2**31 - 1, closed="both")],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        branching_factor=16,
        *,
        max_leaf_size=100,
        max_iter=20,
        n_jobs=None,
        random_state=None,
    ):
        self.branching_factor = branching_factor
        self.max_leaf_size = max_leaf_size
        self.max_iter = max_iter
        self.n_jobs = n_jobs
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, Z, y=None):
        """Grow the tree over the rows of `Z`.

        Parameters
        ----------
        Z : {array-like, sparse matrix} of shape (n_labels, n_features)
            The label features. Rows are brought to unit length, in a copy.
        y : Ignored
            Not used; here because an indexer is always given the label texts, too.

        Returns
        -------
        HierarchicalKMeansIndexer
            The fitted indexer itself.

        Raises
        ------
        ValueError
            If `Z` is None, is empty or holds NaN or infinity.
        """
        if Z is None:
            raise ValueError(
                "HierarchicalKMeansIndexer clusters label features: Z must be an array or sparse "
                "matrix with one row per label, got None"
            )
        Z = canonical_csr(Z, "Z") if sp.issparse(Z) else Z
        with np.errstate(over="ignore"):  # what is too large for float32 is refused as infinity
            Z = validate_data(self, Z, accept_sparse="csr", dtype=np.float32)
        n_labels = Z.shape[0]
        order, cuts = grow_clusters(
            unit_rows(sp.csr_array(Z)),
            np.zeros(1, dtype=np.int64),
            branching_factor=self.branching_factor,
            max_leaf_size=self.max_leaf_size,
            max_iter=self.max_iter,
            n_jobs=self.n_jobs,
            seed=check_random_state(self.random_state).randint(np.iinfo(np.int32).max),
        )
        self.tree_ = LabelTree._from_cuts(order, [*cuts, np.arange(n_labels)])
        return self

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
