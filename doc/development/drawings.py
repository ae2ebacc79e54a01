"""The drawing of the page on architecture."""

from itertools import pairwise

import matplotlib.pyplot as plt

# Name: centre, text, and whether it is data (or else something that works on data).
BOXES = {
    "texts": (0, 4, "texts", True),
    "vectorizer": (2, 4, "vectorizers", False),
    "X": (4, 4, "X", True),
    "y": (0, 3, "y", True),
    "targets": (2, 3, "binarise", False),
    "Y": (4, 3, "Y", True),
    "features": (6, 3, "label\nfeatures", False),
    "indexer": (8, 3, "indexer", False),
    "tree": (10, 3, "label tree", True),
    "training": (8, 4, "training", False),
    "model": (10, 4, "fitted model", True),
    "query": (0, 2, "query", True),
    "vectorizer of query": (2, 2, "vectorizers", False),
    "rows": (4, 2, "rows of X", True),
    "search": (6, 2, "beam search", False),
    "ranker": (8, 2, "ranker", False),
    "answer": (10, 2, "labels, scores", True),
}
CHAINS = [
    ["texts", "vectorizer", "X", "training", "model"],
    ["y", "targets", "Y", "features", "indexer", "tree", "training"],
    ["X", "features"],
    ["Y", "training"],
    ["query", "vectorizer of query", "rows", "search", "ranker", "answer"],
]
ON_DATA = {"boxstyle": "round,pad=0.4", "facecolor": "#dbe9f6", "edgecolor": "#4878a8"}
ON_WORK = {"boxstyle": "square,pad=0.4", "facecolor": "#fdf1dc", "edgecolor": "#b98a33"}


def data_flow():
    """From texts to the fitted model, and from a query to labels."""
    _, ax = plt.subplots(figsize=(10, 4), layout="constrained")
    boxes = {
        name: ax.text(x, y, text, ha="center", va="center", bbox=ON_DATA if is_data else ON_WORK)
        for name, (x, y, text, is_data) in BOXES.items()
    }
    for chain in CHAINS:
        for start, end in pairwise(chain):
            _draw_arrow(ax, boxes[start], boxes[end])
    # What the search asks, past the tree.
    _draw_arrow(
        ax, boxes["model"], boxes["search"], linestyle="--", connectionstyle="arc3,rad=-0.4"
    )
    ax.set(xlim=(-0.8, 11), ylim=(1.6, 4.4))
    ax.axis("off")


def _draw_arrow(ax, start, end, **style):
    patches = {"patchA": start.get_bbox_patch(), "patchB": end.get_bbox_patch()}
    arrow = {"arrowstyle": "-|>", "color": "dimgray", **patches, **style}
    ax.annotate("", end.get_position(), start.get_position(), arrowprops=arrow)
