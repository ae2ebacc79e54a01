"""The best entries of a range, found at once: texts that begin alike are a range of sorted ones."""

from heapq import heapify, heappop, heappush

import numpy as np


class RangeTop:
    """The largest counts of any range, without a look at all of them.

    A tournament: the entries are the leaves of a complete binary tree, and each node holds the
    best rank below it. The nodes that make up a range are the first to compete; whenever an entry
    wins, the nodes beside its path to the leaf take its place. So k entries cost O(k log n).

    Parameters
    ----------
    counts : ndarray of int of shape (n,)
        What to rank by. Of equal counts, the lower entry ranks first.

    Attributes
    ----------
    by_rank : ndarray of int32 of shape (n,)
        Entry of each rank, the best first.
    tree : ndarray of int32 of shape (2 * n_leaves,)
        Best rank below each node; node i has the children 2 i and 2 i + 1, entry j is the leaf
        n_leaves + j. Leaves without an entry hold n.
    """

    def __init__(self, counts):
        n = len(counts)
        width = n_leaves = 1 << (n - 1).bit_length()
        self.by_rank = np.argsort(-counts, kind="stable").astype(np.int32)
        self.tree = np.full(2 * n_leaves, n, dtype=np.int32)
        self.tree[n_leaves + self.by_rank] = np.arange(n)
        while width > 1:
            children = self.tree[width : 2 * width]
            width //= 2
            self.tree[width : 2 * width] = np.minimum(children[::2], children[1::2])

    def ranked(self, start, stop):
        """Yield the entries from `start` to before `stop`, the largest counts first."""
        tree, by_rank = memoryview(self.tree), memoryview(self.by_rank)  # items are Python's ints
        n_leaves = len(tree) // 2
        competing = [(tree[node], node) for node in _cover(n_leaves + start, n_leaves + stop)]
        heapify(competing)
        for _ in range(start, stop):
            rank, top = heappop(competing)
            entry = by_rank[rank]
            yield entry
            node = n_leaves + entry
            while node > top:
                beside = node ^ 1
                if tree[beside] < len(by_rank):
                    heappush(competing, (tree[beside], beside))
                node >>= 1


def _cover(left, right):
    """Fewest nodes whose leaves are those from `left` to before `right`."""
    nodes = []
    while left < right:
        if left & 1:
            nodes.append(left)
            left += 1
        if right & 1:
            right -= 1
            nodes.append(right)
        left >>= 1
        right >>= 1
    return nodes
