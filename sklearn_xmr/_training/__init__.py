"""The models of a tree: what they learn from, and how threads and machines share the work."""
