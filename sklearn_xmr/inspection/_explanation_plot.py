"""A score taken apart, as bars."""

import numpy as np

from .._checks import check_count
from .._sklearn import check_matplotlib_support
from ._axes import axes_of


def plot_explanation(explanation, *, max_features=12, ax=None):
    """Draw what features add to the score of a label or product.

    Parameters
    ----------
    explanation : object
        What :func:`explain` returns, a node of its ``path``, or what
        :meth:`ProductRetriever.explain <sklearn_xmr.ProductRetriever.explain>` returns.
    max_features : int, default=12
        How many features get a bar of their own, those that add or take most. One bar is for all
        others, one for the intercept, and one for a boost. Where a `label_prior` adds something,
        features have two bars: what it adds, and what was learned from rows.
    ax : matplotlib Axes or None, default=None
        Where to draw; what is there is cleared. None for the current axes.

    Returns
    -------
    matplotlib Axes
        The axes with the bars, whose lengths sum to the margin, or to the log-odds of a product.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    TypeError
        If `explanation` is none of these.
    ValueError
        If `max_features` is not an integer of at least 1.

    See Also
    --------
    explain : Says why a label has its score.
    sklearn_xmr.ProductRetriever.explain : Says why a product is found.

    Examples
    --------
    >>> from sklearn_xmr import ProductRetriever
    >>> from sklearn_xmr.inspection import plot_explanation
    >>> retriever = ProductRetriever(label_text=["garden hose", "wood screw"]).fit([], [])
    >>> ax = plot_explanation(retriever.explain("hose", 0), max_features=3)
    >>> len(ax.patches)
    5
    """
    check_matplotlib_support("plot_explanation")

    needed = "feature_names", "contributions", "intercept"
    if not all(hasattr(explanation, name) for name in needed):
        raise TypeError(
            "explanation must be what explain or ProductRetriever.explain returns, got "
            f"{type(explanation).__name__}."
        )
    names, parts = _feature_bars(explanation, check_count(max_features, "max_features"))
    constants = {"intercept": explanation.intercept}
    if boost := getattr(explanation, "boost", 0):
        constants["boost"] = boost

    ax = axes_of(ax)
    ax.clear()
    places = np.arange(len(constants) + len(names))
    ax.barh(places[: len(constants)], list(constants.values()), color="0.6")
    height = 0.8 / len(parts)
    for number, (part, lengths) in enumerate(parts.items()):
        shift = height * (number - (len(parts) - 1) / 2)
        ax.barh(places[len(constants) :] + shift, lengths, height, label=part)
    if len(parts) > 1:
        ax.legend()
    ax.set_yticks(places, [*constants, *names], parse_math=False)
    ax.invert_yaxis()
    ax.axvline(0, color="0.6", linewidth=0.8)
    is_product = hasattr(explanation, "product_text")
    ax.set_xlabel("added to the log-odds" if is_product else "added to the margin")
    ax.set_title(_title(explanation), parse_math=False)
    return ax


def _feature_bars(explanation, max_features):
    # Names of the bars, and lengths by part, in the order of a reader.
    contributions = explanation.contributions
    order = np.argsort(-np.abs(contributions), kind="stable")
    order = order[contributions[order] != 0]
    shown, others = order[:max_features], order[max_features:]
    names = [str(explanation.feature_names[feature]) for feature in shown]
    parts = {"all": contributions}
    if np.any(getattr(explanation, "prior_contributions", 0)):
        parts = {
            "prior": explanation.prior_contributions,
            "learned": explanation.learned_contributions,
        }
    bars = {part: values[shown] for part, values in parts.items()}
    if len(others):
        names.append(f"{len(others)} others")
        bars = {part: np.append(bars[part], parts[part][others].sum()) for part in parts}
    return names, bars


def _title(explanation):
    if hasattr(explanation, "product_text"):
        what = f"{explanation.text!r}: {explanation.product_text}"
        return f"{what} ({explanation.probability:.3f})"
    if hasattr(explanation, "path"):
        return f"{explanation.label} ({explanation.score:.3f})"
    return f"layer {explanation.layer}, node {explanation.node} ({explanation.score:.3f})"
