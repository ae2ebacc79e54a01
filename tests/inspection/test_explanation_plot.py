"""The bars of an explanation."""

import sys

import pytest

from sklearn_xmr import ProductRetriever
from sklearn_xmr.inspection import plot_explanation

RETRIEVER = ProductRetriever(label_text={"H": "garden $hose$, 3 ft.", "S": "wood screw"})


@pytest.fixture(scope="module")
def explanation():
    return RETRIEVER.fit([], []).explain("garden hose 3 ft", "H", boost={"H": -0.5})


@pytest.fixture
def plt():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    yield plt
    plt.close("all")


@pytest.mark.parametrize("max_features", [1, 5, 100])
def test_bars_sum_to_the_log_odds(plt, explanation, max_features):
    ax = plot_explanation(explanation, max_features=max_features)
    assert ax is plt.gca()
    lengths = [bar.get_width() for bar in ax.patches]
    assert sum(lengths) == pytest.approx(explanation.log_odds)
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names[:2] == ["intercept", "boost"]
    assert lengths[:2] == [explanation.intercept, -0.5]
    n_others = sum(explanation.contributions != 0) - max_features
    assert (f"{n_others} others" in names) == (n_others > 0)
    plt.gcf().canvas.draw()  # the dollars are no formula


def test_on_given_axes(plt, explanation):
    _, axes = plt.subplots(2)
    axes[1].plot([1, 2])
    assert plot_explanation(explanation, ax=axes[1]) is axes[1]
    assert len(axes[0].patches) == 0


def test_bad_number(explanation):
    pytest.importorskip("matplotlib")
    with pytest.raises(ValueError, match="max_features must be an integer of at least 1, got 0"):
        plot_explanation(explanation, max_features=0)


def test_matplotlib_missing(monkeypatch, explanation):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match="plot_explanation requires matplotlib"):
        plot_explanation(explanation)
