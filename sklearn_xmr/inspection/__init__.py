"""Look into label trees and into the decisions of the models on them.

Nothing here changes a model, and nothing else needs what is here. Trees are taken as they are, or
from a fitted classifier, a pipeline or a search that holds one.

- `_tree_export`: a label tree as indented text (`export_text`) or as a drawing
  (`plot_label_tree`), with the labels' names, to some depth.
- `_explain`: why a row got a label (`explain`): the nodes on the way from the root to the label,
  and which features weighed how much at each of them.
- `_explanation_text`: these reasons as tables, which is what they print.
- `_explanation_plot`: any of these reasons, or a retriever's for a product, as bars
  (`plot_explanation`).
- `_reliability_plot`: whether probabilities come true (`plot_reliability`).
- `_axes`: where all of these draw.
"""

from ._explain import explain
from ._explanation_plot import plot_explanation
from ._reliability_plot import plot_reliability
from ._tree_export import export_text, plot_label_tree

__all__ = ["explain", "export_text", "plot_explanation", "plot_label_tree", "plot_reliability"]
