"""`save` and `load`: what comes back, what is refused, and what a broken file does."""

import errno
import functools
import json
import os
import pickle
import re
import shutil
from contextlib import suppress

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.tree import DecisionTreeClassifier

import sklearn_xmr
from helpers import stored_models
from helpers.stored_models import FOLDER, INDEXER, LABELS, TEXTS, answers, build
from sklearn_xmr import (
    InconsistentVersionWarning,
    WordNgramTfidf,
    XRLinearClassifier,
    load,
    save,
)
from sklearn_xmr._saving import model_file, versions
from sklearn_xmr._saving.object_graph import Decoder, Encoder
from sklearn_xmr._saving.versions import FORMAT, VersionedState
from sklearn_xmr.datasets import normalize_query
from sklearn_xmr.metrics import make_topk_scorer, recall_at_k

WAYS = [{}, {"mmap": True}, {"mmap": True, "check": "full"}, {"check": "full"}]


@pytest.fixture(scope="module")
def models():
    return build()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.xmr"


class Doubled(BaseEstimator):
    """A ranker of the user's."""

    def fit(self, X, Y):
        return self

    def rescore(self, X, labels, scores):
        return 2 * scores


def own_words(text):
    return text.split()


@pytest.mark.parametrize("options", WAYS)
@pytest.mark.parametrize("name", ["classifier", "counting", "completer", "retriever"])
def test_answers_as_before(models, name, options, path):
    save(models[name], path)
    loaded = load(path, **options)
    again = path.with_name("again.xmr")
    save(loaded, again)
    assert again.stat().st_size < 1.01 * path.stat().st_size
    assert answers(name, load(again)) == answers(name, models[name])
    assert answers(name, loaded) == answers(name, models[name])
    assert answers(name, pickle.loads(pickle.dumps(loaded))) == answers(name, models[name])


def test_a_mapped_model_is_views_of_the_file(models, path):
    save(models["classifier"], path)
    for mmap in (True, False):
        layer = load(path, mmap=mmap)[-1].layers_[0]
        assert layer.entries.flags.writeable != mmap
        assert layer.entries.ctypes.data % 64 == 0 or not mmap


def test_searches_unions_and_functions(path):
    union = FeatureUnion(
        [("tfidf", TfidfVectorizer()), ("words", WordNgramTfidf(strip_accents="ascii"))]
    )
    pipeline = make_pipeline(
        union, XRLinearClassifier(INDEXER, random_state=np.random.RandomState(0))
    )
    grid = {"xrlinearclassifier__C": [0.5, 1.0]}
    search = GridSearchCV(pipeline, grid, cv=2).fit(TEXTS, ["a", "a", "b", "b", "a", "b"])
    save(search, path)
    loaded = load(path)
    assert_array_equal(loaded.predict_proba(TEXTS), search.predict_proba(TEXTS))
    assert loaded.best_params_ == search.best_params_
    assert_array_equal(loaded.cv_results_["mean_test_score"], search.cv_results_["mean_test_score"])


def test_classes_of_a_data_frame(path):
    y = np.array(["a", "a", "b", "b", "a", "b"], dtype=object)
    pipeline = make_pipeline(WordNgramTfidf(), XRLinearClassifier(random_state=0)).fit(TEXTS, y)
    save(pipeline, path)
    loaded = load(path, mmap=True, check="full")
    assert loaded.predict(TEXTS).dtype == object
    assert_array_equal(loaded.predict(TEXTS), pipeline.predict(TEXTS))


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False),
        st.text(),
        st.binary(),
        st.sampled_from(
            [np.float32, np.int64(3), np.float32(0.1), np.str_("é"), float, len, str.lower]
        ),
        st.sampled_from(
            [np.dtype("<f4"), np.dtype([("a", "<i4"), ("b", "<f2")]), slice(1, None), range(3)]
        ),
        st.just(normalize_query),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(
            st.one_of(st.text(), st.integers(), st.tuples(st.text())), inner, max_size=3
        ),
        st.frozensets(st.integers()),
        st.sets(st.text()),
    ),
    max_leaves=10,
)


@given(VALUES)
@settings(deadline=None, max_examples=50)
def test_values_come_back(value):
    encoder = Encoder()
    content = json.loads(json.dumps(encoder.encode(value)))
    decoded = Decoder(encoder.arrays, trusted=["builtins.len"]).decode(content)
    assert decoded == value


def test_partial_functions_come_back(path):
    save(functools.partial(normalize_query, "A  b"), path)
    assert load(path)() == normalize_query("A  b")


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3).T,
        np.arange(10)[::3],
        np.array(3),
        np.empty((0, 4), dtype=np.int16),
        np.array(["é", ""]),
        np.array([None, "text", 3], dtype=object),
        np.array([True, False]),
        np.array(["2026-11-26"], dtype="M8[D]"),
    ],
)
def test_arrays_come_back(array, path):
    save([array, array], path)
    for options in WAYS:
        first, second = load(path, **options)
        assert first is second
        assert first.dtype == array.dtype
        assert_array_equal(first, array)


@pytest.mark.parametrize("container", [sp.csr_array, sp.csc_matrix, sp.coo_array])
def test_matrices_come_back(container, path):
    matrix = container(np.array([[0, 2.5], [1, 0]]))
    save(matrix, path)
    assert type(load(path)) is container
    assert_array_equal(load(path, mmap=True).toarray(), matrix.toarray())


def test_own_classes_and_functions_are_taken_if_trusted(path):
    vectorizer = WordNgramTfidf(tokenizer=own_words)
    model = make_pipeline(vectorizer, XRLinearClassifier(INDEXER, ranker=Doubled(), random_state=0))
    save(model.fit(TEXTS, LABELS), path)
    names = [f"{__name__}.own_words", f"{__name__}.Doubled"]
    for trusted in ([], names[:1], names[1:]):
        with pytest.raises(ValueError, match=r"model\.xmr: it holds .*, which `trusted` must name"):
            load(path, trusted=trusted)
    assert_array_equal(load(path, trusted=names).predict(TEXTS), LABELS)


@pytest.mark.parametrize(
    "name",
    ["os.system", "builtins.eval", "subprocess.Popen", "sklearn_xmr._files.zipfile.ZipFile",
     "sklearn_xmr._threads.ThreadPoolExecutor", "sklearn_xmr.datasets.fetch_xmc_benchmark"],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["object", "named_tuple", "name"])
def test_files_name_nothing_but_data(name, kind, path):
    content = {"object": [name, [], []], "named_tuple": [name, []], "name": name}
    described = {
        "version": sklearn_xmr.__version__,
        "format": FORMAT,
        "model": {kind: content[kind]},
    }
    model_file.write_model_file(path, described, [])
    with pytest.raises(ValueError, match=r"it holds .* `trusted` must name|there is no class"):
        load(path)


@pytest.mark.parametrize(
    "model",
    [WordNgramTfidf(tokenizer=lambda text: text.split()), (i for i in "ab"), [object]],
)
def test_what_cannot_be_stored(model, path):
    path.write_bytes(b"older")
    if model != [object]:
        with pytest.raises(TypeError, match="model must hold"):
            save(model, path)
    with pytest.raises(TypeError, match=r"model must hold .* got one of type sklearn.*_tree.Tree"):
        save(DecisionTreeClassifier().fit([[0], [1]], [0, 1]), path)
    assert path.read_bytes() == b"older"
    assert os.listdir(path.parent) == [path.name]


def test_a_full_disk_leaves_the_older_file(models, path, monkeypatch):
    save(models["counting"], path)
    before = path.read_bytes()

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        save(models["classifier"], path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_unknown_check(path):
    with pytest.raises(ValueError, match="check must be 'structure' or 'full', got 'all'"):
        load(path, check="all")


def test_other_files(path):
    with pytest.raises(FileNotFoundError, match=r"model\.xmr"):
        load(path)
    for content in (
        b"PK\x03\x04 some archive, longer than a header of this package is",
        b"",
        b"\x93",
    ):
        path.write_bytes(content)
        with pytest.raises(
            ValueError, match=r"model\.xmr: (not a file of sklearn_xmr.save|cut off)"
        ):
            load(path)


def test_newer_file(models, path, monkeypatch):
    monkeypatch.setattr(model_file, "FILE_FORMAT", 7)
    save(models["counting"], path)
    monkeypatch.undo()
    with pytest.raises(ValueError, match=r"model\.xmr: the file's format is 7, newer than 1"):
        load(path)


@pytest.mark.parametrize("name", ["classifier", "completer", "retriever"])
def test_broken_files_are_refused_or_mean_the_same(models, name, path):
    save(models[name], path)
    whole, expected = path.read_bytes(), answers(name, models[name])
    rng = np.random.default_rng(0)
    for _ in range(60):
        broken = bytearray(whole)
        broken[rng.integers(len(whole))] ^= 1 << rng.integers(8)
        if rng.random() < 0.2:
            broken = broken[: rng.integers(len(whole))]
        path.write_bytes(broken)
        for options in WAYS:
            if options == {"mmap": True}:  # contents are not checked, but nothing crashes
                with suppress(ValueError, IndexError, ZeroDivisionError):
                    answers(name, load(path, **options))
                continue
            with suppress(ValueError):
                assert answers(name, load(path, **options)) == expected


def own_estimators():
    found, unseen = set(), [VersionedState]
    while unseen:
        classes = unseen.pop().__subclasses__()
        unseen += classes
        found |= {cls for cls in classes if cls.__module__.startswith("sklearn_xmr.")}
    return found


def test_every_estimator_knows_its_format():
    public = {getattr(sklearn_xmr, name) for name in sklearn_xmr.__all__}
    estimators = {v for v in public if isinstance(v, type) and issubclass(v, BaseEstimator)}
    assert estimators <= own_estimators()


@pytest.fixture
def stored(models):
    return pickle.dumps(models["classifier"][0])


def test_another_version_warns(stored, monkeypatch):
    monkeypatch.setattr(versions, "__version__", "99.1")
    with pytest.warns(InconsistentVersionWarning, match=r"WordNgramTfidf was stored by version"):
        pickle.loads(stored)


@pytest.mark.parametrize(
    ("number", "message"),
    [(0, "is newer than version .*: update"), (2, "no longer reads: fit it again")],
)
def test_another_format_is_refused(stored, number, message, models, monkeypatch, path):
    save(models["classifier"], path)
    monkeypatch.setattr(versions, "FORMAT", number)
    with pytest.raises(ValueError, match=f"WordNgramTfidf is stored in format 1.*{message}"):
        pickle.loads(stored)
    with pytest.raises(
        ValueError, match=rf"model\.xmr: the model is stored in format 1.*{message}"
    ):
        load(path)


def test_states_without_a_format_are_refused(models):
    state = {k: v for k, v in models["classifier"][-1].__getstate__().items() if "_xmr_" not in k}
    with pytest.raises(ValueError, match="stored in format None"):
        XRLinearClassifier.__new__(XRLinearClassifier).__setstate__(state)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.InconsistentVersionWarning")
@pytest.mark.parametrize("file", sorted(FOLDER.glob("format_*/*.xmr")), ids=lambda file: file.stem)
def test_files_of_all_formats(file, models, path):
    assert file.stat().st_size < 50_000
    shutil.copy(file, path)
    if int(file.parent.name.removeprefix("format_")) < FORMAT:
        with pytest.raises(ValueError, match="fit it again"):
            load(path)
        return
    try:
        model = load(path)
    except ValueError as error:
        pytest.fail(
            f"{error}: what estimators hold has changed. Before the first release, write the files "
            "again by tests/helpers/stored_models.py; later, give the format a new number first."
        )
    assert answers(file.stem, model) == answers(file.stem, models[file.stem])


def test_there_are_files_of_the_present_format():
    files = {file.stem for file in (FOLDER / f"format_{FORMAT}").glob("*.xmr")}
    assert files == set(stored_models.build())


def without_fields(array):
    """An array as a broken pickle gives it: its fields have no dtypes. To compare it is fatal."""
    make, arguments, state = array.dtype.__reduce__()
    dtype = make(*arguments)
    fields = {name: ("no dtype", at) for name, (_, at) in array.dtype.fields.items()}
    dtype.__setstate__((*state[:4], fields, *state[5:]))
    broken = np.empty(0)
    broken.__setstate__((1, array.shape, dtype, False, array.tobytes()))
    return broken


@pytest.mark.parametrize(
    "change",
    [
        lambda layer: layer.update(node_of=layer["node_of"][:-1]),
        lambda layer: layer.update(intercepts=layer["intercepts"].astype(np.float64)),
        lambda layer: layer.update(nodes=layer["nodes"][::-1].copy()),
        lambda layer: layer.update(nodes=layer["nodes"][:, :2].copy()),
        lambda layer: layer.update(slots=layer["slots"][:-1]),
        lambda layer: layer.update(entries=layer["entries"]["weight"].copy()),
        lambda layer: layer.update(slots=without_fields(layer["slots"])),
        lambda layer: layer.update(entries=without_fields(layer["entries"])),
    ],
)
def test_arrays_that_do_not_fit_each_other(models, change):
    layer = models["classifier"][-1].layers_[0]
    state = dict(vars(layer))
    change(state)
    with pytest.raises(ValueError, match="of a stored model"):
        type(layer).__new__(type(layer)).__setstate__(state)


def test_indices_are_checked_at_first_use(models):
    model = pickle.loads(pickle.dumps(models["classifier"]))
    model[-1]._model.trees[0].layers[0].entries["child"][:] = 1000
    with pytest.raises(ValueError, match="weights of a stored model lead out of its arrays"):
        model.predict(TEXTS)
    model = pickle.loads(pickle.dumps(models["classifier"]))
    model[0]._vocabulary.slot_ids[:] = 1000
    with pytest.raises(ValueError, match="slot_ids of a stored model must be from 0 to"):
        model.predict(TEXTS)


def test_public_functions_are_known_by_their_public_names(path):
    model = LogisticRegression().fit([[0.0], [1.0]], ["a", "b"])
    save({"model": model, "scorer": make_topk_scorer(recall_at_k, 1)}, path)
    loaded = load(path)
    assert loaded["scorer"](loaded["model"], [[2.0]], ["b"]) == 1


def test_errors_name_the_path_that_was_given(models, tmp_path):
    model = models["classifier"]
    for path in (tmp_path / "missing" / "model.xmr", tmp_path):
        with pytest.raises(OSError, match=f": {re.escape(repr(str(path)))}$"):
            save(model, path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(TypeError, match="path must be a str or path-like"):
        save(model, 3)
