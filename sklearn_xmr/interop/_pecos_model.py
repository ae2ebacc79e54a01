"""XR-Linear model folders of PECOS: read into a fitted classifier, and written from one."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from .._checks import check_path
from .._files import (
    canonical_floats,
    new_folder,
    read_count,
    read_json,
    read_npz,
    write_json,
    write_npz,
)
from .._fitted_model import FittedModel, Tree
from .._kernels.beam_search import TRANSFORMS
from .._matching.layer import pack_layer
from .._matching.tree_layout import tree_layout
from .._sparse import Csr, in_configured_container
from .._targets import TargetForm
from .._xr_linear import XRLinearClassifier, plain_model, with_model
from ._cluster_chain import tree_of_chain

# PECOS's name of each score transform. It has no others.
POST_PROCESSORS = {name: name.replace("_", "-") for name in TRANSFORMS}
SCORE_TRANSFORMS = {theirs: ours for ours, theirs in POST_PROCESSORS.items()}

# In PECOS every node has a model. This margin leaves the score of the node's parent as it is.
SURE = 100.0

FLOAT_MAX = float(np.finfo(np.float32).max)


def load_pecos_model(folder):
    """Load an XR-Linear model that PECOS has saved.

    Scores are those that PECOS gives with the same post-processor, beam size and number of labels,
    but for rounding.

    Parameters
    ----------
    folder : str or path-like
        The folder that ``XLinearModel.save`` has made there (not one compiled to be
        memory-mapped).

    Returns
    -------
    XRLinearClassifier
        A classifier fitted to a sparse label indicator: ``classes_`` are PECOS's label numbers. Its
        `score_transform` is PECOS's post-processor, its `shortlist_size` the number of labels that
        PECOS returns by default and its `beam_width` the widest beam of the model's layers. Of how
        the model was trained the folder says nothing: `indexer` is the model's tree,
        `prune_threshold` 0, so that :meth:`~sklearn_xmr.XRLinearClassifier.prune` drops what it is
        asked to, ``n_iter_`` 0 for every layer, and the other parameters have their defaults.

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If a file is cut short or altered, if the files do not fit together, or if the model is of
        another kind. The message says which file it is and why.

    See Also
    --------
    dump_pecos_model : Writes such folders.
    load_cluster_chain : Loads a tree alone.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from sklearn_xmr import XRLinearClassifier
    >>> from sklearn_xmr.interop import dump_pecos_model, load_pecos_model
    >>> X = np.eye(4)
    >>> Y = [[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1]]
    >>> model = XRLinearClassifier(random_state=0).fit(X, Y)
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     dump_pecos_model(model, f"{parent}/model")
    ...     loaded = load_pecos_model(f"{parent}/model")
    >>> loaded.rank(X[:1], k=2)[0]
    array([[0, 1]])
    """
    folder = check_path(folder, "folder")
    _check_class(folder / "param.json")
    path = folder / "ranker" / "param.json"
    param = _read_param(path, "HierarchicalMLModel")
    stored = [
        _StoredLayer.read(folder / "ranker" / f"{depth}.model")
        for depth in range(read_count(param, "depth", path))
    ]
    tree = tree_of_chain(
        [layer.membership for layer in stored], [layer.folder / "C.npz" for layer in stored]
    )
    n_features, n_labels = (read_count(param, key, path) for key in ("nr_features", "nr_labels"))
    if n_labels != tree.n_labels:
        raise ValueError(
            f"{path}: 'nr_labels' is {n_labels}, but the last layer has {tree.n_labels} labels."
        )
    for layer in stored:
        layer.check(n_features, stored[0].post_processor)
    layouts = tree_layout(tree)
    layers = [layer.packed(layout) for layer, layout in zip(stored, layouts, strict=True)]
    beams = [layer.only_topk or len(layer.intercepts) for layer in stored]

    classifier = XRLinearClassifier(
        tree,
        prune_threshold=0.0,
        beam_width=max(beams[:-1], default=XRLinearClassifier().beam_width),
        shortlist_size=beams[-1],
        score_transform=SCORE_TRANSFORMS[stored[0].post_processor],
    )
    is_matrix = isinstance(in_configured_container(sp.csr_array((1, 1))), sp.spmatrix)
    model = FittedModel.of(
        [Tree(tree, layers)],
        np.arange(tree.n_labels),
        TargetForm("sparse", np.dtype(np.float32), matrix=is_matrix),
        n_features=n_features,
        n_iter=np.zeros(tree.n_layers, dtype=int),
    )
    return with_model(classifier, model)


class _StoredLayer(NamedTuple):
    # What a layer's folder holds, nodes in PECOS's numbers.
    folder: Path
    n_features: int
    post_processor: str
    only_topk: int  # 0 for all
    membership: sp.csc_array  # (n_nodes, n_nodes_above)
    weights: sp.csc_array  # (n_features, n_nodes)
    intercepts: np.ndarray

    @classmethod
    def read(cls, folder):
        path = folder / "param.json"
        param = _read_param(path, "MLModel")
        n_features, n_nodes, n_above = (
            read_count(param, key, path) for key in ("nr_features", "nr_labels", "nr_codes")
        )
        bias = param.get("bias")
        if (
            not isinstance(bias, int | float)
            or isinstance(bias, bool)
            or not abs(bias) <= FLOAT_MAX
        ):
            raise ValueError(f"{path}: 'bias' must be a finite number, got {bias!r}.")
        how = param.get("pred_kwargs")
        if not isinstance(how, dict):
            raise ValueError(f"{path}: 'pred_kwargs' must be a JSON object, got {how!r}.")
        post_processor = how.get("post_processor")
        if not isinstance(post_processor, str) or post_processor not in SCORE_TRANSFORMS:
            known = ", ".join(SCORE_TRANSFORMS)
            raise ValueError(
                f"{path}: 'post_processor' must be one of {known}, got {post_processor!r}."
            )
        only_topk = read_count({"only_topk": how.get("only_topk") or 0}, "only_topk", path, least=0)
        membership = _read_shaped(folder / "C.npz", (n_nodes, n_above), path)
        with_bias = _read_shaped(folder / "W.npz", (n_features + (bias > 0), n_nodes), path)
        weights, intercepts = with_bias, np.zeros(n_nodes, dtype=np.float32)
        if bias > 0:
            weights = with_bias[:-1]
            products = bias * with_bias[[-1]].toarray()[0].astype(np.float64)
            if np.any(np.abs(products) > FLOAT_MAX):
                raise ValueError(f"{folder / 'W.npz'}: an intercept is too large for float32.")
            intercepts = products.astype(np.float32)
        weights.eliminate_zeros()
        return cls(folder, n_features, post_processor, only_topk, membership, weights, intercepts)

    def check(self, n_features, post_processor):
        """Refuse what does not fit the model."""
        path = self.folder / "param.json"
        if self.n_features != n_features:
            raise ValueError(
                f"{path}: 'nr_features' is {self.n_features}, but the model has {n_features}."
            )
        if self.post_processor != post_processor:
            raise ValueError(
                f"{path}: 'post_processor' is {self.post_processor!r}, but the layer above has "
                f"{post_processor!r}; only models with the same for all layers can be read."
            )

    def packed(self, layout):
        """The layer, packed for search."""
        weights, intercepts = self.weights[:, layout.node_of], self.intercepts[layout.node_of]
        return pack_layer(
            layout,
            Csr.of(weights.T),
            intercepts,
            # In PECOS, only children have models, too.
            has_models=np.diff(layout.child_indptr) > 0,
        )


def _check_class(path):
    # PECOS itself does not look at this file, but it tells models of other kinds apart.
    meta = read_json(path).get("__meta__")
    name = meta.get("class_fullname") if isinstance(meta, dict) else None
    if not isinstance(name, str) or not name.endswith("###XLinearModel"):
        raise ValueError(f"{path}: expected the model of an XLinearModel, got {name!r}.")


def _read_param(path, kind):
    param = read_json(path)
    if param.get("model") != kind:
        raise ValueError(f"{path}: 'model' must be {kind!r}, got {param.get('model')!r}.")
    if param.get("is_mmap"):
        raise ValueError(
            f"{path}: the model was compiled to be memory-mapped; load the folder it was made from."
        )
    return param


def _read_shaped(path, shape, param_path):
    matrix = read_npz(path)
    if matrix.shape != shape:
        raise ValueError(
            f"{path}: the matrix has shape {matrix.shape}, but {param_path} says {shape}."
        )
    return canonical_floats(matrix, path).tocsc()


def dump_pecos_model(model, folder):
    """Write a fitted classifier as an XR-Linear model that PECOS can load.

    ``XLinearModel.load(folder)`` reads it there, and predicts the same scores with the classifier's
    `score_transform`, `beam_width` and `shortlist_size` as its defaults.

    Parameters
    ----------
    model : XRLinearClassifier
        The fitted classifier.
    folder : str or path-like
        The folder to make. It appears when all is written. Labels are numbered in the order of
        ``classes_``; what the classes are is not written.

    Raises
    ------
    TypeError
        If `model` is not an `XRLinearClassifier`.
    NotFittedError
        If it is not fitted.
    ValueError
        If it is an ensemble of several trees, has a matcher or ranker, or an `ancestor_weight`
        other than 1.
    FileExistsError
        If there is something of the name of `folder` already.

    See Also
    --------
    load_pecos_model : Reads such folders.

    Notes
    -----
    In PECOS every node has a model. A node's only child that has none gets one that leaves its
    parent's score as it is: a large intercept or, for "noop", the model of its parent. The latter
    holds for "noop" alone, the former for all other transforms.

    Examples
    --------
    >>> import os
    >>> import tempfile
    >>> from sklearn_xmr import XRLinearClassifier
    >>> from sklearn_xmr.interop import dump_pecos_model
    >>> model = XRLinearClassifier().fit([[1.0, 0.0], [0.0, 1.0]], [[1, 0], [0, 1]])
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     dump_pecos_model(model, f"{parent}/model")
    ...     sorted(os.listdir(f"{parent}/model"))
    ['param.json', 'ranker']
    """
    tree = plain_model(model, "model").trees[0].label_tree
    if model.ancestor_weight != 1:
        raise ValueError(
            f"model must have an ancestor_weight of 1, got {model.ancestor_weight}: PECOS has none."
        )
    chain = tree.to_cluster_chain()
    widths = [model.beam_width] * (tree.n_layers - 1) + [model.shortlist_size]
    with new_folder(folder) as made:
        write_json(made / "param.json", _meta("pecos.xmc.xlinear.model###XLinearModel"))
        ranker = made / "ranker"
        ranker.mkdir()
        write_json(
            ranker / "param.json",
            _meta("pecos.xmc.base###HierarchicalMLModel")
            | {"model": "HierarchicalMLModel", "depth": tree.n_layers}
            | _sizes(model.n_features_in_, chain[-1]),
        )
        for depth, weights in enumerate(_weights_of_layers(model)):
            layer = ranker / f"{depth}.model"
            layer.mkdir()
            how = {
                "only_topk": int(widths[depth]),
                "post_processor": POST_PROCESSORS[model.score_transform],
            }
            write_json(
                layer / "param.json",
                _meta("pecos.xmc.base###MLModel")
                | {"model": "MLModel"}
                | _sizes(model.n_features_in_, chain[depth])
                | {
                    "bias": 1.0,
                    "pred_kwargs": _meta("pecos.xmc.base###MLModel.PredParams") | how,
                },
            )
            write_npz(layer / "W.npz", weights)
            write_npz(layer / "C.npz", chain[depth])


def _meta(class_name):
    return {"__meta__": {"class_fullname": class_name}}


def _sizes(n_features, membership):
    n_nodes, n_above = membership.shape
    return {"nr_labels": n_nodes, "nr_features": n_features, "nr_codes": n_above}


def _weights_of_layers(model):
    # PECOS's W of each layer, top first: a row for each feature and, last, the intercepts.
    above = sp.csc_array((model.n_features_in_ + 1, 1), dtype=np.float32)
    for parents, layer in zip(model.label_tree_.parents, model.layers_, strict=True):
        weights = sp.vstack([layer.coef_, sp.csr_array(layer.intercept_[None])], format="csc")
        without_model = ~layer.has_model_
        if without_model.any():
            weights = _with_models(weights, np.flatnonzero(without_model), parents, above, model)
        above = weights
        yield weights


def _with_models(weights, nodes, parents, above, model):
    # Give nodes without a model one that keeps their parents' scores.
    n_rows, n_nodes = weights.shape
    if model.score_transform == "noop":
        substitutes = above[:, parents[nodes]]
    else:
        places = np.full(len(nodes), n_rows - 1), np.arange(len(nodes))
        sure = np.full(len(nodes), SURE, dtype=np.float32)
        substitutes = sp.csc_array((sure, places), shape=(n_rows, len(nodes)))
    columns = np.arange(n_nodes)
    columns[nodes] = n_nodes + np.arange(len(nodes))
    return sp.hstack([weights, substitutes], format="csc")[:, columns]
