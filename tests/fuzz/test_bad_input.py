"""A few hundred generated calls; ``python -m fuzz.run`` makes as many as one likes."""

from fuzz.run import run


def test_bad_input_gets_an_error_that_names_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a text given as `memory` is a folder
    outcomes, defects = run(800, seed=0)
    assert defects == []
    assert outcomes["named"] > 400
    assert outcomes["answered"] > 40
