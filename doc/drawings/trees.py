"""Label trees, and what a search sees of them."""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.preprocessing import normalize

from sklearn_xmr import (
    CharNgramTfidf,
    HierarchicalKMeansIndexer,
    LabelTree,
    TrieHybridIndexer,
    TrieIndexer,
    XRLinearClassifier,
)
from sklearn_xmr.inspection import explain, plot_label_tree

KEPT, CUT, UNSEEN = "#4878a8", "#e0a080", "white"
EDGES = {"edgecolors": "dimgray", "zorder": 2}


def eight_strings():
    """k-means, a trie and a hybrid of both over the same strings."""
    strings = ["a", "ab", "abc", "abd", "abfgh", "abfgi", "bcde", "bcdf"]
    vectorizer = CharNgramTfidf((1, 3), analyzer="char", prefix_weighting="string")
    small = {"branching_factor": 2, "max_leaf_size": 2, "random_state": 0}
    indexers = {
        "k-means": HierarchicalKMeansIndexer(**small),
        "trie": TrieIndexer(max_leaf_size=1),
        "hybrid, depth 1": TrieHybridIndexer(1, **small),
    }
    _, panels = plt.subplots(1, 3, figsize=(10, 3), layout="constrained")
    for ax, (name, indexer) in zip(panels, indexers.items(), strict=True):
        indexer.fit(vectorizer.fit_transform(strings), strings)
        plot_label_tree(indexer, label_names=strings, ax=ax).set_title(name)


def _places(tree):
    """Where the nodes of each layer stand: labels side by side, parents above their children."""
    places = [np.arange(tree.n_labels, dtype=float)]
    for parents in tree.parents[:0:-1]:
        counts = np.bincount(parents)
        places.insert(0, np.bincount(parents, weights=places[0]) / np.maximum(counts, 1))
    return places


def _draw_tree(ax, tree, colours, below):
    """Nodes in the colours given for each layer, the root on top."""
    places = [np.array([(tree.n_labels - 1) / 2]), *_places(tree)]
    for depth, parents in enumerate(tree.parents):
        for node, parent in enumerate(parents):
            ends = [places[depth][parent], places[depth + 1][node]]
            ax.plot(ends, [-depth, -depth - 1], color="lightgray", lw=1, zorder=1)
        n_nodes = len(parents)
        size = 100 if n_nodes < 12 else 40
        ax.scatter(places[depth + 1], [-depth - 1] * n_nodes, size, colours[depth], **EDGES)
    ax.scatter(places[0], [0], 100, KEPT, **EDGES)
    ax.set(title=below, ylim=(-len(tree.parents) - 0.4, 0.4))
    ax.axis("off")


def beam():
    """A search with a beam of two nodes, one panel a layer. The scores are those of a model."""
    rng = np.random.default_rng(3)
    tree = LabelTree.from_parents([[0] * 3, np.arange(9) // 3, np.arange(27) // 3])
    centres = rng.normal(size=(3, 20)).repeat(9, axis=0) + rng.normal(size=(9, 20)).repeat(
        3, axis=0
    )
    centres += rng.normal(size=(27, 20))
    y = np.arange(27).repeat(10)
    X = normalize(centres[y] + 0.8 * rng.normal(size=(270, 20)))
    model = XRLinearClassifier(tree, random_state=0).fit(X, y)

    # A label's explanation has the score of each node above it.
    paths = [explain(model, X[[95]], label).path for label in range(27)]
    scores = [np.zeros(n_nodes) for n_nodes in (3, 9, 27)]
    for path in paths:
        for node in path:
            scores[node.layer][node.node] = node.path_score
    _, panels = plt.subplots(1, 3, figsize=(10, 2.6), layout="constrained")
    colours = [[UNSEEN] * 3, [UNSEEN] * 9, [UNSEEN] * 27]
    beam = [0]
    for depth, (ax, width) in enumerate(zip(panels, (2, 2, 1), strict=True)):
        children = np.flatnonzero(np.isin(tree.parents[depth], beam))
        best = children[np.argsort(-scores[depth][children])[:width]]
        for node in children:
            colours[depth][node] = KEPT if node in best else CUT
        found = "the best is the answer" if depth == 2 else f"the best {width} go on"
        _draw_tree(ax, tree, colours, f"{len(children)} scored, {found}")
        beam = best


def prefix():
    """What a typed prefix leaves of a tree."""
    queries = ["apples", "art", "bees", "biology", "bird song", "birds", "books", "cats"]
    queries += ["children", "climate", "dogs", "drama"]
    tree = TrieIndexer(max_leaf_size=1).fit(None, queries).tree_
    _, panels = plt.subplots(1, 3, figsize=(10, 3.6), layout="constrained")
    for ax, typed in zip(panels, ("", "b", "bi"), strict=True):
        allowed = np.array([query.startswith(typed) for query in queries])
        colours = []
        for parents in tree.parents[::-1]:
            colours.insert(0, [KEPT if is_allowed else UNSEEN for is_allowed in allowed])
            allowed = np.bincount(parents, weights=allowed) > 0
        _draw_tree(ax, tree, colours, f'"{typed}|"')
        for place, query in enumerate(queries):
            ax.text(
                place, -len(tree.parents) - 0.3, query, rotation=90, ha="center", va="top",
                fontsize=8, color="black" if query.startswith(typed) else "gray",
            )  # fmt: skip
        ax.set_ylim(-len(tree.parents) - 3.2, 0.4)


def surgery():
    """A tree, some of its labels, and the parts that it can be taken into."""
    whole = LabelTree.from_parents([[0, 0], [0, 0, 1, 1], np.arange(12) // 3])
    some = LabelTree.from_parents([[0, 0], [0, 0, 1], [0, 0, 1, 2, 2]])
    top = LabelTree.from_parents([[0, 0]])
    part = LabelTree.from_parents([[0, 0], [0, 0, 0, 1, 1, 1]])
    trees = {"the whole": whole, "restrict": some, "take_top": top, "take_subtree": part}
    _, panels = plt.subplots(
        1, 4, figsize=(10, 2.4), layout="constrained", width_ratios=[12, 5, 3, 6]
    )
    for ax, (name, tree) in zip(panels, trees.items(), strict=True):
        _draw_tree(ax, tree, [[KEPT] * len(parents) for parents in tree.parents], name)
        ax.set_ylim(-3.4, 0.4)
