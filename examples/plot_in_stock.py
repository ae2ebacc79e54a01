"""
In stock only: search among candidates, or filter afterwards?
=============================================================

A tenth of the products is in stock. Searching all and dropping what is not in stock leaves few of
ten answers. With ``candidates``, the search goes only where there is something to find.
"""

import matplotlib.pyplot as plt
import numpy as np

from sklearn_xmr import ProductRetriever
from sklearn_xmr.datasets import load_job_titles

jobs = load_job_titles()
retriever = ProductRetriever(label_text=jobs.label_text, random_state=0).fit([], [])
queries = [
    (title, names)
    for title, names in zip(jobs.test_titles, jobs.test_occupations, strict=True)
    if len(names) == 1
][:1_500]

# %%
# For each share of products in stock: is the right one among the ten shown, if it is in stock?

rng = np.random.default_rng(0)
shares = (0.05, 0.1, 0.3, 1.0)
found = {"among candidates": [], "filtered afterwards": []}
shown = {"among candidates": [], "filtered afterwards": []}
for share in shares:
    mask = rng.random(len(retriever.classes_)) < share
    in_stock = set(retriever.classes_[mask].tolist())
    asked = [(text, names[0]) for text, names in queries if names[0] in in_stock]
    texts, right = [text for text, _ in asked], [name for _, name in asked]
    best, _ = retriever.rank(texts, k=10, candidates=mask)
    everything, _ = retriever.rank(texts, k=10)
    filtered = [[name for name in row if name in in_stock] for row in everything.tolist()]
    for way, rows in (("among candidates", best.tolist()), ("filtered afterwards", filtered)):
        found[way].append(np.mean([name in row for name, row in zip(right, rows, strict=True)]))
        shown[way].append(np.mean([len([name for name in row if name]) for row in rows]))

figure, (left, middle) = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
for way in found:
    left.plot(found[way], "o-", label=way)
    middle.plot(shown[way], "o-", label=way)
for axes in (left, middle):
    axes.set_xticks(range(len(shares)), [f"{share:.0%}" for share in shares])
    axes.set(xlabel="products in stock", ylim=(0, None))
left.set(title="The right one is shown", ylabel="share of queries")
middle.set(title="Products shown", ylabel="of ten")
left.legend()
plt.show()
