"""The bars of an explanation."""

import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.utils import Bunch

from helpers.matrices import random_csr
from helpers.reference import make_problem, queries
from sklearn_xmr import ProductRetriever, XRLinearClassifier
from sklearn_xmr.inspection import explain, plot_explanation

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


def made_up(**more):
    names, contributions = ["a", 7, r"$\oops$", "d"], np.array([0.5, 0, -2, 0.25])
    node = {"layer": 1, "node": 3, "score": 0.25}
    return Bunch(feature_names=names, contributions=contributions, intercept=-1.5, **node, **more)


def drawn(ax):
    """Names of the bars, top first, and the lengths of each kind of them."""
    assert ax.yaxis_inverted()
    ax.figure.canvas.draw()
    names = [label.get_text() for label in ax.get_yticklabels()]
    return names, [[bar.get_width() for bar in bars] for bars in ax.containers]


def test_by_hand(plt):
    ax = plot_explanation(made_up())
    assert drawn(ax) == (["intercept", r"$\oops$", "a", "d"], [[-1.5], [-2, 0.5, 0.25]])
    assert_allclose(ax.get_yticks(), range(4))
    assert ax.get_xlabel() == "added to the margin"
    assert ax.get_title() == "layer 1, node 3 (0.250)"
    assert ax.get_legend() is None
    ax = plot_explanation(made_up(), max_features=1)
    assert drawn(ax) == (["intercept", r"$\oops$", "2 others"], [[-1.5], [-2, 0.75]])


def test_prior_and_learned_side_by_side(plt):
    prior = np.array([0.25, 0, 1, 0])
    parts = {"prior_contributions": prior, "learned_contributions": made_up().contributions - prior}
    ax = plot_explanation(made_up(**parts), max_features=2)
    assert drawn(ax)[1] == [[-1.5], [1, 0.25, 0], [-3, 0.25, 0.25]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["prior", "learned"]
    _, above, below = ([bar.get_y() for bar in bars] for bars in ax.containers)
    _, bars, _ = ax.containers
    assert_allclose(np.subtract(below, above), [bar.get_height() for bar in bars])
    assert_allclose(below, range(1, 4))


@pytest.mark.parametrize("prior", [None, random_csr(np.random.default_rng(3), (12, 25), 0.3)])
def test_of_a_classifier_bars_sum_to_the_margin(plt, prior):
    model = XRLinearClassifier(label_prior=prior, random_state=0).fit(*make_problem())
    explanation = explain(model, queries()[[2]], 4)
    for part in (explanation, *explanation.path):
        ax = plot_explanation(part, max_features=2)
        _, bars = drawn(ax)
        assert len(bars) == (2 if prior is None else 3)
        assert sum(map(sum, bars)) == pytest.approx(part.margin)
    assert plot_explanation(explanation).get_title() == f"4 ({explanation.score:.3f})"


def test_on_given_axes(plt, explanation):
    _, axes = plt.subplots(2)
    axes[1].plot([1, 2])
    assert plot_explanation(explanation, ax=axes[1]) is axes[1]
    assert len(axes[0].patches) == 0


def test_bad_number(explanation):
    pytest.importorskip("matplotlib")
    with pytest.raises(ValueError, match="max_features must be an integer of at least 1, got 0"):
        plot_explanation(explanation, max_features=0)


def test_refuses_anything_else():
    pytest.importorskip("matplotlib")
    with pytest.raises(TypeError, match=r"explanation must be what explain .*, got list"):
        plot_explanation([])


def test_matplotlib_missing(monkeypatch, explanation):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match="plot_explanation requires matplotlib"):
        plot_explanation(explanation)
