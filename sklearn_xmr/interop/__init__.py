"""Other people's models and label trees: read from the files of PECOS, and written to them.

PECOS keeps a model in a folder of JSON and npz files, with a sparse matrix of weights and one of
cluster membership for each layer of the tree. What is read is checked whole before anything is
made of it, and errors name the file. What is written appears whole, under its name, or not at all.

- `_cluster_chain`: label trees: `load_cluster_chain` and `dump_cluster_chain`.
- `_pecos_model`: linear models with their trees: `load_pecos_model` and `dump_pecos_model`. A model
  scores as it did there, but for rounding; what one side cannot express is refused by name.

Reading and writing of folders, JSON and npz is in `_files`, beside these rooms.
"""

from ._cluster_chain import dump_cluster_chain, load_cluster_chain
from ._pecos_model import dump_pecos_model, load_pecos_model

__all__ = [
    "dump_cluster_chain",
    "dump_pecos_model",
    "load_cluster_chain",
    "load_pecos_model",
]
