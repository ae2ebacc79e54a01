"""Other people's models and label trees: read from the files of PECOS, and written to them."""

from ._cluster_chain import dump_cluster_chain, load_cluster_chain
from ._pecos_model import dump_pecos_model, load_pecos_model

__all__ = [
    "dump_cluster_chain",
    "dump_pecos_model",
    "load_cluster_chain",
    "load_pecos_model",
]
