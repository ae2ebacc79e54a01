"""Change bits of stored models or cut them, load them, ask them, and count what happens.

    PYTHONPATH=tests python -m fuzz.flips --files 20000 --seed 0

Files of `save` must not crash, and where contents are checked, must be refused or answer as before.
Of pickle and joblib, whose own code may crash, it asks that ours does not once a model is there.
"""

import argparse
import contextlib
import faulthandler
import io
import itertools
import os
import pickle
import resource
import signal
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path

import joblib
import numpy as np

from helpers.stored_models import answers, build
from sklearn_xmr import load, save

BATCH = 500  # files for each child
MEMORY = 8 << 30
SECONDS = 20  # that a file may take
LOADED = b"l"
END = {
    b"r": "refused",
    b"n": "no ValueError",
    b"s": "same answers",
    b"o": "other answers",
    b"e": "error when asked",
}


def _load_pickle(path):
    return pickle.loads(path.read_bytes())


WAYS = {
    "save": (save, load),
    "save, mapped": (save, lambda path: load(path, mmap=True)),
    "save, mapped, full check": (save, lambda path: load(path, mmap=True, check="full")),
    "pickle": (lambda model, path: path.write_bytes(pickle.dumps(model)), _load_pickle),
    "joblib": (joblib.dump, joblib.load),
}
CHECKED = {"crash", "crash when asked", "no ValueError", "other answers", "error when asked"}
DEFECTS = {
    "save": CHECKED,
    "save, mapped": {"crash", "crash when asked", "no ValueError"},
    "save, mapped, full check": CHECKED,
    "pickle": {"crash when asked"},
    "joblib": {"crash when asked"},
}


def main():
    """Print the counts; the exit status is the number of defects."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    n_defects = 0
    for (way, name), outcomes in run(options.files, options.seed):
        defects = sum(outcomes[outcome] for outcome in DEFECTS[way])
        print(f"{way}, {name}: {dict(outcomes)}{' <- DEFECT' * (defects > 0)}", flush=True)
        n_defects += defects
    sys.exit(min(n_defects, 100))


def run(n_files, seed):
    """For each way and model in turn, how many files ended how."""
    models = build()
    with tempfile.TemporaryDirectory() as folder:
        for way, name in itertools.product(WAYS, models):
            write, read = WAYS[way]
            path = Path(folder, "model")
            write(models[name], path)
            files = _Files(path, n_files // (len(WAYS) * len(models)), seed)
            yield (way, name), _outcomes(files, read, name, answers(name, models[name]))


class _Files:
    """Versions of a file, each with a changed bit, or cut; always the same for a seed."""

    def __init__(self, path, n_files, seed):
        self.path = path
        self.whole = path.read_bytes()
        rng = np.random.default_rng(seed)
        self.places = rng.integers(len(self.whole), size=n_files)
        self.bits = rng.integers(8, size=n_files)
        self.cut = rng.random(n_files) < 0.1

    def __len__(self):
        return len(self.places)

    def write(self, number):
        changed = bytearray(self.whole)
        place = self.places[number]
        if self.cut[number]:
            del changed[place:]
        else:
            changed[place] ^= 1 << self.bits[number]
        self.path.write_bytes(changed)


def _outcomes(files, read, name, expected):
    outcomes, done = Counter(), 0
    while done < len(files):
        numbers = range(done, min(done + BATCH, len(files)))
        ends, died = _in_a_child(files, numbers, read, name, expected)
        for end in ends:
            outcomes[END[end]] += 1
        done += len(ends)
        if died:
            outcomes[died] += 1
            print(f"{read}, {name}, file {done}: {died}", file=sys.stderr, flush=True)
            done += 1
    return outcomes


def _in_a_child(files, numbers, read, name, expected):
    """How each file ended, and how the child did, if it did not come to the last."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _ask(files, numbers, read, name, expected, writing)
    os.close(writing)
    with open(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    ends = [bytes([byte]) for byte in said if bytes([byte]) != LOADED]
    if status == 0:
        return ends, None
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM:
        return ends, "slow"
    return ends, "crash when asked" if said.endswith(LOADED) else "crash"


def _ask(files, numbers, read, name, expected, writing):
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    warnings.simplefilter("ignore")
    for number in numbers:
        files.write(number)
        signal.alarm(SECONDS)
        with contextlib.redirect_stdout(io.StringIO()):
            end = _end(files.path, read, name, expected, writing)
        os.write(writing, end)
    os._exit(0)


def _end(path, read, name, expected, writing):
    try:
        model = read(path)
    except ValueError:
        return b"r"
    except BaseException:
        return b"n"
    os.write(writing, LOADED)
    try:
        found = answers(name, model)
    except Exception:
        return b"e"
    return b"s" if found == expected else b"o"


if __name__ == "__main__":
    main()
