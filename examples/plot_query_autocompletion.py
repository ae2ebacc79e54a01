"""
Query autocompletion: what is being typed, knowing what was asked before
========================================================================

After one or two letters, the right query should stand in the list. The letters alone leave a lot
open; the query before them often decides [1]_. Here, sessions are the subject headings of a book,
one after the other (:func:`~sklearn_xmr.datasets.load_subject_sessions`).

.. [1] Yadav et al., "Session-Aware Query Auto-completion using Extreme Multi-label Ranking", KDD
   2021.
"""

# %%
# Learn from sessions
# -------------------
# Each pair of queries in a session makes a training row: the first query, a random prefix of the
# second, and the second as the target.

import matplotlib.pyplot as plt
import numpy as np

from sklearn_xmr import (
    CharNgramTfidf,
    CooccurrenceCompleter,
    HierarchicalKMeansIndexer,
    MostFrequentCompleter,
    QueryAutocompleter,
    TrieHybridIndexer,
    TrieIndexer,
    XRLinearClassifier,
)
from sklearn_xmr.datasets import load_subject_sessions, make_prefix_pairs
from sklearn_xmr.inspection import plot_label_tree
from sklearn_xmr.metrics import mean_reciprocal_rank

sessions = load_subject_sessions()
X_train, y_train = make_prefix_pairs(sessions.train_sessions[:30_000], random_state=0)
X_test, y_test = make_prefix_pairs(sessions.test_sessions[:3_000], random_state=1)
completer = QueryAutocompleter(random_state=0).fit(X_train, y_train)
print(f"{len(y_train)} rows to learn from, {len(completer.queries_)} queries")

# %%
# Letter by letter
# ----------------
# What is suggested for a prefix, without and with a query before it:

typed = "climate"
for previous in ("", "forests", "politics"):
    print(f"\nafter {previous or 'no query'}")
    for length in range(5):
        suggestions = [query for query, _ in completer.complete(previous, typed[:length], k=3)]
        print(f"  {typed[:length] + '|':6} {', '.join(suggestions)}")

# %%
# Three indexes
# -------------
# A tree over the queries makes the search quick, and there are several ways to grow it: by what the
# texts look like (k-means on prefix-weighted character n-grams), by their beginnings (a trie), or a
# trie at the top with k-means below it. Eight strings show the difference.

strings = ["a", "ab", "abc", "abd", "abfgh", "abfgi", "bcde", "bcdf"]
vectorizer = CharNgramTfidf((1, 3), analyzer="char", prefix_weighting="string")
indexers = {
    "k-means": HierarchicalKMeansIndexer(branching_factor=2, max_leaf_size=2, random_state=0),
    "trie": TrieIndexer(max_leaf_size=1),
    "hybrid, depth 1": TrieHybridIndexer(1, branching_factor=2, max_leaf_size=2, random_state=0),
}
figure, panels = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
for axes, (name, indexer) in zip(panels, indexers.items(), strict=True):
    indexer.fit(vectorizer.fit_transform(strings), strings)
    plot_label_tree(indexer, label_names=strings, ax=axes).set_title(name)
plt.show()

# %%
# How good are they?
# ------------------
# The mean reciprocal rank of the query that was meant, by the length of what had been typed. Two
# completers that just count are there to be beaten. How the tree was grown matters less than that
# the prefix steers the search through it. A classifier that is given replaces the default one with
# its ``C=0.3``, so that each is given that here.

text_features = vectorizer.fit_transform(completer.queries_)
models = {
    "most frequent": MostFrequentCompleter(),
    "co-occurrence": CooccurrenceCompleter(),
    "k-means": QueryAutocompleter(
        classifier=XRLinearClassifier(
            HierarchicalKMeansIndexer(), label_features=text_features, C=0.3
        ),
        random_state=0,
    ),
    "trie": QueryAutocompleter(classifier=XRLinearClassifier(TrieIndexer(), C=0.3), random_state=0),
    "hybrid": QueryAutocompleter(random_state=0),
}
lengths = np.array([len(prefix) for prefix in X_test[:, 1]])
bins = [(1, 1), (2, 2), (3, 3), (4, 5), (6, 8), (9, 100)]
figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
for name, model in models.items():
    labels, _ = model.fit(X_train, y_train).rank(X_test, k=10)
    values = mean_reciprocal_rank(y_test, labels, average=None)
    means = [values[(lengths >= low) & (lengths <= high)].mean() for low, high in bins]
    style = "--" if name in ("most frequent", "co-occurrence") else "-"
    axes.plot(means, style, marker="o", label=f"{name}, {values.mean():.3f} in all")
names = [f"{low}" if low == high else f"{low}-{high}" for low, high in bins[:-1]] + ["9 or more"]
axes.set_xticks(range(len(bins)), names)
axes.set(xlabel="letters typed", ylabel="mean reciprocal rank at 10")
axes.legend()
plt.show()
