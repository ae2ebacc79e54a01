"""Fetching benchmark sets, from a server of our own."""

import hashlib
import io
import sys
import tarfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import scipy.sparse as sp

from helpers.matrices import random_csr
from helpers.sklearn_config import sparse_interface
from sklearn_xmr.datasets import _xmc_benchmarks, fetch_xmc_benchmark

pytest.importorskip("pooch")

NAME = "eurlex-4k"
SHAPES = {"X.trn": (6, 9), "X.tst": (4, 9), "Y.trn": (6, 5), "Y.tst": (4, 5)}
MEMBERS = {
    "X.trn": "tfidf-attnxml/X.trn.npz",
    "X.tst": "tfidf-attnxml/X.tst.npz",
    "Y.trn": "Y.trn.npz",
    "Y.tst": "Y.tst.npz",
}


def matrices(seed=0):
    rng = np.random.default_rng(seed)
    found = {key: random_csr(rng, shape, 0.4) for key, shape in SHAPES.items()}
    for key in ("Y.trn", "Y.tst"):
        found[key].data[:] = 1
    return found


def archive_of(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for key, matrix in files.items():
            content = io.BytesIO()
            sp.save_npz(content, sp.csr_matrix(matrix))
            member = tarfile.TarInfo(f"xmc-base/{NAME}/{MEMBERS[key]}")
            member.size = len(content.getvalue())
            content.seek(0)
            tar.addfile(member, content)
    return buffer.getvalue()


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        """Nothing: tests are quiet."""


class Server:
    """A folder that is served, and one archive in it that stands for the benchmark."""

    def __init__(self, folder):
        self.archive = folder / "archive.tar.gz"
        handler = partial(Handler, directory=str(folder))
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/archive.tar.gz"

    def offer(self, content):
        self.archive.write_bytes(content)
        return hashlib.sha256(content).hexdigest()

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def server(tmp_path, monkeypatch):
    (tmp_path / "served").mkdir()
    server = Server(tmp_path / "served")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    benchmark = _xmc_benchmarks.Benchmark(server.url, None, 6, 9, 5)
    monkeypatch.setitem(_xmc_benchmarks.BENCHMARKS, NAME, benchmark)
    yield server
    server.stop()


@pytest.fixture
def fetch(tmp_path):
    return partial(fetch_xmc_benchmark, NAME, data_home=tmp_path / "home")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "home" / "sklearn_xmr" / NAME


def nothing_is_left(folder):
    return not folder.parent.exists() or not list(folder.parent.iterdir())


@pytest.mark.parametrize("interface", ["spmatrix", "sparray"])
def test_downloads_once(server, fetch, folder, interface):
    sha256 = server.offer(archive_of(matrices()))
    with sparse_interface(interface):
        first = fetch()
    server.stop()
    with sparse_interface(interface):
        second = fetch(download_if_missing=False)
    expected = matrices()
    for data in (first, second):
        for key, name in [("X.trn", "X_train"), ("X.tst", "X_test"), ("Y.trn", "Y_train")]:
            assert isinstance(data[name], sp.csr_array) == (interface == "sparray")
            assert data[name].dtype == np.float32
            np.testing.assert_array_equal(data[name].toarray(), expected[key].toarray())
        np.testing.assert_array_equal(data.Y_test.toarray(), expected["Y.tst"].toarray())
        assert data.sha256 == sha256
        assert sha256 in data.DESCR
        assert server.url in data.DESCR
    # The archive itself is not kept.
    assert sorted(path.name for path in folder.iterdir()) == [
        "X_test.npz",
        "X_train.npz",
        "Y_test.npz",
        "Y_train.npz",
        "sha256.json",
    ]


def test_given_checksum(server, fetch, folder):
    sha256 = server.offer(archive_of(matrices()))
    with pytest.raises(ValueError, match=f"does not match .* {'0' * 64} but got {sha256}"):
        fetch(sha256="0" * 64)
    assert nothing_is_left(folder)
    assert fetch(sha256=sha256).sha256 == sha256
    with pytest.raises(ValueError, match=f"{sha256}, but {'0' * 64} is asked for"):
        fetch(sha256="0" * 64)
    assert fetch().sha256 == sha256


def test_known_checksum(server, fetch, folder, monkeypatch):
    sha256 = server.offer(archive_of(matrices()))
    benchmark = _xmc_benchmarks.BENCHMARKS[NAME]
    known = _xmc_benchmarks.BENCHMARKS
    monkeypatch.setitem(known, NAME, benchmark._replace(sha256="f" * 64))
    with pytest.raises(ValueError, match="does not match"):
        fetch()
    assert nothing_is_left(folder)
    monkeypatch.setitem(known, NAME, benchmark._replace(sha256=sha256))
    assert fetch().X_train.shape == (6, 9)


@pytest.mark.parametrize("file_name", ["X_train.npz", "Y_test.npz"])
@pytest.mark.parametrize("change", ["altered", "cut short", "missing"])
def test_what_has_changed_in_the_cache(server, fetch, folder, file_name, change):
    server.offer(archive_of(matrices()))
    fetch()
    path = folder / file_name
    if change == "altered":
        sp.save_npz(path, sp.csr_matrix(matrices(seed=1)["X.trn"]))
    elif change == "cut short":
        path.write_bytes(path.read_bytes()[:-1])
    else:
        path.unlink()
    with pytest.raises(ValueError, match=f"{file_name}: is missing or has changed"):
        fetch()


def test_record_that_is_cut_short(server, fetch, folder):
    server.offer(archive_of(matrices()))
    fetch()
    (folder / "sha256.json").write_text("{")
    with pytest.raises(ValueError, match=r"sha256\.json: not a complete JSON file"):
        fetch()


@pytest.mark.parametrize("kept", [0, 0.5, -1])
def test_archive_that_is_cut_short(server, fetch, folder, kept):
    content = archive_of(matrices())
    server.offer(content[: int(kept * len(content)) if kept > 0 else kept])
    with pytest.raises(ValueError, match="not a complete archive of eurlex-4k"):
        fetch()
    assert nothing_is_left(folder)


def test_archive_of_something_else(server, fetch, folder):
    files = matrices()
    del files["Y.tst"]
    server.offer(archive_of(files))
    with pytest.raises(ValueError, match=r"not a complete archive.*Y\.tst\.npz"):
        fetch()
    for key, shape in [("X.trn", (7, 9)), ("Y.tst", (3, 5)), ("Y.trn", (6, 4))]:
        server.offer(archive_of(matrices() | {key: sp.csr_array(shape, dtype=np.float32)}))
        name = key.replace(".trn", "_train").replace(".tst", "_test")
        with pytest.raises(ValueError, match=rf"{name} .* has shape \({shape[0]}, {shape[1]}\)"):
            fetch()
    assert nothing_is_left(folder)


def test_no_such_file_on_the_server(server, fetch, folder):
    with pytest.raises(OSError, match=r"could not be downloaded from http.*404"):
        fetch()
    assert nothing_is_left(folder)


def test_no_server(server, fetch, folder):
    server.stop()
    with pytest.raises(OSError, match=r"eurlex-4k could not be downloaded from http"):
        fetch()
    assert nothing_is_left(folder)


def test_nothing_is_downloaded_unasked(fetch, folder):
    with pytest.raises(OSError, match="`download_if_missing` is False"):
        fetch(download_if_missing=False)
    assert nothing_is_left(folder)


def test_unknown_name():
    with pytest.raises(ValueError, match=r"name must be one of eurlex-4k, .*, got 'eurlex'"):
        fetch_xmc_benchmark("eurlex")


def test_without_pooch(fetch, folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(ImportError, match=r'pip install "\.\[datasets\]" in a clone'):
        fetch()
    assert nothing_is_left(folder)


def test_documented_sizes_are_those_that_are_checked():
    lines = fetch_xmc_benchmark.__doc__.splitlines()
    table = [line.split() for line in lines if line.strip().startswith('"')]
    documented = {
        row[0].strip('"'): tuple(int(n.replace(",", "")) for n in row[1:]) for row in table
    }
    checked = {
        name: (benchmark.n_train, benchmark.n_features, benchmark.n_labels)
        for name, benchmark in _xmc_benchmarks.BENCHMARKS.items()
    }
    assert documented == checked
