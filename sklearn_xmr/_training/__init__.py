"""The models of a tree: what they learn from, and how threads and machines share the work.

A node's children are trained together, on the rows that the node has. The way from
`XRLinearClassifier.fit` to the kernel is `fit_trees`, for each tree `train_tree`, `run_tasks`,
`train_nodes` and, for siblings, `train_block`.

- `fit_trees`: grow trees and train their models, up to the packed layers.
- `training_data`: rows, labels, costs and negatives, as one value.
- `priors`: what is known of labels beside their rows, where weights start.
- `prior_strength`: how much that weighs, chosen on labels that lose their rows.
- `costs`: what errors at single rows and labels cost.
- `negatives`: how the rows of a node are chosen.
- `training_rows`: which rows train each layer, found out from the top down.
- `layer_data`: what there is to learn in one layer.
- `node_tasks`: what there is to train at the nodes, as tasks; threads take one after the other.
- `node_weights`: what tasks give, joined to the weights of a layer.
- `solver`: dual coordinate descent for the children of one node.
- `cross_fitting`: a ranker that learns from shortlists of trees that did not see its rows.

Labels that come after training:

- `label_rows`: what is given of them, checked.
- `label_places`: where they go in a tree.
- `new_weights`: where their weights start.
- `new_labels`: what they learn, in a tree that grows.
- `stand_ins`: what they learn it against, where rows of the other labels are gone.
- `split_leaves`: what becomes of leaves that have got too many.

Where the tasks are done:

- `progress`: how far it is, for those who listen.
- `scheduling`: in threads, or in the processes and machines of joblib's backend.
- `shards`: what processes are sent.
- `dask_tasks`: a cluster, whose workers may die.
- `allocator`: how free memory goes back to the system.
"""
