"""What test_interop has libpecos do, in an interpreter that has it."""

import sys
from pathlib import Path

import scipy.sparse as sp
from pecos.utils.cluster_util import ClusterChain
from pecos.xmc.xlinear.model import XLinearModel

HINGES = [f"l{power}_hinge" for power in (1, 2, 3, 4)]
TRANSFORMS = [*HINGES, *(f"log_{name}" for name in HINGES), "sigmoid", "log_sigmoid", "noop"]


def train(folder):
    """Train on a tree of ours, and predict with every post-processor."""
    X, Y = (sp.load_npz(folder / f"{name}.npz") for name in "XY")
    X.sort_indices()
    chain = ClusterChain.load(str(folder / "chain"))
    chain.save(str(folder / "chain_again"))
    model = XLinearModel.train(X, Y, C=chain, threshold=0.05, shallow=True)
    model.save(str(folder / "model"))
    for transform in TRANSFORMS:
        name = transform.replace("_", "-")
        beam_size = 12 if "hinge" in name else 2
        predicted = model.predict(X, beam_size=beam_size, only_topk=12, post_processor=name)
        sp.save_npz(folder / f"{transform}.npz", predicted)


def predict(folder):
    """Predict with a model of ours, in both of the ways that there are to load it."""
    X = sp.load_npz(folder / "X.npz")
    X.sort_indices()
    for way, compiled in (("python", False), ("compiled", True)):
        model = XLinearModel.load(str(folder / "model"), is_predict_only=compiled)
        sp.save_npz(folder / f"{way}.npz", model.predict(X))


{"train": train, "predict": predict}[sys.argv[1]](Path(sys.argv[2]))
