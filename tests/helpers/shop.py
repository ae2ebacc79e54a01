"""A small shop: products, and what was clicked."""

import numpy as np

KINDS = ["hose", "reel", "screw", "faucet", "lamp", "ladder", "paint", "shovel"]
TRAITS = ["garden", "wood", "kitchen", "steel", "outdoor", "small"]
TITLES = {
    f"{kind[0].upper()}{number}": f"{trait.title()} {kind}s, {number + 2} ft."
    for kind in KINDS
    for number, trait in enumerate(TRAITS)
}
# What people say for it, which no title has.
SLANG = {"hose": "pipe", "lamp": "light", "paint": "colour"}


def click_log(n_rows=300, seed=0):
    """Queries and the product that was clicked after each, of half of the products."""
    rng = np.random.default_rng(seed)
    clicked = sorted(TITLES)[::2]
    queries, products = [], []
    for product in rng.choice(clicked, n_rows).tolist():
        trait, kind = TITLES[product].lower().split(",")[0].split()
        kind = kind.rstrip("s")
        kind = SLANG.get(kind, kind) if rng.random() < 0.5 else kind
        queries.append(" ".join([trait, kind] if rng.random() < 0.7 else [kind]))
        products.append(product)
    return queries, products
