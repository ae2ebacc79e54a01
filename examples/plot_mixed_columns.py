"""
Texts and categories: how much should each count?
=================================================

A row has a job title and the sector of the employer. Which occupation is it? A
:class:`~sklearn.compose.ColumnTransformer` puts both side by side, and its weights say how much the
sector counts beside the words.
"""

# %%
# The sector is made up: one of 26 for each occupation, and a wrong one for every fifth row.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from sklearn_xmr import WordNgramTfidf, XRLinearClassifier
from sklearn_xmr.datasets import load_job_titles

jobs = load_job_titles()
occupation = np.array([names[0] for names in jobs.train_occupations])
rng = np.random.default_rng(0)
sector = np.array([f"sector {name[-1]}" for name in occupation])
is_wrong = rng.random(len(sector)) < 0.2
sector[is_wrong] = rng.permutation(sector[is_wrong])
table = pd.DataFrame({"title": jobs.train_titles, "sector": sector, "occupation": occupation})
train, test = train_test_split(table, random_state=0)
print(train.head(3))

# %%
# A text column is named by a string, others by lists. Rows of TF-IDF have length 1, so a weight of
# 0.5 makes the sector half as long as the title.

columns = ColumnTransformer(
    [
        ("title", WordNgramTfidf((1, 2)), "title"),
        ("sector", OneHotEncoder(handle_unknown="ignore", dtype=np.float32), ["sector"]),
    ],
    sparse_threshold=1,
)
model = make_pipeline(columns, XRLinearClassifier(random_state=0))
weights = (0, 0.1, 0.25, 0.5, 1, 2)
accuracies = []
for weight in weights:
    model.set_params(columntransformer__transformer_weights={"title": 1, "sector": weight})
    model.fit(train, train["occupation"])
    accuracies.append(model.score(test, test["occupation"]))

figure, axes = plt.subplots(figsize=(6, 3.5), layout="constrained")
axes.plot(accuracies, "o-")
axes.set_xticks(range(len(weights)), weights)
axes.set(
    title="A quarter of the titles, held back",
    xlabel="weight of the sector beside the title",
    ylabel="accuracy",
)
plt.show()

# %%
# Without a weight all columns count as they come. A number in thousands would drown the words, just
# as the sector does on the right.
