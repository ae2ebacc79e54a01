"""Trees over the labels: what a tree is, and the indexers that grow one.

An indexer is fitted to label features or label texts and leaves a `LabelTree` in ``tree_``. Users
may plug in their own.

- `label_tree`: `LabelTree`, for each layer the parent of every node, and nothing else.
- `cluster_chain`: the layers of a tree out of the matrices that PECOS uses.
- `taxonomy`: the layers of a tree out of a vocabulary's broader concepts.
- `label_inputs`: label texts, label features and the indexer, checked and put to work for `fit`.

The indexers, and what they are made of:

- `kmeans_indexer`: `HierarchicalKMeansIndexer`, clusters of label features.
- `trie_indexers`: `TrieIndexer` and `TrieHybridIndexer`, for texts that begin alike.
- `cuts`: layers as ranges of one order of the labels.
- `balanced_clusters`: k-means into clusters of one size.
- `unbalanced_clusters`: k-means into clusters as large as they happen to be.
"""
