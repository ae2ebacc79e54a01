"""The reliability diagram shows the bins of the calibration error."""

import sys

import numpy as np
import pytest

from sklearn_xmr.inspection import plot_reliability
from sklearn_xmr.metrics import calibration_error_at_k


@pytest.fixture
def scores():
    rng = np.random.default_rng(0)
    y_score = rng.random((200, 4))
    return (rng.random((200, 4)) < y_score).astype(int), y_score


def test_points(scores):
    plt = pytest.importorskip("matplotlib.pyplot")
    figure, axes = plt.subplots()
    ax = plot_reliability(*scores, k=2, ax=axes)
    assert ax is axes
    x, y = ax.containers[0].lines[0].get_data()
    assert len(x) == 15
    assert (np.diff(x) > 0).all()
    sizes = np.diff(np.linspace(0, 400, 16).astype(int))
    error = calibration_error_at_k(*scores, k=2).error
    assert np.average(np.abs(x - y), weights=sizes) == pytest.approx(error)
    plot_reliability(*scores, k=1, ax=axes)
    assert len(ax.containers) == 2
    plt.close(figure)


def test_without_matplotlib(scores, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match="plot_reliability requires matplotlib"):
        plot_reliability(*scores)
