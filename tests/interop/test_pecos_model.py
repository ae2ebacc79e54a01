"""Trees and models of PECOS, read and written.

Set SKLEARN_XMR_PECOS_PYTHON to a Python interpreter that has libpecos to compare with the real one.
"""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError

from helpers import pecos_folder
from helpers.reference import TRANSFORMS, TREES, make_problem, queries
from helpers.sklearn_config import sparse_interface
from sklearn_xmr import LabelTree, XRLinearClassifier
from sklearn_xmr.inspection import explain
from sklearn_xmr.interop import (
    dump_cluster_chain,
    dump_pecos_model,
    load_cluster_chain,
    load_pecos_model,
)

PECOS_PYTHON = os.environ.get("SKLEARN_XMR_PECOS_PYTHON")
N_FEATURES = 25
POST_PROCESSORS = [name.replace("_", "-") for name in TRANSFORMS]


def random_weights(tree, seed=0, n_rows=N_FEATURES + 1):
    """Weights that make no ties: margins below 1 for the hinges, and a bias for every node."""
    rng = np.random.default_rng(seed)
    weights = []
    for parents in tree:
        layer = rng.normal(0, 0.3, size=(n_rows, len(parents)))
        layer[:-1] *= rng.random((n_rows - 1, len(parents))) < 0.4
        weights.append(layer.astype(np.float32))
    return weights


def scores_of(model, X, k):
    """The scores of `rank`, spread over all labels."""
    labels, scores = model.rank(X, k=k)
    spread = np.full((X.shape[0], len(model.classes_)), -np.inf)
    rows, columns = np.nonzero(scores > -np.inf)
    spread[rows, labels[rows, columns]] = scores[rows, columns]
    return spread


def files_below(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def folder(tmp_path):
    """A model that is good, to be made bad."""
    tree = TREES["scattered siblings"]
    pecos_folder.write_model(tmp_path / "model", tree, random_weights(tree))
    return tmp_path / "model"


def claim_rows(path, n_rows):
    """Write into a matrix's file that it has as many rows."""
    parts = dict(np.load(path))
    parts["shape"][0] = n_rows
    np.savez(path, **parts)


class TestClusterChain:
    @pytest.mark.parametrize("name", TREES)
    def test_reads(self, tmp_path, name):
        pecos_folder.write_chain(tmp_path / "chain", TREES[name])
        assert load_cluster_chain(tmp_path / "chain") == LabelTree.from_parents(TREES[name])

    @pytest.mark.parametrize("interface", ["spmatrix", "sparray"])
    def test_writes(self, tmp_path, interface):
        tree = LabelTree.from_parents(TREES["only children"])
        with sparse_interface(interface):
            dump_cluster_chain(tree, tmp_path / "not" / "there" / "chain")
        folder = tmp_path / "not" / "there" / "chain"
        assert json.loads((folder / "config.json").read_text()) == {"len": 4}
        for depth, parents in enumerate(tree.parents):
            C = pecos_folder.read_csc(folder / f"C{depth}.npz")
            assert_array_equal(C.argmax(axis=1), parents)
            assert_array_equal(C.sum(axis=1), 1)

    def test_refuses_what_is_no_tree(self, tmp_path):
        with pytest.raises(TypeError, match="tree must be a LabelTree, got list"):
            dump_cluster_chain([[0]], tmp_path / "chain")
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize(
        ("config", "message"),
        [
            ("", "not a complete JSON file"),
            ("[2]", "expected a JSON object"),
            ("{}", "'len' must be an integer of at least 1, got None"),
            ('{"len": 0}', "got 0"),
            ('{"len": true}', "got True"),
        ],
    )
    def test_refuses_configurations(self, tmp_path, config, message):
        pecos_folder.write_chain(tmp_path / "chain", TREES["two layers"])
        (tmp_path / "chain" / "config.json").write_text(config)
        with pytest.raises(ValueError, match=rf"config\.json: .*{message}"):
            load_cluster_chain(tmp_path / "chain")

    def test_refuses_more_layers_than_there_are(self, tmp_path):
        pecos_folder.write_chain(tmp_path / "chain", TREES["two layers"])
        (tmp_path / "chain" / "config.json").write_text('{"len": 1000000000}')
        with pytest.raises(FileNotFoundError, match=r"C2\.npz: there is no such file"):
            load_cluster_chain(tmp_path / "chain")
        with pytest.raises(FileNotFoundError, match=r"config\.json: there is no such file"):
            load_cluster_chain(tmp_path / "nowhere")

    @pytest.mark.parametrize(
        ("C", "message"),
        [
            (np.ones((12, 2)), r"C1\.npz has 2 column\(s\), but must have 3"),
            (np.ones((12, 3)), r"C1\.npz: row 0 has 3 non-zeros"),
            (np.eye(12, 3), r"C1\.npz: row 3 has 0 non-zeros"),
            (np.full((12, 3), np.nan), r"C1\.npz holds NaN"),
        ],
    )
    def test_refuses_matrices(self, tmp_path, C, message):
        pecos_folder.write_chain(tmp_path / "chain", TREES["two layers"])
        pecos_folder.write_csc(tmp_path / "chain" / "C1.npz", C)
        with pytest.raises(ValueError, match=message):
            load_cluster_chain(tmp_path / "chain")

    def test_a_shape_alone_takes_no_memory(self, tmp_path):
        pecos_folder.write_chain(tmp_path / "chain", TREES["two layers"])
        claim_rows(tmp_path / "chain" / "C1.npz", 2**50)
        with pytest.raises(ValueError, match=r"C1\.npz: row 12 has 0 non-zeros"):
            load_cluster_chain(tmp_path / "chain")


class TestLoadModel:
    @pytest.mark.parametrize("post_processor", POST_PROCESSORS)
    @pytest.mark.parametrize("name", [name for name in TREES if name != "childless nodes"])
    def test_scores(self, tmp_path, name, post_processor):
        pecos_folder.write_model(
            tmp_path / "model",
            TREES[name],
            random_weights(TREES[name]),
            post_processor=post_processor,
        )
        model = load_pecos_model(tmp_path / "model")
        assert model.label_tree_ == LabelTree.from_parents(TREES[name])
        X = queries(n_features=N_FEATURES)
        expected = pecos_folder.predict(tmp_path / "model", X.toarray())
        assert_allclose(scores_of(model, X, model.shortlist_size), expected, rtol=1e-5, atol=1e-5)

    @pytest.mark.parametrize("post_processor", ["l3-hinge", "log-sigmoid", "noop"])
    def test_an_only_child_whose_model_is_zero_keeps_it(self, tmp_path, post_processor):
        tree = TREES["all alone"]
        weights = [np.zeros_like(layer) for layer in random_weights(tree)]
        pecos_folder.write_model(tmp_path / "model", tree, weights, post_processor=post_processor)
        model = load_pecos_model(tmp_path / "model").set_params(beam_width=12)
        X = queries(n_features=N_FEATURES)
        expected = pecos_folder.predict(tmp_path / "model", X.toarray(), beam=12, topk=12)
        assert_allclose(scores_of(model, X, 12), expected, rtol=1e-5, atol=1e-5)

    @pytest.mark.parametrize("bias", [2.5, 0.0, -1.0])
    def test_bias(self, tmp_path, bias):
        tree = TREES["two layers"]
        weights = random_weights(tree, n_rows=N_FEATURES + (bias > 0))
        pecos_folder.write_model(tmp_path / "model", tree, weights, bias=bias)
        model = load_pecos_model(tmp_path / "model")
        assert model.n_features_in_ == N_FEATURES
        for layer, W in zip(model.layers_, weights, strict=True):
            assert_array_equal(layer.coef_.toarray(), W[:N_FEATURES])
            intercept = np.float32(bias) * W[N_FEATURES] if bias > 0 else np.zeros(W.shape[1])
            assert_array_equal(layer.intercept_, intercept)

    @pytest.mark.parametrize("interface", ["spmatrix", "sparray"])
    def test_is_a_fitted_classifier(self, folder, interface):
        with sparse_interface(interface):
            model = load_pecos_model(folder)
        assert model.get_params()["beam_width"] == 3
        assert model.get_params()["shortlist_size"] == 5
        assert model.get_params()["score_transform"] == "l3_hinge"
        assert_array_equal(model.classes_, np.arange(12))
        X = queries(n_features=N_FEATURES)
        probabilities = model.predict_proba(X)
        assert isinstance(probabilities, sp.csr_array) == (interface == "sparray")
        assert_array_equal(np.diff(probabilities.indptr), 5)
        assert model.predict(X).shape == (X.shape[0], 12)
        assert model.prune(0.1).layers_[1].coef_.nnz < model.layers_[1].coef_.nnz
        # It can be trained on, with the same tree.
        X, Y = make_problem()
        tree = model.label_tree_
        assert model.fit(X, Y).label_tree_ == tree

    def test_explains_only_children_that_have_models(self, tmp_path):
        tree = TREES["only children"]
        pecos_folder.write_model(tmp_path / "model", tree, random_weights(tree))
        model = load_pecos_model(tmp_path / "model").set_params(beam_width=12)
        X = queries(n_features=N_FEATURES)
        labels, scores = model.rank(X[[2]], k=12)
        for label, score in zip(labels[0], scores[0], strict=True):
            explanation = explain(model, X[[2]], label)
            assert len(explanation.path) == len(tree)
            assert_allclose(explanation.score, score, rtol=1e-5)

    def test_returns_all_where_pecos_does(self, tmp_path):
        tree = TREES["two layers"]
        pecos_folder.write_model(tmp_path / "model", tree, random_weights(tree), topk=(None, 0))
        model = load_pecos_model(tmp_path / "model")
        assert (model.beam_width, model.shortlist_size) == (3, 12)


class TestBrokenModel:
    def change(self, path, **changes):
        param = json.loads(path.read_text())
        param |= changes
        path.write_text(json.dumps(param))

    def test_every_missing_file_is_named(self, folder):
        for path in files_below(folder):
            content = path.read_bytes()
            path.unlink()
            with pytest.raises(FileNotFoundError) as error:
                load_pecos_model(folder)
            assert str(path) in str(error.value)
            path.write_bytes(content)
        load_pecos_model(folder)

    @pytest.mark.parametrize("kept", [0, 1, 0.1, 0.5, 0.9, -1])
    def test_every_file_that_is_cut_short_is_named(self, folder, kept):
        for path in files_below(folder):
            content = path.read_bytes()
            end = int(kept * len(content)) if isinstance(kept, float) else kept
            path.write_bytes(content[:end])
            with pytest.raises(ValueError, match=r"complete|JSON object") as error:
                load_pecos_model(folder)
            assert str(path) in str(error.value)
            path.write_bytes(content)

    def test_no_flipped_byte_changes_the_scores(self, folder):
        X = queries(n_features=N_FEATURES)
        expected = scores_of(load_pecos_model(folder), X, 5)
        path = folder / "ranker" / "1.model" / "W.npz"
        content = path.read_bytes()
        rng = np.random.default_rng(0)
        n_read = n_refused = 0
        for place in rng.choice(len(content), 300, replace=False):
            changed = bytearray(content)
            changed[place] ^= 1 << rng.integers(8)
            path.write_bytes(changed)
            try:
                model = load_pecos_model(folder)
            except ValueError as error:
                n_refused += str(path) in str(error)
            else:  # a date, say
                n_read += 1
                assert_array_equal(scores_of(model, X, 5), expected)
        assert n_refused > 200
        assert n_refused + n_read == 300

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"__meta__": None}, "expected the model of an XLinearModel, got None"),
            ({"__meta__": {"class_fullname": "x###XTransformer"}}, "got 'x###XTransformer'"),
        ],
    )
    def test_other_kinds_of_model(self, folder, changes, message):
        self.change(folder / "param.json", **changes)
        with pytest.raises(ValueError, match=message):
            load_pecos_model(folder)

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"model": "MLModel"}, "'model' must be 'HierarchicalMLModel', got 'MLModel'"),
            ({"is_mmap": True}, "compiled to be memory-mapped"),
            ({"depth": 1.5}, "'depth' must be an integer"),
            ({"depth": 1}, "'nr_labels' is 12, but the last layer has 3"),
            ({"depth": None}, "'depth' must be an integer"),
            ({"nr_features": 24}, "'nr_features' is 25, but the model has 24"),
            ({"nr_features": -1}, "'nr_features' must be an integer"),
            ({"nr_labels": 13}, "'nr_labels' is 13, but the last layer has 12"),
        ],
    )
    def test_parameters_of_the_model(self, folder, changes, message):
        self.change(folder / "ranker" / "param.json", **changes)
        with pytest.raises(ValueError, match=message) as error:
            load_pecos_model(folder)
        assert "param.json" in str(error.value)

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"model": "XMLModel"}, "'model' must be 'MLModel'"),
            ({"is_mmap": 1}, "compiled to be memory-mapped"),
            ({"nr_labels": 11}, r"C\.npz: the matrix has shape \(12, 3\), but .* says \(11, 3\)"),
            ({"nr_codes": 4}, r"C\.npz: the matrix has shape \(12, 3\), but .* says \(12, 4\)"),
            ({"nr_features": 26}, r"W\.npz: .* \(26, 12\), but .* says \(27, 12\)"),
            ({"bias": 0}, r"W\.npz: .* \(26, 12\), but .* says \(25, 12\)"),
            ({"bias": None}, "'bias' must be a finite number, got None"),
            ({"bias": float("nan")}, "'bias' must be a finite number, got nan"),
            ({"bias": 10**400}, "'bias' must be a finite number"),
            ({"pred_kwargs": None}, "'pred_kwargs' must be a JSON object, got None"),
            ({"pred_kwargs": {}}, "'post_processor' must be one of .*, got None"),
            ({"pred_kwargs": {"post_processor": "l5-hinge"}}, "got 'l5-hinge'"),
            ({"pred_kwargs": {"post_processor": ["noop"]}}, r"got \['noop'\]"),
            ({"pred_kwargs": {"post_processor": "noop"}}, "but the layer above has 'l3-hinge'"),
            (
                {"pred_kwargs": {"post_processor": "l3-hinge", "only_topk": -1}},
                "'only_topk' must be an integer of at least 0, got -1",
            ),
        ],
    )
    def test_parameters_of_a_layer(self, folder, changes, message):
        self.change(folder / "ranker" / "1.model" / "param.json", **changes)
        with pytest.raises(ValueError, match=message) as error:
            load_pecos_model(folder)
        assert "1.model" in str(error.value)

    @pytest.mark.parametrize(
        ("parts", "message"),
        [
            ({"data": np.full(5, np.nan)}, "holds NaN, or values that float32 cannot hold"),
            ({"data": np.full(5, 1e39)}, "holds NaN, or values that float32 cannot hold"),
            ({"data": np.full(5, 1j)}, "expected a matrix of real numbers, got dtype complex128"),
            ({"data": np.ones(4)}, "not a complete npz file|not a valid CSC matrix"),
            ({"indices": np.array([0, 1, 2, 3, 26])}, "not a valid CSC matrix"),
            ({"indices": np.array([0, 1, 2, 3, -1])}, "not a valid CSC matrix"),
            ({"indptr": np.arange(12)}, "not a complete npz file"),
            ({"indptr": np.r_[5, np.full(12, 5)]}, "complete npz file|not a valid CSC matrix"),
            ({"format": np.array(b"abc")}, "not a complete npz file"),
            ({"shape": np.array([26])}, "not a complete npz file"),
            ({"shape": np.array([26, 13])}, "not a complete npz file"),
            ({"indices": None}, "not a complete npz file"),
            ({"data": np.array([None] * 5)}, "not a complete npz file"),  # a pickle, not unpickled
        ],
    )
    def test_matrices(self, folder, parts, message):
        path = folder / "ranker" / "1.model" / "W.npz"
        good = {
            "indices": np.arange(5),
            "indptr": np.r_[0, np.full(12, 5)],
            "format": np.array(b"csc"),
            "shape": np.array([26, 12]),
            "data": np.ones(5),
        }
        np.savez(path, **good)
        load_pecos_model(folder)
        np.savez(path, **{key: part for key, part in (good | parts).items() if part is not None})
        with pytest.raises(ValueError, match=message) as error:
            load_pecos_model(folder)
        assert str(path) in str(error.value)

    def test_intercepts_that_overflow(self, tmp_path):
        weights = [np.full((2, 1), 2.0)]
        pecos_folder.write_model(tmp_path / "model", [[0]], weights, bias=3e38)
        with pytest.raises(ValueError, match=r"W\.npz: an intercept is too large"):
            load_pecos_model(tmp_path / "model")

    @pytest.mark.parametrize("name", ["C.npz", "W.npz"])
    def test_a_shape_alone_takes_no_memory(self, folder, name):
        claim_rows(folder / "ranker" / "1.model" / name, 2**50)
        with pytest.raises(ValueError, match=rf"{name}: the matrix has shape \({2**50}, "):
            load_pecos_model(folder)

    def test_labels_without_a_parent(self, folder):
        # What PECOS leaves after `set_output_constraint`.
        C = pecos_folder.membership(TREES["scattered siblings"][1], 3)
        C[4] = 0
        pecos_folder.write_csc(folder / "ranker" / "1.model" / "C.npz", C)
        with pytest.raises(ValueError, match=r"1\.model/C\.npz: row 4 has 0 non-zeros"):
            load_pecos_model(folder)


class TestDumpModel:
    @pytest.mark.parametrize("transform", TRANSFORMS)
    @pytest.mark.parametrize("name", [name for name in TREES if name != "childless nodes"])
    def test_scores(self, tmp_path, name, transform):
        X, Y = make_problem()
        tree = LabelTree.from_parents(TREES[name])
        model = XRLinearClassifier(
            tree, score_transform=transform, beam_width=12, shortlist_size=7, random_state=0
        ).fit(X, Y)
        dump_pecos_model(model, tmp_path / "model")
        X = queries()
        predicted = pecos_folder.predict(tmp_path / "model", X.toarray())
        # Ties may fall on other labels.
        assert_allclose(
            np.sort(predicted, axis=1)[:, -7:],
            np.sort(scores_of(model, X, 7), axis=1)[:, -7:],
            rtol=1e-5,
            atol=1e-5,
        )

    def test_round_trip_keeps_weights_and_parameters(self, tmp_path, folder):
        model = load_pecos_model(folder)
        dump_pecos_model(model, tmp_path / "again")
        again = load_pecos_model(tmp_path / "again")
        assert {path.relative_to(folder) for path in files_below(folder)} == {
            path.relative_to(tmp_path / "again") for path in files_below(tmp_path / "again")
        }
        assert str(again.get_params()) == str(model.get_params())
        for layer, other in zip(model.layers_, again.layers_, strict=True):
            assert_array_equal(layer.coef_.toarray(), other.coef_.toarray())
            assert_array_equal(layer.intercept_, other.intercept_)

    def test_refuses_before_it_writes(self, tmp_path):
        with pytest.raises(TypeError, match="must be an XRLinearClassifier, got LabelTree"):
            dump_pecos_model(LabelTree.from_parents([[0]]), tmp_path / "model")
        with pytest.raises(NotFittedError):
            dump_pecos_model(XRLinearClassifier(), tmp_path / "model")
        ensemble = XRLinearClassifier(n_trees=2, random_state=0).fit(*make_problem())
        with pytest.raises(ValueError, match="ensemble of 2 trees"):
            dump_pecos_model(ensemble, tmp_path / "model")
        assert not list(tmp_path.iterdir())

    def test_leaves_alone_what_is_there(self, folder):
        before = {path: path.read_bytes() for path in files_below(folder)}
        with pytest.raises(FileExistsError, match="exists already"):
            dump_pecos_model(load_pecos_model(folder), folder)
        assert {path: path.read_bytes() for path in files_below(folder)} == before

    def test_leaves_nothing_half_written(self, tmp_path, monkeypatch, folder):
        model = load_pecos_model(folder)
        n_written = iter(range(3))

        def fail_later(*args, **kwargs):
            if next(n_written) == 2:
                raise OSError("no space left")

        monkeypatch.setattr(sp, "save_npz", fail_later)
        (tmp_path / "place").mkdir()
        with pytest.raises(OSError, match="no space left"):
            dump_pecos_model(model, tmp_path / "place" / "model")
        assert not list((tmp_path / "place").iterdir())


@pytest.mark.skipif(not PECOS_PYTHON, reason="SKLEARN_XMR_PECOS_PYTHON names no interpreter")
class TestAgainstPecos:
    def run(self, *arguments):
        script = Path(pecos_folder.__file__).with_name("pecos_process.py")
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        subprocess.run([PECOS_PYTHON, script, *map(str, arguments)], check=True, env=environment)

    @pytest.mark.parametrize("name", [name for name in TREES if name != "childless nodes"])
    def test_its_models_here(self, tmp_path, name):
        X, Y = make_problem()
        sp.save_npz(tmp_path / "X.npz", sp.csr_matrix(X))
        sp.save_npz(tmp_path / "Y.npz", sp.csr_matrix(Y, dtype=np.float32))
        tree = LabelTree.from_parents(TREES[name])
        dump_cluster_chain(tree, tmp_path / "chain")
        self.run("train", tmp_path)
        assert load_cluster_chain(tmp_path / "chain_again") == tree
        model = load_pecos_model(tmp_path / "model")
        for transform in TRANSFORMS:
            # Hinges make ties, which a narrow beam may resolve in another way.
            beam_width = 12 if "hinge" in transform else 2
            model.set_params(score_transform=transform, beam_width=beam_width)
            predicted = sp.load_npz(tmp_path / f"{transform}.npz").tocoo()
            expected = np.full(predicted.shape, -np.inf)
            expected[predicted.row, predicted.col] = predicted.data
            assert_allclose(scores_of(model, X, 12), expected, rtol=1e-5, atol=1e-5)

    @pytest.mark.parametrize("transform", TRANSFORMS)
    @pytest.mark.parametrize("name", ["scattered siblings", "only children", "deep"])
    def test_our_models_there(self, tmp_path, name, transform):
        X, Y = make_problem()
        tree = LabelTree.from_parents(TREES[name])
        model = XRLinearClassifier(
            tree, beam_width=3, shortlist_size=5, score_transform=transform, random_state=0
        ).fit(X, Y)
        sp.save_npz(tmp_path / "X.npz", sp.csr_matrix(X))
        dump_pecos_model(model, tmp_path / "model")
        self.run("predict", tmp_path)
        _, scores = model.rank(X, k=5)
        for way in ("python", "compiled"):
            predicted = sp.load_npz(tmp_path / f"{way}.npz")
            for row in range(X.shape[0]):
                theirs = np.sort(predicted[[row]].data)[::-1]
                assert_allclose(scores[row, : len(theirs)], theirs, rtol=1e-5, atol=1e-5)
