"""Look into label trees and into the decisions of the models on them."""

from ._explain import explain
from ._tree_export import export_text, plot_label_tree

__all__ = ["explain", "export_text", "plot_label_tree"]
