"""What goes where: the package, a search, a log, stages, formats."""

from flow import DATA, WORK, YOURS, draw


def architecture():
    """From texts to the fitted model, and from a query to labels."""
    boxes = {
        "texts": (0, 4, "texts", DATA),
        "vectorizer": (2, 4, "vectorizers", WORK),
        "X": (4, 4, "X", DATA),
        "y": (0, 3, "y", DATA),
        "targets": (2, 3, "binarise", WORK),
        "Y": (4, 3, "Y", DATA),
        "features": (6, 3, "label\nfeatures", WORK),
        "indexer": (8, 3, "indexer", WORK),
        "tree": (10, 3, "label tree", DATA),
        "training": (8, 4, "training", WORK),
        "model": (10, 4, "fitted model", DATA),
        "query": (0, 2, "query", DATA),
        "vectorizer of query": (2, 2, "vectorizers", WORK),
        "rows": (4, 2, "rows of X", DATA),
        "search": (6, 2, "beam search", WORK),
        "ranker": (8, 2, "ranker", WORK),
        "answer": (10, 2, "labels, scores", DATA),
    }
    chains = [
        ["texts", "vectorizer", "X", "training", "model"],
        ["y", "targets", "Y", "features", "indexer", "tree", "training"],
        ["X", "features"],
        ["Y", "training"],
        ["query", "vectorizer of query", "rows", "search", "ranker", "answer"],
    ]
    # What the search asks, past the tree.
    draw(boxes, chains, (10, 4), dashed=[("model", "search")])


def your_data():
    """Five kinds of files, and what learns from each."""
    files = ["text, label", "text, labels", "texts, numbers,\nlabel"]
    files += ["query, product,\nclicks; titles", "user, time, query"]
    boxes = {file: (0, -row, file, DATA) for row, file in enumerate(files)}
    boxes |= {
        "classifier": (3, -1, "XRLinearClassifier", WORK),
        "retriever": (3, -3, "ProductRetriever", WORK),
        "completer": (3, -4, "QueryAutocompleter", WORK),
        "labels": (6, -1, "ranked labels", DATA),
        "products": (6, -3, "ranked products", DATA),
        "queries": (6, -4, "completions", DATA),
    }
    chains = [[file, "classifier"] for file in files[:3]]
    chains += [["classifier", "labels"], [files[3], "retriever", "products"]]
    draw(boxes, [*chains, [files[4], "completer", "queries"]], (6.5, 4))


def ten_minutes():
    """From a file to a server."""
    boxes = {
        "file": (0, 1, "CSV file", DATA),
        "fit": (2, 1, "pipeline.fit", WORK),
        "model": (4, 1, "model", DATA),
        "rank": (6, 1.5, "rank", WORK),
        "names": (8, 1.5, "names, scores", DATA),
        "score": (6, 0.5, "score", WORK),
        "recall": (8, 0.5, "recall among ten", DATA),
    }
    draw(boxes, [["file", "fit", "model", "rank", "names"], ["model", "score", "recall"]], (7, 1.8))


def stages():
    """What becomes of a misspelt query. The README has it as _static/stages.svg."""
    boxes = {
        "text": (0, 2, '"primery shcool\nteachr"', DATA),
        "features": (2, 2, "features:\nwords and\ncharacters", WORK),
        "tree": (4, 2, "label tree:\nlayer by layer,\nthe best nodes", WORK),
        "shortlist": (0, 1, "shortlist:\n20 of\n100,000 labels", DATA),
        "ranker": (2, 1, "ranker:\na second look", WORK),
        "answer": (4, 1, '"primary school\nteacher"', DATA),
    }
    draw(boxes, [[*boxes]], (6, 2.6))


def own_stages():
    """The three stages, and what is asked of one's own."""
    boxes = {
        "Z": (0, 3, "label features Z,\nlabel texts", DATA),
        "indexer": (2.5, 3, "indexer\nfit(Z, y)", YOURS),
        "tree": (5, 3, "tree_", DATA),
        "X": (0, 2, "rows X", DATA),
        "matcher": (2.5, 2, "matcher\nmatch(X, k)", YOURS),
        "nodes": (5, 2, "nodes, scores", DATA),
        "shortlist": (0, 1, "X, shortlist", DATA),
        "ranker": (2.5, 1, "ranker\nrescore(X, labels, scores)", YOURS),
        "scores": (5, 1, "scores", DATA),
    }
    chains = [["Z", "indexer", "tree"], ["X", "matcher", "nodes"]]
    draw(boxes, [*chains, ["shortlist", "ranker", "scores"]], (7.5, 3.2))


def products():
    """Two ways to candidates, and one ranker for both."""
    boxes = {
        "query": (0, 1, "query", DATA),
        "words": (1.9, 1, "words as typed,\nand as meant", WORK),
        "index": (4.4, 1.5, "text index\nof all titles", WORK),
        "classifier": (4.4, 0.5, "classifier:\nclicks and titles", WORK),
        "candidates": (6.8, 1, "some hundred\ncandidates", DATA),
        "ranker": (8.8, 1, "ranker", WORK),
        "answer": (10.6, 1, "products,\nprobabilities", DATA),
    }
    chains = [["query", "words", "index", "candidates", "ranker", "answer"]]
    draw(boxes, [*chains, ["words", "classifier", "candidates"]], (8.5, 2))


def living_catalogue():
    """A change, and who sees what of it."""
    boxes = {
        "change": (0, 2, "new products,\nclicks, removals", DATA),
        "add": (2.4, 2, "add_labels,\nremove_labels", WORK),
        "new": (5.2, 2, "index, classifier and\nclicks after the change", DATA),
        "old": (5.2, 1, "index, classifier and\nclicks before", DATA),
        "later": (8.2, 2, "searches that\nbegin later", WORK),
        "begun": (8.2, 1, "searches that\nhave begun", WORK),
    }
    draw(boxes, [["change", "add", "new", "later"], ["old", "add"], ["old", "begun"]], (8, 2))


def search_box():
    """From a click log to answers."""
    boxes = {
        "log": (0, 2, "click log", DATA),
        "titles": (0, 1, "titles", DATA),
        "matrices": (2.2, 1.5, "X, Y,\nrelevance", DATA),
        "fit": (4.2, 1.5, "fit,\nevaluate", WORK),
        "file": (6.2, 1.5, "model file", DATA),
        "server": (8.2, 1.5, "rank", WORK),
        "query": (8.2, 2.5, "query", DATA),
        "stock": (8.2, 0.5, "in stock", DATA),
        "answer": (10.2, 1.5, "products", DATA),
    }
    chains = [["log", "matrices", "fit", "file", "server", "answer"], ["titles", "matrices"]]
    draw(boxes, [*chains, ["query", "server"], ["stock", "server"]], (8, 2.4))


def interoperability():
    """What is read, and what is written."""
    boxes = {
        "data": (0, 3, "files of the Extreme\nClassification Repository", DATA),
        "chain": (0, 2, "cluster chains\nof PECOS", DATA),
        "folder": (0, 1, "XR-Linear models\nof PECOS", DATA),
        "X": (4, 3, "X, Y", DATA),
        "tree": (4, 2, "LabelTree", DATA),
        "model": (4, 1, "XRLinearClassifier", DATA),
    }
    pairs = [("data", "X"), ("chain", "tree"), ("folder", "model")]
    draw(boxes, [*pairs, *(pair[::-1] for pair in pairs)], (7, 3.2))


def scikit_learn():
    """A search around a pipeline around a classifier."""
    boxes = {
        "texts": (0, 1, "texts", DATA),
        "words": (2.2, 1.5, "WordNgramTfidf", WORK),
        "characters": (2.2, 0.5, "CharNgramTfidf", WORK),
        "X": (4.2, 1, "X", DATA),
        "classifier": (6.2, 1, "XRLinearClassifier", WORK),
        "predictions": (8.8, 1, "predictions in the\ncontainer of y", DATA),
    }
    chains = [["texts", "words", "X", "classifier", "predictions"], ["texts", "characters", "X"]]
    ax = draw(boxes, chains, (9.5, 2.6))
    for left, right, bottom, top, name in (
        (1, 7.4, 0.05, 1.95, "Pipeline"),
        (0.8, 7.6, -0.2, 2.2, "GridSearchCV"),
    ):
        ax.plot([left, right, right, left, left], [bottom, bottom, top, top, bottom], "gray", lw=1)
        ax.text(right, top, name, ha="right", va="bottom", color="dimgray")
    ax.set_ylim(-0.4, 2.5)
