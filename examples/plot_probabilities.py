"""
Probabilities: does 70 % mean 70 %?
===================================

The scores of :class:`~sklearn_xmr.ProductRetriever` are probabilities, learned on queries that its
classifier had not seen. Are they honest? Of all answers with about 0.7, seven of ten should be
right.
"""

import matplotlib.pyplot as plt
import numpy as np

from sklearn_xmr import ProductRetriever
from sklearn_xmr.datasets import load_job_titles

jobs = load_job_titles()
retriever = ProductRetriever(label_text=jobs.label_text, text_matches=30, random_state=0, n_jobs=2)
retriever.fit(jobs.train_titles, jobs.train_occupations)
products, scores = retriever.rank(jobs.test_titles, k=5)
is_right = np.array(
    [
        [name in names for name in row]
        for row, names in zip(products.tolist(), jobs.test_occupations, strict=True)
    ]
)

# %%
# Ten bins of equal width, with as many answers as the bars below say:

bins = np.clip((10 * scores).astype(int), 0, 9)
counts = np.bincount(bins.ravel(), minlength=10)
right = np.bincount(bins.ravel(), weights=is_right.ravel(), minlength=10)
said = np.bincount(bins.ravel(), weights=scores.ravel(), minlength=10)
figure, (above, below) = plt.subplots(
    2, 1, figsize=(5, 5.5), height_ratios=[3, 1], sharex=True, layout="constrained"
)
above.plot([0, 1], [0, 1], "--", color="gray", label="honest")
above.plot(said / counts, right / counts, "o-", label="ProductRetriever")
above.set(title="Five answers to each of 3,000 queries", ylabel="share that was right")
above.legend()
below.bar(np.arange(10) / 10 + 0.05, counts, width=0.09)
below.set(xlabel="probability", ylabel="answers", yscale="log")
plt.show()
