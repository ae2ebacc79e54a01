"""Boxes and arrows: how data goes through work and becomes other data."""

from itertools import pairwise

import matplotlib.pyplot as plt

DATA = {"boxstyle": "round,pad=0.4", "facecolor": "#dbe9f6", "edgecolor": "#4878a8"}
WORK = {"boxstyle": "square,pad=0.4", "facecolor": "#fdf1dc", "edgecolor": "#b98a33"}
YOURS = {"boxstyle": "square,pad=0.4", "facecolor": "#e3f1de", "edgecolor": "#5b8c4a"}


def draw(boxes, chains, size, *, dashed=()):
    """Draw boxes, name -> (x, y, text, style), and arrows along chains of their names."""
    _, ax = plt.subplots(figsize=size, layout="constrained")
    drawn = {
        name: ax.text(x, y, text, ha="center", va="center", bbox=style)
        for name, (x, y, text, style) in boxes.items()
    }
    for chain in chains:
        for start, end in pairwise(chain):
            _arrow(ax, drawn[start], drawn[end])
    for start, end in dashed:
        _arrow(ax, drawn[start], drawn[end], linestyle="--", connectionstyle="arc3,rad=-0.4")
    across, down = zip(*(box[:2] for box in boxes.values()), strict=True)
    ax.set(xlim=(min(across) - 1, max(across) + 1), ylim=(min(down) - 0.4, max(down) + 0.4))
    ax.axis("off")
    return ax


def _arrow(ax, start, end, **style):
    patches = {"patchA": start.get_bbox_patch(), "patchB": end.get_bbox_patch()}
    arrow = {"arrowstyle": "-|>", "color": "dimgray", **patches, **style}
    ax.annotate("", end.get_position(), start.get_position(), arrowprops=arrow)
