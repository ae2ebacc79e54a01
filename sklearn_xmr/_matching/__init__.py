"""From rows to ranked labels, down the packed layers of a tree.

`FittedModel` asks this room: it knows layers and nodes, and nothing of classes or estimators.

- `tree_layout`: the order in which training and search number the nodes.
- `layer`: `Layer`, the weights of a layer's nodes, packed for search.
- `later`: `Later`, pieces of a layer that came after it was packed.
- `beam_search`: down the layers with the best nodes of each, in batches that threads share out.
- `matcher`: a user's own way to the nodes whose labels are scored.
- `text_index`: exact search for the rows of a matrix that match a query best, beside the trees.
- `index_input`: what a text index is given, checked.
- `segment_checks`: what a text index from a file must hold.
- `candidates`: which nodes still lead to a label that is allowed.
- `score_pairs`: the scores of given labels.
- `ensemble`: one ranking from those of several trees.
- `layer_parts`: layers unpacked, changed and packed again, for surgery.
- `layer_splice`: a layer in which some nodes get other children, and the rest is left as it is.
"""
