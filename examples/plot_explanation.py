"""
Explaining a result: why is this one on top?
============================================

A score is a sum, and the parts of it can be looked at. Here are those of the product on top, beside
those of one that was expected there.
"""

import matplotlib.pyplot as plt

from sklearn_xmr import ProductRetriever
from sklearn_xmr.datasets import load_job_titles
from sklearn_xmr.inspection import plot_explanation

jobs = load_job_titles()
retriever = ProductRetriever(label_text=jobs.label_text, random_state=0).fit([], [])
query = "head of a primary school"
for occupation, probability in retriever.search(query, k=3):
    print(f"{probability:.2f}  {occupation}")

# %%
# Bars to the right speak for it. What was learned from other shops says how much each counts.

figure, panels = plt.subplots(1, 2, figsize=(12, 5), layout="constrained", sharex=True)
for axes, occupation in zip(
    panels, ("primary school head teacher", "primary school teacher"), strict=True
):
    explanation = retriever.explain(query, occupation)
    plot_explanation(explanation, ax=axes)
    axes.set_title(f"{occupation}: {explanation.probability:.2f}")
plt.show()

# %%
# In numbers:

print(retriever.explain(query, "primary school head teacher"))
