"""ProductRetriever: what it finds, and in which forms it takes and gives things."""

import pickle

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from numpy.testing import assert_array_equal
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from helpers.shop import TITLES, click_log
from sklearn_xmr import ProductRetriever, TextMatchRanker, XRLinearClassifier, rank
from sklearn_xmr.metrics import make_topk_scorer, recall_at_k

QUERIES, PRODUCTS = click_log()
PRODUCT_NAMES = sorted(TITLES)


def retriever(**params):
    return ProductRetriever(**{"label_text": TITLES, "random_state": 0, **params})


@pytest.fixture(scope="module")
def model():
    return retriever().fit(QUERIES, PRODUCTS)


@pytest.fixture(scope="module")
def text_model():
    return retriever().fit([], [])


def found(model, text, **options):
    return [product for product, _ in model.search(text, **options)]


def assert_same_answers(model, other):
    queries = ["garden hose", "pipe", "", "stel laddr", "qwertz"]
    for array, expected in zip(model.rank(queries, 20), other.rank(queries, 20), strict=True):
        assert_array_equal(array, expected)


class TestFinding:
    def test_products_without_clicks_by_their_text(self, model, text_model):
        assert set(PRODUCTS).isdisjoint({"L1", "S3"})
        for fitted in (model, text_model):
            assert found(fitted, TITLES["L1"], k=1) == ["L1"]
            assert found(fitted, "steel shovels", k=1) == ["S3"]

    def test_what_clicks_teach_and_no_title_says(self, model):
        assert {product[0] for product in found(model, "pipe", k=3)} == {"H"}

    @pytest.mark.parametrize("n_rows", [3, 300])
    def test_what_was_clicked_after_the_same_query(self, n_rows):
        queries, products = QUERIES[:n_rows], PRODUCTS[:n_rows]
        model = retriever().fit(
            [*queries, "bob's favourite", "WOOD  ladder"], [*products, "L1", "F3"]
        )
        assert found(model, "Bob's  favourite", k=1) == ["L1"]
        once, never = (dict(model.search(text, 50)) for text in ("wood ladder", "wood ladders"))
        assert once["F3"] > 2 * never.get("F3", 0)
        assert "L1" not in found(model, "bob's favourite", candidates=["L2", "F3"])

    @pytest.mark.parametrize("typed", ["stele shovel", "STEEL  shovvel", "steel shovels"])
    def test_misspelt_words(self, text_model, typed):
        assert found(text_model, typed, k=1) == ["S3"]

    def test_of_a_pasted_document_the_first_words_are_compared_in_order(self, text_model):
        reader, document = text_model._fitted.reader, "steel " * 200
        words = reader.read([document, "steel shovel"]).words
        np.testing.assert_array_equal(words.indptr, [0, 100, 102])
        first = np.full(100, reader.number_of.get("steel"))
        np.testing.assert_array_equal(words.words[:100], first)
        assert found(text_model, document + "shovel", k=1) == ["S3"]

    def test_synonyms(self):
        model = retriever(synonyms={"Spades": "shovel", "iron": ["steel", "metal"]}).fit([], [])
        assert found(model, "iron spade", k=1) == ["S3"]

    def test_scores_are_probabilities_in_order(self, model):
        _, scores = model.rank(QUERIES[:50], 10)
        assert ((scores > 0) & (scores <= 1) | (scores == -np.inf)).all()
        assert (scores[:, 1:] <= scores[:, :-1]).all()

    def test_an_empty_query_ranks_by_clicks(self, model):
        products, clicks = np.unique(PRODUCTS, return_counts=True)
        expected = products[np.argsort(-clicks, kind="stable")]
        for text in ("", "  ", "?!"):
            assert found(model, text, k=len(expected)) == expected.tolist()

    def test_what_shares_nothing_with_any_title_gets_a_guess(self, model, text_model):
        for fitted in (model, text_model):
            answer = fitted.search("qqqq", 5)
            assert len(answer) == 5
            assert max(score for _, score in answer) < 0.2

    def test_clicks_weigh(self):
        queries = ["hose", "hose"]
        for clicks in ([9, 1], [1, 9]):
            model = retriever().fit(queries, ["H0", "H2"], sample_weight=clicks)
            assert found(model, "", k=1) == [["H0", "H2"][np.argmax(clicks)]]

    def test_rows_of_weight_0_are_as_good_as_absent(self, model):
        weights = np.r_[np.ones(len(QUERIES)), 0, 0]
        other = retriever().fit(
            [*QUERIES, "hose", "xyz"], [*PRODUCTS, "L1", "L1"], sample_weight=weights
        )
        assert_same_answers(other, model)

    def test_equal_queries_are_one_row(self, model):
        aggregated = {}
        for pair in zip(QUERIES, PRODUCTS, strict=True):
            aggregated[pair] = aggregated.get(pair, 0) + 1
        pairs = sorted(aggregated, reverse=True)
        queries, products = ([f" {q.upper()} " for q, _ in pairs], [p for _, p in pairs])
        weights = [aggregated[pair] for pair in pairs]
        other = retriever().fit(queries, products, sample_weight=weights)
        assert_same_answers(other, model)


class TestRanking:
    def test_fillers(self, text_model):
        labels, scores = text_model.rank(["steel"], k=200)
        n_found = (scores > -np.inf).sum()
        assert 0 < n_found <= len(TITLES)
        assert len(set(labels[0, :n_found])) == n_found
        assert (labels[0, n_found:] == "").all()

    def test_search_is_a_row_of_rank(self, model):
        for text in QUERIES[:5]:
            labels, scores = model.rank([text], 4)
            answer = model.search(text, 4)
            assert answer == list(zip(labels[0].tolist(), scores[0].tolist(), strict=True))
            assert all(type(product) is str and type(score) is float for product, score in answer)

    def test_predict(self, model):
        assert_array_equal(model.predict(QUERIES[:9]), model.rank(QUERIES[:9], 1)[0][:, 0])

    def test_min_score(self, model):
        everything = model.search("garden hose", 20)
        limit = everything[3][1]
        kept = model.search("garden hose", 20, min_score=limit)
        assert kept == [pair for pair in everything if pair[1] >= limit]

    def test_candidates(self, model):
        names = ["H1", "R0", "L2"]
        mask = np.isin(model.classes_, names)
        by_name = model.rank(["garden hose", "", "qqq"], candidates=names)
        assert set(by_name[0].ravel()) <= {*names, ""}
        for other in (
            mask,
            mask.tolist(),
            np.tile(mask, (3, 1)),
            sp.csr_matrix(np.tile(mask, (3, 1))),
            np.array(names),
            set(names),
            model.prepare_candidates(names),
            pickle.loads(pickle.dumps(model.prepare_candidates(mask))),
            retriever().fit([], []).prepare_candidates(mask),  # of another one
        ):
            for array, expected in zip(
                model.rank(["garden hose", "", "qqq"], candidates=other), by_name, strict=True
            ):
                assert_array_equal(array, expected)

    def test_no_queries(self, model):
        for options in ({}, {"candidates": ["H1"]}, {"candidates": np.ones((0, 36))}):
            labels, scores = model.rank([], 4, **options)
            assert labels.shape == scores.shape == (0, 4)
            assert labels.dtype == model.classes_.dtype
        assert model.predict([]).shape == (0,)

    def test_candidates_are_prepared_for_all_queries(self, model):
        with pytest.raises(ValueError, match="candidates must be names"):
            model.prepare_candidates(np.ones((2, len(TITLES))))

    def test_candidates_for_each_row(self, model):
        masks = np.zeros((3, len(TITLES)), dtype=int)
        masks[0, PRODUCT_NAMES.index("H1")] = masks[1, PRODUCT_NAMES.index("R0")] = 1
        labels, scores = model.rank(["garden hose", "", "hose"], 2, candidates=masks)
        assert labels.tolist() == [["H1", ""], ["R0", ""], ["", ""]]
        assert_array_equal(scores > -np.inf, labels != "")

    def test_boost(self, model):
        plain = dict(model.search("garden hose", 50))
        boosted = dict(model.search("garden hose", 50, boost={"H4": 2.0}))
        as_array = np.where(model.classes_ == "H4", 2.0, 0.0)
        assert dict(model.search("garden hose", 50, boost=as_array)) == boosted
        odds = {p: s / (1 - s) for p, s in boosted.items()}
        for product, score in plain.items():
            factor = np.exp(2) if product == "H4" else 1
            np.testing.assert_allclose(odds[product], factor * score / (1 - score), rtol=1e-3)

    def test_boost_of_an_empty_query(self, model):
        assert found(model, "", k=1, boost={"L1": 20}) == ["L1"]

    def test_does_not_depend_on_threads_or_the_batch(self, model):
        other = retriever(n_jobs=2).fit(QUERIES, PRODUCTS)
        assert_same_answers(other, model)
        labels, _ = other.rank(QUERIES * 4, 5)
        assert_array_equal(labels, np.tile(model.rank(QUERIES, 5)[0], (4, 1)))

    def test_through_a_pipeline(self, model):
        pipeline = make_pipeline(FunctionTransformer(list), retriever()).fit(QUERIES, PRODUCTS)
        for array, expected in zip(
            rank(pipeline, QUERIES[:5], candidates=["H1"]),
            model.rank(QUERIES[:5], candidates=["H1"]),
            strict=True,
        ):
            assert_array_equal(array, expected)


class TestForms:
    def indicator(self):
        return (np.array(PRODUCTS)[:, None] == PRODUCT_NAMES).astype(int)

    @pytest.mark.parametrize(
        "y",
        [
            np.array(PRODUCTS),
            np.array(PRODUCTS, dtype=object),
            [[product] for product in PRODUCTS],
            [{product} for product in PRODUCTS],
            [(product, product) for product in PRODUCTS],
        ],
        ids=["array", "objects", "lists", "sets", "repeated"],
    )
    def test_y(self, model, y):
        assert_same_answers(retriever().fit(np.array(QUERIES), y), model)

    @pytest.mark.parametrize("form", [np.asarray, sp.csr_array, sp.coo_matrix, np.ndarray.tolist])
    def test_indicator(self, model, form):
        Y = form(self.indicator())
        assert_same_answers(retriever().fit(QUERIES, Y), model)
        numbered = retriever(label_text=[TITLES[name] for name in PRODUCT_NAMES]).fit(QUERIES, Y)
        labels, scores = numbered.rank(QUERIES[:9])
        expected, expected_scores = model.rank(QUERIES[:9])
        assert_array_equal(model.classes_[labels], expected)
        assert_array_equal(scores, expected_scores)

    def test_numbers_as_products(self):
        titles = [TITLES[name] for name in PRODUCT_NAMES]
        y = [PRODUCT_NAMES.index(product) for product in PRODUCTS]
        by_number = retriever(label_text=titles).fit(QUERIES, y)
        by_set = retriever(label_text=titles).fit(QUERIES, [{number} for number in y])
        assert_same_answers(by_set, by_number)
        assert_array_equal(by_number.classes_, np.arange(len(titles)))
        assert by_number.rank([""], 60)[0][0, -1] == -1

    def test_texts_of_their_own(self):
        model = ProductRetriever(random_state=0).fit(
            ["boats", "song of birds"], ["boat trip", "bird song"]
        )
        assert model.label_texts_ == {"bird song": "bird song", "boat trip": "boat trip"}
        assert found(model, "birds", k=1) == ["bird song"]

    @pytest.mark.parametrize(
        "rows",
        [
            ([], []),
            (None, None),
            ([], np.zeros((0, len(TITLES)))),
            ([], sp.csr_array((0, len(TITLES)))),
            (np.array([], dtype=object), np.array([], dtype=object)),
        ],
    )
    def test_no_rows(self, text_model, rows):
        assert_same_answers(retriever().fit(*rows), text_model)
        assert text_model.classifier_ is None

    def test_rows_without_products_say_nothing(self, model):
        y = [*([product] for product in PRODUCTS), [], []]
        assert_same_answers(retriever().fit([*QUERIES, "xyz", ""], y), model)

    @pytest.mark.parametrize("n_rows", [0, 1, 2, 5])
    def test_few_rows(self, n_rows):
        model = retriever().fit(QUERIES[:n_rows], PRODUCTS[:n_rows])
        assert found(model, "steel shovel", k=1) == ["S3"]

    def test_one_product(self):
        model = ProductRetriever(label_text={7: "garden hose"}).fit(["hose", "pipe"], [7, 7])
        assert [product for product, _ in model.search("hose")] == [7]
        labels, scores = model.rank(["hose"], 3)
        assert labels.tolist() == [[7, -1, -1]]
        assert_array_equal(scores[0, 1:], -np.inf)

    def test_clicks_of_one_product_alone(self):
        queries = [f"{word} {i}" for word in ("hose", "pipe") for i in range(30)]
        model = retriever().fit(queries, ["H1"] * 60)
        assert found(model, "pipe 99", k=1) == ["H1"]

    def test_products_without_words(self):
        model = ProductRetriever(label_text={"a": "", "b": "7", "c": "hose"}).fit([], [])
        assert found(model, "hose", k=1) == ["c"]
        assert set(found(model, "")) == {"a", "b", "c"}


class TestStages:
    def test_own_vectorizer(self):
        union = make_union(TfidfVectorizer(), TfidfVectorizer(analyzer="char_wb"))
        model = retriever(vectorizer=union).fit(QUERIES, PRODUCTS)
        assert found(model, "steel shovels", k=1) == ["S3"]
        names = model.ranker_.feature_names_
        assert "tfidfvectorizer-1: cosine" in names
        assert "tfidfvectorizer-2: cosine" in names
        assert not hasattr(union.transformer_list[0][1], "vocabulary_")

    @pytest.mark.parametrize("n_clicks", [0, 1, 2, 5])
    def test_own_vectorizer_is_not_sure_of_what_few_clicks_say(self, n_clicks):
        model = retriever(vectorizer=TfidfVectorizer()).fit(QUERIES[:n_clicks], PRODUCTS[:n_clicks])
        texts = ["steel shovels", "garden", TITLES["L1"]]
        labels, scores = model.rank(texts, 10)
        assert labels[[0, 2], 0].tolist() == ["S3", "L1"]
        assert (np.where(scores > 0, scores, 0).sum(axis=1) <= 1 + 1e-6).all()

    def test_own_classifier(self, model):
        classifier = XRLinearClassifier(C=0.1, shortlist_size=7)
        fitted = retriever(classifier=classifier).fit(QUERIES, PRODUCTS).classifier_
        assert (fitted.C, fitted.shortlist_size) == (0.1, 7)
        assert fitted.label_prior is not None
        assert classifier.label_prior is None

    @pytest.mark.parametrize("are_rows", [True, False])
    def test_titles_are_rows_of_the_classifier_unless_there_are_few_queries(self, are_rows):
        titles = {**TITLES, "nothing": ""}
        names = sorted(titles)
        traits = ["garden", "wood", "kitchen", "steel", "outdoor", "small"]
        log = [
            (f"{trait} {titles[name]}".lower(), name) for name in PRODUCT_NAMES for trait in traits
        ]
        queries, products = zip(*log[: None if are_rows else 30], strict=True)
        model = ProductRetriever(label_text=titles, random_state=0).fit(queries, products)
        rows = sorted(zip(queries, map(names.index, products), strict=True))
        if are_rows:  # apart from that of the title that says nothing
            rows += [(titles[name].lower(), names.index(name)) for name in PRODUCT_NAMES]
        texts, labels = zip(*rows, strict=True)
        X = model.vectorizer_.transform(texts)
        Y = sp.csr_array(np.eye(len(names))[list(labels)])
        peer = clone(model.classifier_).fit(X, Y)
        asked = model.vectorizer_.transform(["garden hose", "small ladders", "3 ft."])
        for array, expected in zip(
            model.classifier_.rank(asked, 10), peer.rank(asked, 10), strict=True
        ):
            np.testing.assert_allclose(array, expected, rtol=1e-3)

    def test_own_estimator_of_the_ranker(self):
        from sklearn.tree import DecisionTreeClassifier

        ranker = TextMatchRanker(DecisionTreeClassifier(max_depth=3, random_state=0))
        model = retriever(ranker=ranker).fit(QUERIES, PRODUCTS)
        assert found(model, "steel shovels", k=1) == ["S3"]

    def test_own_ranker(self):
        class ByPosition:
            """Likes products in reverse."""

            def fit_shortlists(self, X, labels, scores, Y):
                assert X.shape[0] == len(labels) == len(scores) == Y.shape[0]
                self.n_labels = Y.shape[1]
                return self

            def rescore(self, X, labels, scores):
                return labels - self.n_labels

        model = retriever(ranker=ByPosition()).fit(QUERIES, PRODUCTS)
        answer = found(model, "garden hose")
        assert answer == sorted(answer, reverse=True)


class TestModelSelection:
    def test_is_no_classifier(self):
        assert not is_classifier(retriever())

    def test_score(self, model):
        labels, _ = model.rank(QUERIES, 10)
        hits = [product in row for product, row in zip(PRODUCTS, labels, strict=True)]
        assert model.score(QUERIES, PRODUCTS) == np.mean(hits)
        Y = (np.array(PRODUCTS)[:, None] == PRODUCT_NAMES).astype(int)
        assert model.score(QUERIES, Y) == np.mean(hits)
        scorer = make_topk_scorer(recall_at_k, 10, capped=True)
        assert scorer(model, QUERIES, PRODUCTS) == pytest.approx(np.mean(hits))

    def test_score_of_products_that_nobody_knows(self, model):
        assert model.score(["garden hose"], ["no such product"]) == 0
        assert model.score([TITLES["H0"]], [{"H0", "no such product"}]) == 0.5

    def test_grid_search(self):
        grid = {"text_matches": [1, 50], "ranker": [None, TextMatchRanker(cv=2)]}
        search = GridSearchCV(retriever(), grid, cv=KFold(2)).fit(QUERIES, PRODUCTS)
        assert 0.2 < search.best_score_ <= 1
        assert search.best_estimator_.score(QUERIES, PRODUCTS) > 0.5


def test_not_fitted():
    for ask in (
        lambda model: model.rank(["hose"]),
        lambda model: model.search("hose"),
        lambda model: model.explain("hose", "H1"),
        lambda model: model.classes_,
    ):
        with pytest.raises((NotFittedError, AttributeError)):
            ask(retriever())


@pytest.mark.parametrize(
    ("params", "fit", "error", "message"),
    [
        ({}, (["hose"], ["X9"]), ValueError, "y must hold products of label_text, got 'X9'"),
        ({}, (["hose"], [{"X9"}]), ValueError, "'X9'"),
        ({}, (["hose"], [float("nan")]), ValueError, "nan"),
        ({}, (["hose"], np.ones((1, 3))), ValueError, "each of the 36 products .*got shape .1, 3."),
        ({}, (["hose"], np.full((1, 36), 2)), ValueError, "values 0 and 1 only"),
        ({}, (["hose"], [[1], [1, 2]]), ValueError, "give label sets of numbers as sets"),
        ({}, (["hose", "reel"], ["H1"]), ValueError, "inconsistent numbers of samples"),
        ({}, ("hose", ["H1"]), ValueError, "X must be a sequence of queries, got a single str"),
        ({}, ([7], ["H1"]), TypeError, "X must hold str, got 7 of type int in row 0"),
        ({}, ([["hose"]], ["H1"]), TypeError, "X must hold str"),
        ({}, ({"hose", "reel"}, ["H1", "R1"]), TypeError, "X must be a list of str, got .* set"),
        ({}, ({"hose": "H1"}, ["H1"]), TypeError, "X must be a list of str, got .* dict"),
        ({}, (["hose", "reel"], {"H1", "R1"}), TypeError, "y must be a list of products, .* set"),
        ({}, (["hose"], None), ValueError, "y must be products, as many as X has queries"),
        ({}, (np.array([["hose"]]), ["H1"]), ValueError, "one-dimensional"),
        ({"label_text": {}}, ([], []), ValueError, "label_text must have at least one product"),
        ({"label_text": {"a": 7}}, ([], []), TypeError, "label_text must have a str .*got 7"),
        ({"label_text": {"a": "b", 1: "c"}}, ([], []), ValueError, "can be sorted"),
        ({"label_text": "hose"}, ([], []), TypeError, "label_text must be a dict"),
        ({"label_text": {"hose", "lamp"}}, ([], []), TypeError, "label_text must be a dict"),
        ({"label_text": np.array(3)}, ([], []), TypeError, r"label_text must be .* got array\(3\)"),
        ({"label_text": {None: "b"}}, ([], []), ValueError, "label_text .*, got None for 'b'"),
        ({"label_text": {1.5: "a", np.nan: "b"}}, ([], []), ValueError, "got nan for 'b'"),
        ({"label_text": None}, ([], []), ValueError, "label_text must have at least one product"),
        ({"label_text": None}, (["a"], [7]), ValueError, "label_text must be given"),
        ({"label_text": None}, (["a"], [[0, 1]]), ValueError, "label_text must be given"),
        ({"synonyms": ["a"]}, ([], []), TypeError, "synonyms must be a dict"),
        ({"synonyms": {"a b": "c"}}, ([], []), ValueError, "synonyms must be of single words"),
        ({"synonyms": {"a": None}}, ([], []), TypeError, "synonyms.'a'. must be a list of str"),
        ({"vectorizer": HashingVectorizer()}, ([], []), ValueError, "vectorizer must .*negative"),
        ({"vectorizer": StandardScaler()}, ([], []), ValueError, "vectorizer must be able to read"),
        ({"synonyms": {"a": [7]}}, ([], []), TypeError, "synonyms must hold str"),
        ({"text_matches": 0}, ([], []), ValueError, "text_matches"),
        ({"cv": 1}, ([], []), ValueError, "cv"),
        ({"ranker": TextMatchRanker}, ([], []), TypeError, "ranker must be an object"),
        ({"classifier": TextMatchRanker()}, ([], []), ValueError, "classifier"),
    ],
)
def test_bad_input_of_fit(params, fit, error, message):
    with pytest.raises(error, match=message):
        retriever(**params).fit(*fit)


@pytest.mark.parametrize("weights", [[-1.0], [np.nan], [1.0, 2.0]])
def test_bad_weights(weights):
    with pytest.raises(ValueError, match="sample_weight"):
        retriever().fit(["hose"], ["H1"], sample_weight=weights)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"k": 0}, ValueError, "k must be an integer of at least 1|k must be an integer from 1"),
        ({"min_score": "a"}, ValueError, "min_score must be a number"),
        ({"candidates": ["X9"]}, ValueError, "candidates must hold products .*'X9'"),
        ({"candidates": ["H1", "H1"]}, ValueError, "candidates must name each product once"),
        ({"candidates": np.ones(3, dtype=bool)}, ValueError, "candidates must be names"),
        ({"candidates": pd.array([None] * 36, "boolean")}, ValueError, "candidates .*missing"),
        ({"candidates": np.ones((2, 36))}, ValueError, "candidates must be names"),
        ({"boost": {"X9": 1}}, ValueError, "boost must hold products .*'X9'"),
        ({"boost": {"H1": np.nan}}, ValueError, "boost must be finite"),
        ({"boost": [1, 2]}, ValueError, "boost must be a dict"),
        ({"boost": {"H1": "a"}}, ValueError, "boost must hold numbers"),
    ],
)
def test_bad_options(text_model, options, error, message):
    with pytest.raises(error, match=message):
        text_model.search("hose", **options)


def test_bad_queries(text_model):
    with pytest.raises(TypeError, match="text must be a str"):
        text_model.search(None)
    with pytest.raises(ValueError, match="X must have at least one query"):
        text_model.score([], [])
    with pytest.raises(TypeError, match="X must hold str, got None"):
        text_model.rank(["hose", None])


def test_a_failed_fit_changes_nothing():
    model = retriever().fit([], [])
    before = model.search("hose")
    with pytest.raises(ValueError, match="X9"):
        model.fit(["hose"], ["X9"])
    assert model.search("hose") == before
