"""Products that come and go: `ProductRetriever.add_labels` and `remove_labels`."""

import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from threading import Event

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from helpers.shop import TITLES, click_log
from sklearn_xmr import (
    HierarchicalKMeansIndexer,
    ProductRetriever,
    TextMatchRanker,
    XRLinearClassifier,
)
from sklearn_xmr._retrieval.text_views import TextViews
from sklearn_xmr._retrieval.training import default_classifier

QUERIES, PRODUCTS = click_log()
NAMES = sorted(TITLES)
WORDS = [
    "garden",
    "hose",
    "reel",
    "wood",
    "screw",
    "steel",
    "ladder",
    "laddre",
    "lamp",
    "zymora",
    "quick",
    "50",
    "ft",
    "set",
]


def titles(n, seed=0):
    rng = np.random.default_rng(seed)
    return {f"p{i:03d}": " ".join(rng.choice(WORDS, rng.integers(1, 5))) for i in range(n)}


def queries(n=60, seed=1):
    rng = np.random.default_rng(seed)
    typed = [*WORDS, "stel", "zimora", "qwertz"]
    return ["", *(" ".join(rng.choice(typed, rng.integers(1, 4))) for _ in range(n))]


def retriever(label_text, vectorizer=None, **params):
    return ProductRetriever(label_text=label_text, vectorizer=vectorizer, random_state=0, **params)


def frozen(texts):
    """A fitted vectorizer, which knows the words of all texts from the start."""
    return FrozenEstimator(TextViews().fit([text.lower() for text in texts.values()]))


def assert_same_answers(model, other, **options):
    for array, expected in zip(
        model.rank(queries(), 20, **options), other.rank(queries(), 20, **options), strict=True
    ):
        assert_array_equal(array, expected)


@pytest.fixture(scope="module")
def clicked():
    """A retriever that has learned from clicks, without those of the last products."""
    rows = [(query, product) for query, product in zip(QUERIES, PRODUCTS, strict=True)]
    known = [row for row in rows if row[1] not in NAMES[-6:]]
    model = retriever({name: TITLES[name] for name in NAMES[:-6]})
    return model.fit(*map(list, zip(*known, strict=True)))


def change(model, *args):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "[0-9]+ of [0-9]+ labels were added")
        return deepcopy(model).add_labels(*args)


@pytest.mark.parametrize("most_gone", [0, 30, 1000])
def test_random_changes_end_as_a_fit_of_what_is_left(monkeypatch, most_gone):
    monkeypatch.setattr("sklearn_xmr._growing.LEAST_CLEARED", most_gone)
    rng, texts = np.random.default_rng(0), titles(160)
    now = {name: texts[name] for name in list(texts)[::2]}
    vectorizer = frozen(texts)
    model = retriever(now, vectorizer, text_matches=20).fit([], [])
    for _ in range(60):
        if rng.random() < 0.5:
            # New products, or new texts of known ones.
            names = rng.choice(list(texts), 3, replace=False)
            new = {name: texts[rng.choice(list(texts))] for name in names.tolist()}
            model.add_labels(new)
            now |= new
        else:
            gone = rng.choice(sorted(now), 2, replace=False).tolist()
            model.remove_labels(gone)
            now = {name: text for name, text in now.items() if name not in gone}
    expected = retriever(now, vectorizer, text_matches=20).fit([], [])
    assert model.label_texts_ == now
    assert_array_equal(model.classes_, expected.classes_)
    assert_same_answers(model, expected)
    is_allowed = rng.random((len(queries()), len(now))) < 0.3
    assert_same_answers(model, expected, candidates=is_allowed[0])
    assert_same_answers(model, expected, candidates=is_allowed.astype(int))
    assert_same_answers(model, expected, candidates=sorted(now)[::3])
    assert_same_answers(model, expected, boost=dict.fromkeys(sorted(now)[::3], 1.0))
    assert_same_answers(pickle.loads(pickle.dumps(model)), expected)


def test_words_that_no_product_has_any_more_are_forgotten(monkeypatch):
    monkeypatch.setattr("sklearn_xmr._growing.LEAST_CLEARED", 20)
    letters = np.random.default_rng(0).choice(list("aeioubdgk"), (120, 8))
    texts = {f"q{number}": f"hose {''.join(word)}" for number, word in enumerate(letters)}
    names, stay = list(texts), titles(30)
    vectorizer = frozen(texts | stay)
    model = retriever(stay | {name: texts[name] for name in names[:20]}, vectorizer).fit([], [])
    for number in range(20, 120):
        model.add_labels({names[number]: texts[names[number]]})
        model.remove_labels([names[number - 20]])
        assert len(model._fitted.reader.number_of) <= len(WORDS) + 20 + 21
    left = stay | {name: texts[name] for name in names[100:]}
    expected = retriever(left, vectorizer).fit([], [])
    assert_same_answers(model, expected)
    for name in names[90:]:
        misspelt = texts[name][5:-3] + texts[name][-2:]
        assert model.search(misspelt, 3) == expected.search(misspelt, 3)


def test_searches_meanwhile_see_a_state_before_or_after():
    texts = titles(60)
    names, vectorizer = list(texts), frozen(texts)
    model = retriever({name: texts[name] for name in names[:30]}, vectorizer).fit([], [])
    # Products come and go in pairs: whoever finds one, finds the other.
    pairs = [("zz0", "zz1"), ("zz2", "zz3")]
    stop = Event()

    def look():
        n_searches = 0
        while not stop.is_set() or n_searches == 0:
            found = {product for product, _ in model.search("unlike", 50)}
            labels, _ = model.rank(["unlike"], 50)
            for pair in pairs:
                assert len(found.intersection(pair)) in (0, 2)
                assert len(set(labels[0]).intersection(pair)) in (0, 2)
            n_searches += 1
        return n_searches

    def write(pair):
        for _ in range(25):
            model.add_labels(dict.fromkeys(pair, "quick unlike lamp"))
            model.remove_labels(list(pair))

    with ThreadPoolExecutor(6) as pool:
        readers = [pool.submit(look) for _ in range(4)]
        writers = [pool.submit(write, pair) for pair in pairs]
        for writer in writers:
            writer.result()
        stop.set()
        assert all(reader.result() for reader in readers)
    expected = retriever({name: texts[name] for name in names[:30]}, vectorizer).fit([], [])
    assert_same_answers(model, expected)


def test_one_by_one_ends_as_all_at_once(monkeypatch, clicked):
    # Products without clicks wait for the classifier until they are so many.
    monkeypatch.setattr("sklearn_xmr._retrieval.changed_retriever.MOST_WAITING", 6)
    names = list(titles(13))
    new = dict(zip(names, ["quick steel lamp", "", *titles(11, seed=3).values()], strict=True))
    n_known, single = len(clicked.classifier_.classes_), deepcopy(clicked)
    for number, (name, text) in enumerate(new.items()):
        single = change(single, {name: text})
        # The second has no vector, of which a classifier could learn.
        assert len(single.classifier_.classes_) == n_known + 6 * ((number - (number > 0) + 1) // 6)
        if number == 0:
            assert single.search("quick steel lamps", 1)[0][0] == name
    batches = [dict(list(new.items())[part]) for part in (slice(0, 7), slice(7, 13))]
    assert_same_answers(single, change(change(clicked, batches[0]), batches[1]))
    # A click takes along who waits.
    more = change(change(single, {"x": "wood"}), {"y": "lamp"}, ["lamps"], ["y"])
    assert len(more.classifier_.classes_) == n_known + 14


@pytest.mark.parametrize("score_transform", ["log_sigmoid", "l3_hinge", "noop"])
def test_who_waits_scores_as_a_label_that_knows_its_text_alone(monkeypatch, score_transform):
    indexer = HierarchicalKMeansIndexer(3, max_leaf_size=5)
    settings = {"beam_width": 3, "score_transform": score_transform, "shortlist_size": 8}
    classifier = default_classifier().set_params(indexer=indexer, **settings)
    shop = {name: TITLES[name] for name in NAMES[:-6]}
    rows = [row for row in zip(QUERIES, PRODUCTS, strict=True) if row[1] in shop]
    model = retriever(shop, classifier=classifier).fit(*map(list, zip(*rows, strict=True)))
    new = {name: TITLES[name] for name in NAMES[-6:]}
    waits = change(model, new)
    assert len(waits.classifier_.classes_) == len(shop)
    monkeypatch.setattr("sklearn_xmr._training.new_weights.SHARE", 0.0)
    monkeypatch.setattr("sklearn_xmr._retrieval.changed_retriever.MOST_WAITING", 1)
    placed, asked = change(model, new), [*TITLES.values(), *QUERIES]
    found = [{}, {}]
    for scores, retriever_ in zip(found, (waits, placed), strict=True):
        fitted = retriever_._fitted
        listed = fitted.matcher.search(fitted.reader.read([text.lower() for text in asked]), 1)
        for row, (labels, values) in enumerate(zip(*listed, strict=True)):
            kept = (labels >= len(shop)) & (values > -np.inf)
            pairs = zip(labels[kept].tolist(), values[kept].tolist(), strict=True)
            scores |= {(row, label): value for label, value in pairs}
    # Only who has a label is found where no word is the same.
    both = found[0].keys() & found[1].keys()
    assert len(both) > 20
    for pair in both:
        assert found[0][pair] == pytest.approx(found[1][pair], rel=1e-4, abs=1e-5)


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr("sklearn_xmr._growing.LEAST_CLEARED", 10)
    texts = titles(300)
    names, vectorizer = list(texts), frozen(texts)
    model = retriever({name: texts[name] for name in names[:30]}, vectorizer).fit([], [])
    size = len(pickle.dumps(model))
    for number in range(30, 300):
        model.add_labels({names[number]: texts[names[number]]})
        model.remove_labels([names[number - 30]])
        fitted = model._fitted
        for n_stored in (
            len(fitted.catalogue.stored_texts),
            fitted.ranker._features.label_vectors.n_rows,
            len(fitted.matcher.rows.of_number) if fitted.matcher.rows else 0,
        ):
            assert n_stored <= 50
    assert len(pickle.dumps(model)) < 1.7 * size
    left = {name: texts[name] for name in names[270:]}
    assert_same_answers(model, retriever(left, vectorizer).fit([], []))


class TestWords:
    def test_of_a_new_brand_are_found_at_once(self):
        model = retriever(TITLES).fit([], [])
        asked = ["garden hoses", "wood ladders", "stel shovels", ""]
        before = model.rank(asked, 20)
        model.add_labels({"X1": "Zymora oscillating sprinkler"})
        for text in ("zymora", "zymora sprinklers", "zimora", "sprincler"):
            assert model.search(text, 1)[0][0] == "X1"
        # Queries without any of its words and n-grams are answered as before.
        labels, scores = model.remove_labels(["X1"]).rank(asked, 20)
        assert_array_equal(labels, before[0])
        assert_array_equal(scores, before[1])

    def test_of_removed_products_are_none_again(self):
        model = retriever({"A": "copper bolt", "B": "wooden bolts"}).fit([], [])
        model.add_labels({"C": "coppers"}).remove_labels(["A", "C"])
        assert model.search("coper", 5)[0][0] == "B"
        assert model.explain("copper", "B").matched_words == []

    def test_there_is_room_for_many(self):
        texts = {f"n{i}": f"{chr(97 + i % 26) * 3}{i}x unseen{i}" for i in range(400)}
        model = retriever(TITLES).fit([], []).add_labels(texts)
        found = [model.search(text, 1)[0][0] for text in list(texts.values())[::40]]
        assert found == list(texts)[::40]


class TestClicks:
    def test_of_new_products_are_learned(self, clicked):
        rows = [row for row in zip(QUERIES, PRODUCTS, strict=True) if row[1] in NAMES[-6:]]
        new = {name: TITLES[name] for name in NAMES[-6:]}
        model = change(clicked, new, *map(list, zip(*rows, strict=True)))
        assert_array_equal(model.classes_, NAMES)
        asked, wanted = zip(*rows, strict=True)
        assert model.score(list(asked), [{product} for product in wanted]) > 0.9
        assert "S2" not in clicked.classes_
        # All others keep their scores.
        labels = clicked.classifier_.classes_
        X = clicked.vectorizer_.transform(["wood ladder", "pipe"])
        assert_array_equal(
            clicked.classifier_.score_pairs(X, labels), model.classifier_.score_pairs(X, labels)
        )

    def test_of_known_products_count_at_once(self, clicked):
        model = change(clicked, {}, ["bob's favourite"] * 3, ["L1"] * 3)
        assert model.search("Bob's  favourite", 1)[0][0] == "L1"
        assert change(clicked, {}, ["qwertz"], ["L1"]).search("qwertz", 1)[0][0] == "L1"
        for _ in range(2):
            model.add_labels({}, [""] * 200, ["F3"] * 200)
        assert model.search("", 1)[0][0] == "F3"
        assert model.add_labels({}, ["bob's favourite"], ["L2"]).search("bob's favourite", 2)[1:]
        X = clicked.vectorizer_.transform(["bob's favourite"])
        position = NAMES.index("L1")
        before, after = (of.classifier_.score_pairs(X, [position])[0, 0] for of in (clicked, model))
        assert after > before

    def test_stay_when_a_text_is_replaced(self, clicked):
        query, product = next(
            row for row in zip(QUERIES, PRODUCTS, strict=True) if row[1] in clicked.classes_
        )
        model = change(clicked, {product: "Zymora thing"})
        assert model.label_texts_[product] == "Zymora thing"
        assert model.search("zymora", 1)[0][0] == product
        reasons = model.explain(query, product)
        assert reasons.values[reasons.feature_names.index("clicked before")] > 0
        assert product in {found for found, _ in model.search(query, 60)}
        assert clicked.label_texts_[product] == TITLES[product]

    def test_go_with_their_product(self, clicked):
        gone = sorted(set(PRODUCTS) - set(NAMES[-6:]))[:3]
        model = deepcopy(clicked).remove_labels(gone)
        asked = [*QUERIES[:40], "", *(TITLES[name] for name in gone)]
        labels, _ = model.rank(asked, 60)
        assert not set(labels.ravel()).intersection(gone)
        model = change(model, {name: TITLES[name] for name in gone})
        assert model.search(TITLES[gone[0]], 1)[0][0] == gone[0]
        popularity = dict(model.search("", 60))
        assert max(popularity[name] for name in gone) < 0.001

    def test_removal_frees_memory(self, clicked, monkeypatch):
        monkeypatch.setattr("sklearn_xmr._growing.LEAST_CLEARED", 1)
        kept = NAMES[:8]
        model = deepcopy(clicked).remove_labels(NAMES[8:-6])
        assert len(model.classifier_.classes_) == len(kept)
        assert len(pickle.dumps(model)) < 0.7 * len(pickle.dumps(clicked))
        model = change(model, {"new": "steel ladder"})
        assert set(model.rank(["steel ladder"], 20)[0][0]) <= {*kept, "new", ""}


class TestForms:
    @pytest.mark.parametrize(
        "texts",
        [
            {1: "a", 5: "b"},
            {"a": "a", "b\0": "b"},
            {(1, "x"): "a", (0, "y"): "b"},
            {1.5: "a", 2.5: "b"},
            {False: "a", True: "b"},
            {"a": "a"},
        ],
        ids=str,
    )
    @pytest.mark.parametrize(
        "new",
        [
            {3: "c", 2: "d"},
            {2**70: "c"},
            {"aa": "c", "longer name": "d"},
            {(0, "z"): "c"},
            {2.0: "c"},
            {"a\0": "c"},
        ],
        ids=str,
    )
    def test_products_of_any_kind(self, texts, new):
        model, together = retriever(texts).fit([], []), {**texts, **new}
        try:
            expected = retriever(together).fit([], [])
        except ValueError:
            with pytest.raises(ValueError, match="that can be sorted"):
                model.add_labels(new)
            return
        model.add_labels(new)
        assert_array_equal(model.classes_, expected.classes_)
        assert model.classes_.dtype == expected.classes_.dtype
        assert model.label_texts_ == together
        for product, text in together.items():
            assert model._fitted.catalogue.positions([product], "")[0] == list(
                model.label_texts_
            ).index(product)
            assert model.explain(text, product).product_text == text

    def test_products_of_a_sequence_are_numbered_on(self):
        texts = ["garden hose", "hose reel"]
        model = retriever(texts).fit([], []).add_labels(["wood screw", "steel ladder"])
        assert_array_equal(model.classes_, [0, 1, 2, 3])
        assert model.search("ladders", 1)[0][0] == 3
        assert texts == ["garden hose", "hose reel"]
        assert clone(model).fit([], []).classes_.tolist() == [0, 1]
        assert model.remove_labels(np.array([1])).add_labels(["lamp"]).classes_.tolist() == [
            *(0, 2, 3, 4)
        ]

    def test_the_parameter_is_never_changed(self):
        texts = dict(TITLES)
        model = retriever(texts).fit([], []).add_labels({"X": "x ray"}).remove_labels(NAMES[:1])
        assert texts == TITLES
        assert model.get_params()["label_text"] is texts
        assert model.label_texts_ == {name: TITLES[name] for name in NAMES[1:]} | {"X": "x ray"}

    def test_prepared_candidates_are_read_again(self):
        model = retriever(TITLES).fit([], [])
        prepared = model.prepare_candidates(["H1", "H2"])
        model.add_labels({"A": "garden hose"})
        assert {product for product, _ in model.search("hose", candidates=prepared)} == {"H1", "H2"}

    @pytest.mark.parametrize(
        ("call", "error", "message"),
        [
            (lambda model: model.add_labels({"A": 1}), TypeError, "must have a str for each"),
            (lambda model: model.add_labels("A"), TypeError, "label_text must be a dict"),
            (lambda model: model.add_labels(["text"]), ValueError, "where products have names"),
            (lambda model: model.add_labels({1: "text"}), ValueError, "that can be sorted"),
            (lambda model: model.add_labels({}, ["a"], ["Q"]), ValueError, "got 'Q'"),
            (lambda model: model.add_labels({}, ["a"], []), ValueError, "inconsistent numbers"),
            (lambda model: model.add_labels({}, [1], ["H1"]), TypeError, "X must hold str"),
            (lambda model: model.remove_labels(["Q"]), ValueError, "labels must hold products"),
            (lambda model: model.remove_labels("H1"), ValueError, "got a str"),
            (lambda model: model.remove_labels(["H1", "H1"]), ValueError, "each product once"),
            (lambda model: model.remove_labels(NAMES), ValueError, "at least one product"),
        ],
    )
    def test_what_does_not_fit_changes_nothing(self, call, error, message):
        model = retriever(TITLES).fit([], [])
        before = model._fitted
        with pytest.raises(error, match=message):
            call(model)
        assert model._fitted is before

    def test_a_ranker_of_the_user_knows_no_other_products(self):
        class Own:
            def fit_shortlists(self, X, labels, scores, Y):
                return self

            def rescore(self, X, labels, scores):
                return scores

        model = retriever(TITLES, ranker=Own()).fit(QUERIES, PRODUCTS)
        before = model._fitted
        for change in (lambda: model.add_labels({"A": "a"}), lambda: model.remove_labels(["H1"])):
            with pytest.raises(
                ValueError, match=r"got Own, which .* with an estimator of your own"
            ):
                change()
        assert model._fitted is before

    def test_an_estimator_of_the_user_scores_new_products(self):
        ranker = TextMatchRanker(LogisticRegression(max_iter=2000))
        model = retriever(TITLES, ranker=ranker).fit(QUERIES, PRODUCTS)
        model.add_labels({"X1": "Zymora hose", "A1": "Zymora hose reel"}).remove_labels(["H1"])
        found = model.search("zymora hose", 20)
        assert {found[0][0], found[1][0]} == {"X1", "A1"}
        assert "H1" not in dict(found)
        # Pairs have the features that they have where the products were there from the start.
        left = {**TITLES, "X1": "Zymora hose", "A1": "Zymora hose reel"}
        del left["H1"]
        names = sorted(left)
        assert list(model.classes_) == names
        features = model._fitted.ranker._features
        vectors = model._fitted.reader.vectorizer.transform([left[name].lower() for name in names])
        assert_array_equal(features.vectors_of(np.arange(len(names))).toarray(), vectors.toarray())

    def test_a_classifier_with_a_ranker_keeps_what_it_knows(self):
        classifier = XRLinearClassifier(ranker=TextMatchRanker(), random_state=0)
        model = retriever(TITLES, classifier=classifier).fit(QUERIES, PRODUCTS)
        model.add_labels({"X1": "Zymora hose"}).remove_labels(["H1"])
        found = [product for product, _ in model.search("zymora hose", 20)]
        assert found[0] == "X1"
        assert "H1" not in found

    def test_it_must_be_fitted(self):
        for call in (
            lambda model: model.add_labels({"A": "a"}),
            lambda model: model.remove_labels(["A"]),
        ):
            with pytest.raises(NotFittedError):
                call(retriever(TITLES))
