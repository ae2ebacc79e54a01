"""Coverage-guided fuzzing of what reads files and states, with atheris (CPython on Linux).

    PYTHONPATH=tests python -m fuzz.readers xmc_file -max_total_time=300

A reader takes a file or refuses it by a ValueError; atheris shows what else happens. Its options
go behind the name of the reader.
"""

import sys
import tempfile
import warnings
from functools import partial
from pathlib import Path

import atheris
import numpy as np

with atheris.instrument_imports(include=["sklearn_xmr"]):
    from sklearn_xmr import load, save
    from sklearn_xmr._saving.model_file import read_model_file, write_model_file
    from sklearn_xmr.datasets import load_raw_text, load_xmc_file, load_xmc_json, read_query_log
    from sklearn_xmr.interop import load_cluster_chain, load_pecos_model

from helpers.pecos_folder import write_chain, write_model
from helpers.stored_models import answers, build

PATH = Path(tempfile.mkdtemp(), "file")
TREE = [[0, 0], [0, 1, 1]]  # parents, top first
WEIGHTS = [np.eye(3)[:, :2], np.eye(3)]  # of two features and the bias


def of_file(read):
    """A target that reads its bytes as a file."""

    def target(data):
        PATH.write_bytes(data)
        try:
            read(PATH)
        except ValueError:
            return

    return target


def ask_model(name, path):
    """Load a model and ask it."""
    answers(name, load(path, check="full"))


def change(array, provider):
    """Put bytes of a provider into an array."""
    flat = array.reshape(-1).view("u1")
    for _ in range(provider.ConsumeIntInRange(0, 3) if len(flat) else 0):
        flat[provider.ConsumeIntInRange(0, len(flat) - 1)] = provider.ConsumeInt(1) & 255


def of_folder(folder, read):
    """A target that puts its bytes into a JSON file of a folder, or into the arrays of an npz."""
    files = {path: path.read_bytes() for path in sorted(folder.rglob("*.*")) if path.is_file()}

    def target(data):
        provider = atheris.FuzzedDataProvider(data)
        path = provider.PickValueInList(list(files))
        if path.suffix == ".npz":
            arrays = {name: array.copy() for name, array in np.load(path).items()}
            for array in arrays.values():
                change(array, provider)
            np.savez(path, **arrays)
        else:
            text = np.frombuffer(files[path], "u1").copy()
            change(text, provider)
            path.write_bytes(text.tobytes())
        try:
            read(folder)
        except (ValueError, FileNotFoundError):  # there are fewer layers than it says
            return
        finally:
            path.write_bytes(files[path])

    return target


def rank_with_pecos_model(folder):
    """Load a model and ask it."""
    load_pecos_model(folder).rank(np.eye(2), k=3)


def of_arrays(stored):
    """A target that puts its bytes into the arrays of a model whose checksums are right again."""

    def target(data):
        provider = atheris.FuzzedDataProvider(data)
        name = provider.PickValueInList(list(stored))
        content, arrays = stored[name]
        changed = [array.copy(order="K") for array in arrays]
        for array in changed:
            change(array, provider)
        write_model_file(PATH, content, changed)
        try:
            ask_model(name, PATH)
        except (ValueError, IndexError):  # Python's own sequences know their bounds
            return

    return target


def stored_models():
    """What files of models hold: a JSON value and arrays, by name."""
    stored = {}
    for name, model in build().items():
        save(model, PATH)
        stored[name] = read_model_file(PATH, mapped=False, with_contents=True)
    return stored


def main():
    """Fuzz the reader that is named first."""
    warnings.simplefilter("ignore")
    stored = stored_models()
    write_model_file(PATH, *stored["counting"])
    model = PATH.read_bytes()
    chain, pecos = PATH.parent / "chain", PATH.parent / "pecos"
    write_chain(chain, TREE)
    write_model(pecos, TREE, WEIGHTS)
    readers = {
        "xmc_file": (of_file(load_xmc_file), b"2 3 2\n0 0:1 2:.5\n0,1 1:1\n"),
        "raw_text": (of_file(load_raw_text), b"1,2\tred hat\n\tblue hat\n"),
        "xmc_json": (of_file(load_xmc_json), b'{"title": "a", "target_ind": [1]}\n'),
        "query_log": (of_file(read_query_log), b"u\t2006-03-01 07:17:12\tred hat\n"),
        "cluster_chain": (of_folder(chain, load_cluster_chain), bytes(64)),
        "pecos_model": (of_folder(pecos, rank_with_pecos_model), bytes(64)),
        "model": (of_file(partial(ask_model, "counting")), model),
        "state": (of_arrays(stored), bytes(64)),
    }
    target, seed = readers[sys.argv.pop(1)]
    corpus = Path(tempfile.mkdtemp())
    (corpus / "seed").write_bytes(seed)
    atheris.Setup([*sys.argv, str(corpus)], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
