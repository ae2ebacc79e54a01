"""PECOS's model folders, written and evaluated without any of the package's code."""

import json

import numpy as np
from scipy.special import expit


def write_csc(path, dense):
    """A matrix in the layout of `scipy.sparse.save_npz`, spelt out."""
    columns, rows = np.nonzero(dense.T)
    np.savez(
        path,
        indices=rows.astype(np.int32),
        indptr=np.searchsorted(columns, np.arange(dense.shape[1] + 1)).astype(np.int32),
        format=np.array(b"csc"),
        shape=np.array(dense.shape),
        data=dense[rows, columns].astype(np.float32),
    )


def read_csc(path):
    """The dense matrix."""
    with np.load(path) as parts:
        assert parts["format"].item() == b"csc"
        assert parts["data"].dtype == np.float32
        dense = np.zeros(parts["shape"])
        columns = np.repeat(np.arange(dense.shape[1]), np.diff(parts["indptr"]))
        dense[parts["indices"], columns] = parts["data"]
    return dense


def membership(parents, n_above):
    """PECOS's C."""
    return np.equal.outer(parents, np.arange(n_above)).astype(np.float32)


def write_chain(folder, tree):
    """A ClusterChain."""
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"len": len(tree)}))
    for depth, parents in enumerate(tree):
        n_above = len(tree[depth - 1]) if depth else 1
        write_csc(folder / f"C{depth}.npz", membership(parents, n_above))


def write_model(folder, tree, weights, *, bias=1.0, post_processor="l3-hinge", topk=(3, 5)):
    """An XLinearModel. `weights`: for each layer (features, and a row for the bias) x nodes."""
    ranker = folder / "ranker"
    ranker.mkdir(parents=True)
    n_features = len(weights[0]) - (bias > 0)
    meta = {"class_fullname": "pecos.xmc.xlinear.model###XLinearModel"}
    (folder / "param.json").write_text(json.dumps({"__meta__": meta}))
    sizes = {
        "nr_features": n_features,
        "nr_codes": len(tree[-2]) if len(tree) > 1 else 1,
        "nr_labels": len(tree[-1]),
    }
    param = {"model": "HierarchicalMLModel", "depth": len(tree), **sizes}
    (ranker / "param.json").write_text(json.dumps(param))
    for depth, (parents, layer_weights) in enumerate(zip(tree, weights, strict=True)):
        layer = ranker / f"{depth}.model"
        layer.mkdir()
        n_above = len(tree[depth - 1]) if depth else 1
        param = {
            "model": "MLModel",
            "nr_labels": len(parents),
            "nr_features": n_features,
            "nr_codes": n_above,
            "bias": bias,
            "pred_kwargs": {
                "only_topk": topk[depth == len(tree) - 1],
                "post_processor": post_processor,
            },
        }
        (layer / "param.json").write_text(json.dumps(param))
        write_csc(layer / "W.npz", layer_weights)
        write_csc(layer / "C.npz", membership(parents, n_above))


def predict(folder, X, post_processor=None, beam=None, topk=None):
    """What PECOS's documentation says it predicts; -inf for labels that are not returned."""
    depth = json.loads((folder / "ranker" / "param.json").read_text())["depth"]
    above = kept = None
    for d in range(depth):
        layer = folder / "ranker" / f"{d}.model"
        param = json.loads((layer / "param.json").read_text())
        W, C = read_csc(layer / "W.npz"), read_csc(layer / "C.npz")
        how = param["pred_kwargs"]
        name = post_processor or how["post_processor"]
        if param["bias"] > 0:
            X_with_bias = np.hstack([X, np.full((len(X), 1), param["bias"])])
        else:
            X_with_bias = X
        margins = X_with_bias @ W
        if "hinge" in name:
            power = int(name.removeprefix("log-")[1])
            logs = -(np.maximum(0, 1 - margins) ** power)
        elif "sigmoid" in name:
            logs = np.log(expit(margins))
        if name == "noop":
            scores = margins
        elif name.startswith("log-"):
            scores = logs if above is None else logs + above @ C.T
        else:
            scores = np.exp(logs) if above is None else np.exp(logs) * (above @ C.T)
        if above is not None:
            scores[~((kept @ C.T) > 0)] = -np.inf
        width = (topk if d == depth - 1 else beam) or how["only_topk"]
        order = np.argsort(-scores, axis=1, kind="stable")
        np.put_along_axis(scores, order[:, width:], -np.inf, axis=1)
        kept = (scores > -np.inf).astype(float)
        above = np.where(kept, scores, 0)
    return scores
