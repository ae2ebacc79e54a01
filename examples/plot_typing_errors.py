"""
Typing errors: what is left of a misspelt word?
===============================================

A letter too many, one missing, two swapped: to a model of words, the word is gone. To one of
characters, most of it is still there. How much do errors cost, and what do characters cost where
there are none?
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.pipeline import make_pipeline, make_union

from sklearn_xmr import CharNgramTfidf, WordNgramTfidf, XRLinearClassifier, rank
from sklearn_xmr.datasets import load_job_titles

jobs = load_job_titles()
y = [names[0] for names in jobs.train_occupations]
known = set(y)
test = [
    (title, names)
    for title, names in zip(jobs.test_titles, jobs.test_occupations, strict=True)
    if known.intersection(names) and len(title) > 5
]


def misspell(text, n_errors, rng):
    """Drop, double or swap letters."""
    letters = list(text)
    for place in rng.integers(1, len(text) - 1, size=n_errors):
        place = min(place, len(letters) - 2)
        error = rng.integers(3)
        if error == 0:
            del letters[place]
        elif error == 1:
            letters.insert(place, letters[place])
        else:
            letters[place : place + 2] = letters[place + 1], letters[place]
    return "".join(letters)


# %%
# The same classifier on three kinds of features:

features = {
    "words": WordNgramTfidf(),
    "characters": CharNgramTfidf(),
    "both": make_union(WordNgramTfidf(), CharNgramTfidf()),
}
rng = np.random.default_rng(0)
errors = (0, 1, 2, 3)
queries = [[misspell(title, number, rng) for title, _ in test] for number in errors]
for typed in queries:
    print(typed[0])

figure, axes = plt.subplots(figsize=(6, 3.5), layout="constrained")
for name, vectorizer in features.items():
    model = make_pipeline(vectorizer, XRLinearClassifier(random_state=0)).fit(jobs.train_titles, y)
    recalls = []
    for typed in queries:
        labels, _ = rank(model, typed, k=10)
        hits = [bool(known_names & {*row}) for row, known_names in zip(
            labels.tolist(), [set(names) for _, names in test], strict=True
        )]  # fmt: skip
        recalls.append(np.mean(hits))
    axes.plot(errors, recalls, "o-", label=name)
axes.set_xticks(errors)
axes.set(
    title="A right occupation among ten",
    xlabel="errors in a title",
    ylabel="share of titles",
    ylim=(0, 1),
)
axes.legend()
plt.show()
