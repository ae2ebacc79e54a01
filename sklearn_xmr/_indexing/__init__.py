"""Trees over the labels: what they are, and what grows them."""
