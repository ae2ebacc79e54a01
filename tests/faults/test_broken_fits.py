"""An estimator whose fit breaks off is as it was; ``python -m faults.broken_fits`` tries more."""

import sys
from itertools import count

import pytest

from helpers.other_process import run_python
from sklearn_xmr._training import node_tasks

if sys.platform != "linux":
    pytest.skip("memory is read as Linux does", allow_module_level=True)

from faults.broken_fits import estimators


def test_interrupted_fits(tmp_path):
    options = ["--kind", "threads", "--times", "4", "--rows", "2000"]
    run = run_python(["-m", "faults.broken_fits", *options], tmp_path)
    assert run.returncode == 0, run.stderr
    assert "classifier: 0 of" not in run.stdout


@pytest.mark.parametrize("name", ["classifier", "retriever", "completer"])
def test_fits_without_memory(name, monkeypatch):
    # Taking memory away for good is the program's: NumPy itself crashes where it finds none at all.
    model, data = estimators(20_000, 2)[name]
    before, calls, train_block = dict(vars(model)), count(), node_tasks.train_block

    def without_memory(*args):
        if next(calls) > 0:
            raise MemoryError
        return train_block(*args)

    with monkeypatch.context() as patch:
        patch.setattr(node_tasks, "train_block", without_memory)
        with pytest.raises(MemoryError):
            model.fit(*data)
    assert next(calls) > 1
    after = vars(model)
    assert after.keys() == before.keys()
    assert all(after[key] is before[key] for key in before)
    model.fit(*data)
