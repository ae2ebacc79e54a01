"""
Grid search with a progress bar: which C, which threshold?
==========================================================

Twelve settings, four trainings for each fold. With ``memory``, settings that differ in
``prune_threshold`` alone share a training.
"""

import tempfile
from contextlib import suppress

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import GridSearchCV, KFold

from sklearn_xmr import WordNgramTfidf, XRLinearClassifier
from sklearn_xmr.datasets import load_job_titles
from sklearn_xmr.metrics import make_topk_scorer, recall_at_k

jobs = load_job_titles()
rows = [
    (title, names[0])
    for title, names in zip(jobs.train_titles, jobs.train_occupations, strict=True)
    if names[0] < "e"
]
X = WordNgramTfidf((1, 2)).fit_transform([title for title, _ in rows])
y = [name for _, name in rows]

# %%
# Most classes have fewer rows than a stratified split wants: ``KFold`` does not stratify. The
# progress bar is scikit-learn's, since 1.9; it wants ``rich``. In a terminal, it moves.

grid = {"C": [0.1, 1, 10, 100], "prune_threshold": [0.05, 0.1, 0.3]}
with tempfile.TemporaryDirectory() as folder:
    search = GridSearchCV(
        XRLinearClassifier(random_state=0, memory=folder),
        grid,
        scoring=make_topk_scorer(recall_at_k, k=10),
        cv=KFold(2, shuffle=True, random_state=0),
        refit=False,
    )
    with suppress(ImportError):
        from sklearn.callback import ProgressBar

        search.set_callbacks(ProgressBar(max_propagation_depth=0))
    search.fit(X, y)
print(search.best_params_, round(search.best_score_, 3))

# %%
# Names of columns and rows come from the grid, in the order that scikit-learn goes through it.

scores = search.cv_results_["mean_test_score"].reshape(len(grid["C"]), -1)
figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
image = axes.imshow(scores, cmap="viridis", origin="lower", aspect="auto")
for (row, column), score in np.ndenumerate(scores):
    axes.text(column, row, f"{score:.3f}", ha="center", va="center", color="white")
axes.set_xticks(range(len(grid["prune_threshold"])), grid["prune_threshold"])
axes.set_yticks(range(len(grid["C"])), grid["C"])
axes.set(title="recall@10 of two folds", xlabel="prune_threshold", ylabel="C")
figure.colorbar(image)
plt.show()
