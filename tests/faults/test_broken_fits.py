"""An estimator whose fit breaks off is as it was; ``python -m faults.broken_fits`` tries more."""

import os
import subprocess
import sys

import pytest


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited and read as Linux does")
@pytest.mark.parametrize("kind", ["threads", "memory"])
def test_broken_fits(kind):
    command = [sys.executable, "-m", "faults.broken_fits", "--kind", kind]
    command += ["--times", "4", "--rows", "2000"]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "classifier: 0 of" not in run.stdout
