"""Change fitted classifiers: give them labels, cut them to size, take them apart and join them.

Models of nodes are carried over, and labels that stay keep their scores, to the last bit. Nothing
is trained but new labels, and what rows are given for.

- `_growth`: more labels, or fewer.
- `_cuts`: some of the labels, the top, a subtree, and what is joined of them.
"""

from ._cuts import join, restrict, take_subtree, take_top
from ._growth import add_labels, remove_labels

__all__ = ["add_labels", "join", "remove_labels", "restrict", "take_subtree", "take_top"]
