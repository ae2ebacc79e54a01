"""Figures of things that are counted or measured."""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MultiLabelBinarizer

from sklearn_xmr import (
    CalibratedRanker,
    CharNgramTfidf,
    ProductRetriever,
    WordNgramTfidf,
    XRLinearClassifier,
)
from sklearn_xmr.datasets import load_book_subjects
from sklearn_xmr.inspection import explain, plot_explanation, plot_reliability
from sklearn_xmr.metrics import ndcg_at_k, precision_at_k, recall_at_k

BLUE, OCHRE = "#4878a8", "#b98a33"


def misspelt():
    """How much of a phrase is left for words and for characters, with more and more errors."""
    forms = ["machine learning", "machine learnig", "machin learnig", "mahcin learnig"]
    similarities = {}
    for name, vectorizer in (("words", WordNgramTfidf()), ("characters", CharNgramTfidf())):
        vectorizer.fit([*forms[:1], "washing machines", "learning to wash"])
        X = vectorizer.transform(forms)
        similarities[name] = (X[[0]] @ X.T).toarray()[0]
    _, ax = plt.subplots(figsize=(7, 2.6), layout="constrained")
    places = np.arange(len(forms))
    for number, (name, colour) in enumerate((("words", OCHRE), ("characters", BLUE))):
        ax.barh(places + 0.35 * number, similarities[name], 0.35, color=colour, label=name)
    ax.set_yticks(places + 0.17, forms)
    ax.invert_yaxis()
    ax.set_xlabel('cosine with "machine learning"')
    ax.legend()


def giving_way():
    """Two products for one query: the one that its words name, and the one that is clicked."""
    titles = {"hose": "garden hose", "can": "watering can", "lamp": "desk lamp", "saw": "hand saw"}
    query = "watering pipe"
    vectorizer = TfidfVectorizer().fit([*titles.values(), query])
    prior = {name: vectorizer.transform([title]) for name, title in titles.items()}
    numbers = [0, 1, 2, 4, 8, 16]
    x = vectorizer.transform([query])
    margins = []
    for number in numbers:
        X = vectorizer.transform([*titles.values(), *[query] * number])
        model = XRLinearClassifier(label_prior=prior, score_transform="noop", random_state=0)
        model.fit(X, [*titles, *["hose"] * number])
        margins.append([explain(model, x, name).score for name in titles])
    _, ax = plt.subplots(figsize=(6, 2.8), layout="constrained")
    for title, margin, colour in zip(
        titles.values(), np.transpose(margins), (BLUE, OCHRE, "silver", "lightgray"), strict=True
    ):
        ax.plot(margin, "o-", color=colour, label=title)
    ax.set_xticks(range(len(numbers)), numbers)
    ax.set(xlabel=f'clicks on the garden hose after "{query}"', ylabel="margin")
    ax.legend(ncols=2)


def explanation():
    """Why a product was found."""
    titles = {"R1": "Hose reel with wheels", "H1": "Garden hose, 50 ft.", "L1": "LED desk lamp"}
    retriever = ProductRetriever(label_text=titles, random_state=0).fit([], [])
    _, ax = plt.subplots(figsize=(7, 4), layout="constrained")
    plot_explanation(retriever.explain("hose reel", "R1"), ax=ax)


def reliability():
    """What scores say, and what comes of it, without and with calibration."""
    books = load_book_subjects()
    texts, labels = books.train_texts[:4000], books.train_labels[:4000]
    pipeline = make_pipeline(WordNgramTfidf(), XRLinearClassifier(random_state=0))
    models = {
        "the classifier": pipeline,
        "CalibratedRanker": CalibratedRanker(pipeline, random_state=0),
    }
    binarizer = MultiLabelBinarizer(classes=books.label_names, sparse_output=True)
    Y, Y_test = map(binarizer.fit_transform, (labels, books.test_labels[:2000]))
    _, panels = plt.subplots(1, 2, figsize=(9, 4), sharey=True, layout="constrained")
    for ax, (name, model) in zip(panels, models.items(), strict=True):
        scores = model.fit(texts, Y).predict_proba(books.test_texts[:2000])
        plot_reliability(Y_test, scores, k=1, ax=ax)
        ax.set_title(name)


def metrics():
    """Three metrics of one ranking, by k."""
    y_true = np.array([[1, 0, 1, 0, 0, 1, 0, 0, 0, 0]])
    y_score = -np.arange(10.0)[None]
    places = np.arange(1, 11)
    _, ax = plt.subplots(figsize=(6, 2.8), layout="constrained")
    for metric, colour in ((precision_at_k, OCHRE), (recall_at_k, BLUE), (ndcg_at_k, "#5b8c4a")):
        values = [metric(y_true, y_score, k=k) for k in places]
        ax.plot(places, values, "o-", color=colour, label=metric.__name__)
    for place in np.flatnonzero(y_true[0]) + 1:
        ax.axvline(place, color="lightgray", zorder=0)
    ax.set(xlabel="k (grey: where the right labels stand)", ylim=(0, 1.05))
    ax.set_xticks(places)
    ax.legend()


def mapped():
    """Memory of four processes that serve one model, as the page on serving has it."""
    _, ax = plt.subplots(figsize=(6, 1.8), layout="constrained")
    names = ["each has a copy", "all map one file"]
    ax.barh(names, [902, 583], color=[OCHRE, BLUE])
    ax.bar_label(ax.containers[0], fmt="%d MB", padding=3)
    ax.set(xlabel="memory of four processes", xlim=(0, 1100))
    ax.invert_yaxis()


def memory():
    """Memory of a fit, by formula and as measured, as the page on large problems has it."""
    labels = [10_000, 30_000, 100_000]
    _, ax = plt.subplots(figsize=(6, 2.8), layout="constrained")
    ax.loglog(labels, [33, 98, 313], "--", color=OCHRE, label="formula, one thread")
    ax.loglog(labels, [32, 96, 306], "o", color=BLUE, label="measured, one thread")
    ax.set(xlabel="labels", ylabel="MiB")
    ax.set_xticks(labels, [f"{number:,}" for number in labels])
    ax.set_yticks([30, 100, 300], [30, 100, 300])
    ax.minorticks_off()
    ax.legend()
