"""Processes that are killed while they save, and files that may not grow: the older file stays."""

import os
import sys

import numpy as np
import pytest

from helpers.other_process import run_python
from sklearn_xmr import load, save

if sys.platform == "win32":
    pytest.skip("signals and limits of POSIX", allow_module_level=True)

KILLED = """
import os, signal, sys, time
import numpy as np
from sklearn_xmr import load, save
path = sys.argv[1]
for milliseconds in range(0, 60, 4):
    child = os.fork()
    if child == 0:
        while True:
            save(np.full(500_000, milliseconds), path)
    time.sleep(milliseconds / 1000)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    array = load(path)
    assert (array == array[0]).all()
print(array[0])
"""
LIMITED = """
import resource, signal, sys
import numpy as np
import sklearn_xmr
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    sklearn_xmr.save(np.full(500_000, 1.0), sys.argv[1])
except OSError as error:
    print(error)
"""


def run(program, path):
    run = run_python(["-c", program, path], path.parent)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_a_killed_save_leaves_a_whole_file(tmp_path):
    path = tmp_path / "model.xmr"
    save(np.full(5, -1), path)
    assert int(run(KILLED, path)) >= -1
    assert load(path).ndim == 1


def test_a_limit_of_file_size_leaves_the_older_file(tmp_path):
    path = tmp_path / "model.xmr"
    save(np.zeros(5), path)
    before = path.read_bytes()
    assert "File too large" in run(LIMITED, path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == [path.name]
