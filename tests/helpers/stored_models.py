"""Small models of every kind, and the files of them that each format of `save` has left behind.

``python tests/helpers/stored_models.py`` writes those of the present format, after it has got a new
number: see `sklearn_xmr._saving.versions`. Files of older formats stay as they are.
"""

import sys
from pathlib import Path

from sklearn.pipeline import make_pipeline

from sklearn_xmr import (
    CharNgramTfidf,
    HierarchicalKMeansIndexer,
    MostFrequentCompleter,
    ProductRetriever,
    QueryAutocompleter,
    WordNgramTfidf,
    XRLinearClassifier,
    save,
)
from sklearn_xmr._saving.versions import FORMAT

FOLDER = Path(__file__).resolve().parents[1] / "stored"
TEXTS = ["red apple", "green apple", "red car", "fast car", "garden hose", "hose reel"]
LABELS = ["fruit", "fruit", "vehicle", "vehicle", "garden", "garden"]
SESSIONS = [["apple", "apple pie"], ["apple", "apple tree"], ["car", "cat"], ["apple pie"]]
SHOP = {"a1": "red apple", "a2": "green apple", "c1": "red toy car", "h1": "garden hose"}
INDEXER = HierarchicalKMeansIndexer(2, max_leaf_size=1, random_state=0)


def build():
    """The models by name."""
    classifier = XRLinearClassifier(INDEXER, random_state=0)
    words = WordNgramTfidf(stop_words=["the"], token_pattern="letters_and_digits")
    retriever = ProductRetriever(label_text=SHOP, vectorizer=CharNgramTfidf(), random_state=0)
    return {
        "classifier": make_pipeline(words, classifier).fit(TEXTS, LABELS),
        "counting": MostFrequentCompleter().fit_sessions(SESSIONS),
        "completer": QueryAutocompleter(random_state=0).fit_sessions(SESSIONS),
        "retriever": retriever.fit(["apple red", "hose", "toy"], ["a1", "h1", "c1"]),
    }


def answers(name, model):
    """What a model says to some questions."""
    if name == "classifier":
        return model.predict([*TEXTS, "green hose", ""]).tolist()
    if name == "retriever":
        return [[product for product, _ in model.search(text, 3)] for text in ("apple", "toy car")]
    return [[query for query, _ in model.complete("apple", prefix)] for prefix in ("", "ca")]


if __name__ == "__main__":
    folder = FOLDER / f"format_{FORMAT}"
    folder.mkdir(parents=True, exist_ok=True)
    for name, model in build().items():
        save(model, folder / f"{name}.xmr")
        sys.stdout.write(f"{name}: {(folder / f'{name}.xmr').stat().st_size} bytes\n")
