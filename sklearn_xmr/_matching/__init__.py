"""From rows to ranked labels, down the packed layers of a tree."""
