"""The models of a tree: what they learn from, and how threads and machines share the work.

In reading order:

- `fit_trees.py`: grow trees and train their models, from the first call to the packed layers.
- `training_data.py`, `costs.py`, `negatives.py`: what the user says of rows, labels and errors.
- `training_rows.py`: which rows train each layer, found out from the top down.
- `node_tasks.py`: what there is to train at the nodes, as tasks that threads take one by one.
- `node_weights.py`: what a task gives, joined to the weights of a layer.
- `solver.py`: train the children of one node, by dual coordinate descent.
- `scheduling.py`, `shards.py`, `dask_tasks.py`: tasks in threads, in processes, on a cluster.
- `allocator.py`: what the allocator holds on to.
"""
