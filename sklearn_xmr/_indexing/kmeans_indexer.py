"""`HierarchicalKMeansIndexer`: a label tree by k-means on the label features."""

from numbers import Integral
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import validate_data

from .._checks import MAX_INT32
from .._saving.versions import VersionedState
from .._sklearn import Interval, fit_context
from .._sparse import check_csr
from .balanced_clusters import KMeans, grow_clusters, rows_to_cluster
from .cuts import tree_of_cuts
from .unbalanced_clusters import grow_unbalanced_clusters


class HierarchicalKMeansIndexer(VersionedState, BaseEstimator):
    """Grow a label tree by k-means on the label features.

    All labels are clustered, then the labels of each cluster again and so on, until no cluster has
    more than `max_leaf_size` labels. By default, clusters are balanced and compared by direction:
    two halves are made by spherical 2-means, these are cut into two again and so on, and several
    cuts make one layer of the tree. The layers are then as few as `branching_factor` allows; the
    first one has fewer clusters where that is enough, so that little can be lost there. Clusters of
    one layer differ in size by one label at most.

    Read more in the :ref:`User Guide <indexing>`.

    Parameters
    ----------
    branching_factor : int, default=128
        Number of children of a cluster (fewer in the first layer if `balanced`, and where there are
        fewer labels), at least 2. Need not be a power of two.
    max_leaf_size : int, default=200
        A cluster with no more labels than that is not split. With no more labels in all, all of
        them hang from the root.
    max_iter : int, default=20
        Largest number of passes of one k-means over all of its labels. It stops before that once
        a pass moves fewer than one label in 200.
    balanced : bool, default=True
        Whether all clusters of a layer are of the same size. Otherwise they are as large as
        k-means makes them, with `branching_factor` centres at a time: with 100 of them and
        ``max_depth=2`` a wide, shallow tree as Bonsai grows it [2]_.
    spherical : bool, default=True
        Whether labels are compared by cosine, with rows and centres at unit length. Otherwise they
        are compared by Euclidean distance, and centres are means.
    max_depth : int or None, default=None
        Most layers of clusters above the labels. The lowest clusters are not split, even if they
        have more than `max_leaf_size` labels. None sets no limit.
    n_jobs : int or None, default=None
        Number of threads: ``None`` is 1 unless inside a ``joblib.parallel_config`` of threads,
        ``-1`` is all processors. The tree does not depend on it.
    random_state : int, RandomState instance or None, default=None
        Draws the labels that each k-means starts from. Pass an int for the same tree at every
        call.

    Attributes
    ----------
    tree_ : LabelTree
        The tree; its labels are the rows of `Z`. Siblings are contiguous; of two halves, or of the
        clusters that are not balanced, the one that holds the lowest label comes first.
    n_features_in_ : int
        Number of columns of `Z`.
    feature_names_in_ : ndarray of str of shape (n_features,)
        Names of the columns of `Z`, if it has names that are all strings.

    See Also
    --------
    LabelTree : The tree, which can also be made from a known hierarchy.

    Notes
    -----
    Balanced 2-means [1]_: order the labels by their inner product with the
    difference of the two centres, give the lower ones to the left and the others to the right
    side, make each side's mean the new centre (at unit length, if spherical), and repeat. The first
    centres are a label and the one least like it among a few others, drawn at random; where there
    are thousands of labels, the centres first settle on every eighth of them.

    Unbalanced k-means is Lloyd's, started from labels drawn at random, and settles on every eighth
    label first where there are many for each centre. Centres that lose their labels are dropped,
    and a cluster that ends higher up than others goes on as an only child. It cannot tell apart
    labels that are all alike (or have no features): where one cluster would keep more than nine
    tenths of the labels, they are cut into balanced clusters instead. It takes memory for the
    centres, features x `branching_factor` x 4 bytes for each thread.

    Each k-means is seeded by `random_state` and the labels that it is for, so the order in which
    threads get to work does not matter. Labels without features are placed like any other.

    References
    ----------
    .. [1] Yu et al., "PECOS: Prediction for Enormous and Correlated Output Spaces", Journal of
       Machine Learning Research 23, 2022.
    .. [2] Khandagale, Xiao and Babbar, "Bonsai: diverse and shallow trees for extreme multi-label
       classification", Machine Learning 109, 2020.

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
        "max_iter": [Interval(Integral, 1, MAX_INT32, closed="both")],
        "balanced": ["boolean"],
        "spherical": ["boolean"],
        "max_depth": [Interval(Integral, 1, None, closed="left"), None],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        branching_factor=128,
        *,
        max_leaf_size=200,
        max_iter=20,
        balanced=True,
        spherical=True,
        max_depth=None,
        n_jobs=None,
        random_state=None,
    ):
        self.branching_factor = branching_factor
        self.max_leaf_size = max_leaf_size
        self.max_iter = max_iter
        self.balanced = balanced
        self.spherical = spherical
        self.max_depth = max_depth
        self.n_jobs = n_jobs
        self.random_state = random_state

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, Z, y=None):
        """Grow the tree over the rows of `Z`.

        Parameters
        ----------
        Z : {array-like, sparse matrix} of shape (n_labels, n_features)
            The label features. Rows are brought to unit length, in a copy, if `spherical`.
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
                "matrix with one row per label, got None."
            )
        rows = rows_to_cluster(check_csr(Z, "Z", self, any_width=True), self.spherical)
        validate_data(self, Z, skip_check_array=True)
        seed = check_random_state(self.random_state).randint(MAX_INT32)
        k_means = KMeans(seed, self.max_iter, self.spherical)
        shape = {
            "branching_factor": self.branching_factor,
            "max_leaf_size": self.max_leaf_size,
            "max_depth": self.max_depth,
            "n_jobs": self.n_jobs,
        }
        if self.balanced:
            order, cuts = grow_clusters(rows, np.zeros(1, dtype=np.int64), k_means, **shape)
        else:
            order, cuts = grow_unbalanced_clusters(rows, k_means, **shape)
        self.tree_ = tree_of_cuts(order, [*cuts, np.arange(rows.n_rows)])
        return self

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
