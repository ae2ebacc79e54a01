"""The solver gives the same bits on every instruction set, and from every compiler.

The kernel's binary holds several versions of its hot loop, of which the loader picks one. Here each
is compiled alone, and once without what only GCC and Clang have: one child at a time.
"""

import importlib.util
import platform
import shutil
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp

from helpers.matrices import random_csr
from sklearn_xmr._sparse import Csr
from sklearn_xmr._training.solver import Positives

KERNELS = Path(__file__).parents[2] / "sklearn_xmr" / "_kernels"
FLAGS = {
    "sse2": "-march=x86-64",
    "avx2": "-march=x86-64-v3",
    "avx512": "-march=x86-64-v4",
    "portable": "-DXMR_PORTABLE",
}
COMMON_FLAGS = ["-O3", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-fwrapv"]
COMMON_FLAGS.append("-DXMR_ONE_VERSION")


def runs_here(instruction_set):
    flags = Path("/proc/cpuinfo").read_text()
    needed = {"avx2": ["avx2", "bmi2", "fma"], "avx512": ["avx512vl", "avx512dq"]}
    return all(f" {flag} " in flags for flag in needed.get(instruction_set, []))


@pytest.fixture(scope="module")
def c_source(tmp_path_factory):
    if platform.machine() != "x86_64" or not sys.platform.startswith("linux"):
        pytest.skip("instruction sets of x86-64 are told apart on Linux")
    if shutil.which("gcc") is None:
        pytest.skip("no gcc")
    # A package of its own, so that relative cimports resolve.
    package = tmp_path_factory.mktemp("build") / "versions"
    shutil.copytree(KERNELS, package, ignore=shutil.ignore_patterns("*.so", "*.c"))
    command = [sys.executable, "-m", "cython", "-3", "-X"]
    command += ["cdivision=True", "-X", "wraparound=False", "-X", "boundscheck=False"]
    command += ["dual_cd.pyx"]
    subprocess.run(command, cwd=package, check=True)
    return package / "dual_cd.c"


def compiled(c_source, instruction_set):
    target = c_source.parent / instruction_set / f"dual_cd{sysconfig.get_config_var('EXT_SUFFIX')}"
    target.parent.mkdir()
    include = sysconfig.get_paths()["include"]
    command = ["gcc", "-shared", "-fPIC", *COMMON_FLAGS, FLAGS[instruction_set]]
    command += [f"-I{include}", f"-I{c_source.parent}", str(c_source), "-o", str(target)]
    subprocess.run(command, check=True)
    spec = importlib.util.spec_from_file_location("versions.dual_cd", target)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def train(kernel, loss):
    rng = np.random.default_rng(0)
    n_rows, n_features, width = 300, 80, 56  # vectors of children by fours, by two and alone
    X = random_csr(rng, (n_rows, n_features), 0.2)
    Y = sp.csr_array(rng.random((n_rows, width)) < 0.1)
    number, first_dual = kernel.LOSSES[loss]
    weights = np.zeros((n_features, width), dtype=np.float32)
    duals = np.full((n_rows, width), first_dual, dtype=np.float32)
    state = np.zeros((kernel.State.N_STATE_ROWS, width), dtype=np.float32)
    state[kernel.State.ACTIVE], state[kernel.State.SIGNS] = 1, -1
    column_of = np.arange(width, dtype=np.int32)
    block = SimpleNamespace(weights=weights, duals=duals, state=state, column_of=column_of)
    order = np.arange(n_rows, dtype=np.int32)
    seed = 7
    for _ in range(10):
        seed = kernel.shuffle(order, seed)
        state[kernel.State.HIGHEST] = state[kernel.State.LOWEST] = 0
        kernel.run_pass(
            Csr.of(X),
            np.asarray(X.power(2).sum(axis=1), dtype=np.float32),
            rng.random(n_rows, dtype=np.float32) + np.float32(0.1),
            Positives(*Csr.of(Y)[:2], None),
            rng.random(Y.nnz, dtype=np.float32) + np.float32(0.1),
            order,
            block,
            1.0,
            number,
        )
    return [array.tobytes() for array in (weights, duals, state)]


def test_every_instruction_set_gives_the_same_bits(c_source):
    from sklearn_xmr._kernels import dual_cd

    versions = [name for name in FLAGS if runs_here(name)]
    with ThreadPoolExecutor() as pool:
        kernels = dict(zip(versions, pool.map(partial(compiled, c_source), versions), strict=True))
    for loss in dual_cd.LOSSES:
        expected = train(dual_cd, loss)
        for name, kernel in kernels.items():
            assert train(kernel, loss) == expected, (name, loss)
