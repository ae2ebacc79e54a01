"""Fitted retrievers through pickle, joblib, skops, copies and clones."""

import copy
import pickle
from dataclasses import replace

import joblib
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone

from helpers.shop import TITLES, click_log
from sklearn_xmr import ProductRetriever, load, save

QUERIES, PRODUCTS = click_log()


@pytest.fixture(scope="module")
def model():
    return ProductRetriever(label_text=TITLES, random_state=0).fit(QUERIES, PRODUCTS)


def assert_same(model, other):
    queries = [*QUERIES[:20], "", "qqq", "stel laddr"]
    for array, expected in zip(model.rank(queries), other.rank(queries), strict=True):
        assert_array_equal(array, expected)
    assert model.label_texts_ == other.label_texts_


def test_pickle_and_copies(model):
    assert_same(pickle.loads(pickle.dumps(model)), model)
    assert_same(copy.deepcopy(model), model)
    assert_same(copy.copy(model), model)


@pytest.mark.parametrize("mmap_mode", [None, "r"])
def test_joblib(model, tmp_path, mmap_mode):
    joblib.dump(model, tmp_path / "model.joblib")
    assert_same(joblib.load(tmp_path / "model.joblib", mmap_mode=mmap_mode), model)


def test_skops(model, tmp_path):
    io = pytest.importorskip("skops.io")
    io.dump(model, tmp_path / "model.skops")
    trusted = io.get_untrusted_types(file=tmp_path / "model.skops")
    assert_same(io.load(tmp_path / "model.skops", trusted=trusted), model)


@pytest.mark.parametrize("name", ["deletions", "later", "starts", "text", "counts"])
def test_a_file_whose_spellings_lead_astray_is_refused(name, tmp_path):
    model = ProductRetriever(label_text=["garden hose", "faucet"]).fit([], [])
    fitted = model._fitted
    spelling = fitted.reader.spelling
    astray = spelling.deletions._replace(word_of=spelling.deletions.word_of + np.int32(10**8))
    parts = {"starts": spelling.starts * 10**8, "text": spelling.text[:2], "counts": np.ones(2)}
    broken = spelling._replace(**{name: parts.get(name, astray)})
    model._fitted = replace(fitted, reader=fitted.reader._replace(spelling=broken))
    save(model, tmp_path / "model.xmr")
    with pytest.raises(ValueError, match="of a stored model must"):
        load(tmp_path / "model.xmr")


def test_pickles_hold_the_texts_once():
    titles = {number: f"unmistakable {number} " + "x" * 2000 for number in range(3)}
    stored = pickle.dumps(ProductRetriever(label_text=titles).fit([], []))
    for number in range(3):
        assert stored.count(titles[number].encode()) == 1


def test_what_a_search_works_out_is_not_stored():
    # Else a search in another thread could add it while the model is being stored.
    model = ProductRetriever(label_text=TITLES, random_state=0).fit(QUERIES, PRODUCTS)
    before = vars(model._fitted).copy(), pickle.dumps(model)
    model.search("")
    model.rank(["hose"], candidates=list(TITLES)[:20])
    assert len(vars(model._fitted)) > len(before[0])
    assert pickle.dumps(model) == before[1]


def test_clones_start_from_the_parameter(model):
    cloned = clone(model)
    assert cloned.label_text == TITLES
    assert not hasattr(cloned, "_fitted")
    assert_same(cloned.fit(QUERIES, PRODUCTS), model)


def test_the_parameter_is_left_alone():
    titles = dict(TITLES)
    model = ProductRetriever(label_text=titles, random_state=0).fit(QUERIES, PRODUCTS)
    model.label_texts_["H0"] = "changed"
    assert titles == TITLES
    assert model.label_texts_ == TITLES
    assert model.label_text is titles


def test_representations_abbreviate_texts():
    many = {number: f"title of {number}" for number in range(1000)}
    for texts in (many, list(many.values()), np.array(list(many.values()))):
        text = repr(ProductRetriever(label_text=texts, text_matches=7))
        assert "title of 0" in text
        assert "title of 9" not in text
        assert "text_matches=7" in text
        assert len(text) < 300
    assert repr(ProductRetriever()) == "ProductRetriever()"
