"""
Product retrieval: from a query to the best of thousands of products
====================================================================

A search box turns a few words, often misspelt, into the few right products out of very many, most
of which nobody has clicked yet. Here the queries are job titles and the products are occupations
(:func:`~sklearn_xmr.datasets.load_job_titles`), but nothing else is different: more than a third of
the occupations have no row to learn from, only a text.
"""

# %%
# The data
# --------
# A row is a query with the products that were clicked after it. Every product has a text.

from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import MultiLabelBinarizer

from sklearn_xmr import CharNgramTfidf, ProductRetriever, WordNgramTfidf, XRLinearClassifier
from sklearn_xmr.datasets import load_job_titles
from sklearn_xmr.metrics import recall_at_k, warm_and_cold

jobs = load_job_titles()
binarizer = MultiLabelBinarizer(classes=sorted(jobs.label_text), sparse_output=True)
Y_train = binarizer.fit_transform(jobs.train_occupations)
Y_test = binarizer.transform(jobs.test_occupations)
frequency = np.asarray(Y_train.sum(axis=0)).ravel()
print(f"{Y_train.shape[0]} job titles for training, {Y_test.shape[0]} for testing")
print(f"{len(frequency)} occupations, {np.sum(frequency == 0)} of them without a training title")
print(jobs.train_titles[0], "->", jobs.train_occupations[0])
print(jobs.label_text["software developer"])

# %%
# The retriever
# -------------
# It learns from texts and clicks. ``text_matches`` says how many candidates come from the texts; of
# so few products, 30 are enough, and faster to train on than the default of 150.

start = perf_counter()
retriever = ProductRetriever(
    label_text=jobs.label_text, text_matches=30, random_state=0, n_jobs=2
).fit(jobs.train_titles, jobs.train_occupations)
print(f"trained in {perf_counter() - start:.0f} s")


def show(query):
    """Print what is found."""
    print(f"\n{query}")
    for occupation, probability in retriever.search(query, k=3):
        print(f"  {probability:.2f}  {occupation}")


# %%
# The second query is the first as a hurried person types it.

for query in ("primary school teacher", "primery shcool teachr", "nurse"):
    show(query)

# %%
# Why? What query and text have in common adds to the log-odds.

print(retriever.explain("primery shcool teachr", "primary school teacher"))

# %%
# Beside others
# -------------
# Plain cosine similarity of TF-IDF vectors knows the texts only. A classifier in a pipeline knows
# the clicks only, and cannot find what has none. It is tried with two sets of features: words, and
# words and characters, which still match where a word is misspelt or has another ending. A score
# matrix of each goes to the metrics; the retriever's holds its ten best.


def score_matrix(labels, probabilities):
    """Ranked names as a sparse matrix."""
    rows, places = np.nonzero(probabilities > -np.inf)
    columns = np.searchsorted(retriever.classes_, labels[rows, places])
    return sparse.csr_array((probabilities[rows, places], (rows, columns)), Y_test.shape)


vectorizer = TfidfVectorizer(sublinear_tf=True)
texts = vectorizer.fit_transform([jobs.label_text[name] for name in binarizer.classes_])
words = WordNgramTfidf((1, 2), sublinear_tf=True)
pipelines = {
    "clicks, words": make_pipeline(words, XRLinearClassifier(random_state=0)),
    "clicks, words and characters": make_pipeline(
        make_union(words, CharNgramTfidf()), XRLinearClassifier(random_state=0)
    ),
}
scores = {"cosine of texts": (vectorizer.transform(jobs.test_titles) @ texts.T).toarray()}
for name, pipeline in pipelines.items():
    scores[name] = pipeline.fit(jobs.train_titles, Y_train).predict_proba(jobs.test_titles)
scores["ProductRetriever"] = score_matrix(*retriever.rank(jobs.test_titles, k=10))

# %%
# Recall\@10 is the share of a query's products that are among the ten best: of all queries, of
# those with a product that has training rows (warm), and of the others (cold).

recalls = {
    name: warm_and_cold(recall_at_k, Y_test, score, k=10, frequency=frequency)
    for name, score in scores.items()
}
figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
groups = ("all", "warm", "cold")
for number, (name, recall) in enumerate(recalls.items()):
    values = [recall[group].score for group in groups]
    bars = axes.bar(np.arange(3) + 0.2 * number, values, width=0.2, label=name)
    axes.bar_label(bars, fmt="%.2f")
    print(
        f"{name:30}", *(f"{group} {value:.3f}" for group, value in zip(groups, values, strict=True))
    )
axes.set_xticks(np.arange(3) + 0.3, [f"{group} queries" for group in groups])
axes.set(ylabel="recall@10", ylim=(0, 1.25))
axes.legend(ncols=2, loc="upper center")

# %%
# Speed against recall
# --------------------
# Two parameters of the classifier trade one for the other without training again: `beam_width` is
# read when the model is asked, and :meth:`~sklearn_xmr.XRLinearClassifier.prune` makes a smaller
# copy.

pipeline = pipelines["clicks, words and characters"]
X_test = pipeline[:-1].transform(jobs.test_titles)
is_warm = np.flatnonzero(Y_test @ frequency)
for threshold in (0.1, 0.3):
    pruned = pipeline[-1].prune(threshold)
    for beam_width in (1, 10, 50):
        start = perf_counter()
        Y_score = pruned.set_params(beam_width=beam_width).predict_proba(X_test)
        microseconds = 1e6 * (perf_counter() - start) / X_test.shape[0]
        recall = recall_at_k(Y_test[is_warm], Y_score[is_warm], k=10)
        print(
            f"prune_threshold {threshold}  beam_width {beam_width:2}  "
            f"recall@10 of warm queries {recall:.3f}  {microseconds:4.0f} us for a query"
        )

# %%
# How long the retriever takes, from text to ten products, one query at a time:

times = []
for title in jobs.test_titles[:500]:
    start = perf_counter()
    retriever.search(title)
    times.append(1000 * (perf_counter() - start))
print(f"median {np.median(times):.2f} ms, 99th percentile {np.percentile(times, 99):.2f} ms")
plt.show()
