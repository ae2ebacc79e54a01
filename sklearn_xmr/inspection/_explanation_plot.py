"""A product's score taken apart, as bars."""

from .._checks import check_count
from .._sklearn import check_matplotlib_support


def plot_explanation(explanation, *, max_features=12, ax=None):
    """Draw what features add to the log-odds that a product is wanted.

    Parameters
    ----------
    explanation : Explanation
        What :meth:`ProductRetriever.explain` returns.
    max_features : int, default=12
        How many features get a bar of their own, those that add or take most. One bar is for all
        others, one for the intercept, and one for a boost.
    ax : matplotlib Axes or None, default=None
        Where to draw; what is there is cleared. None for the current axes.

    Returns
    -------
    matplotlib Axes
        The axes with the bars, whose lengths sum to the log-odds.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    ValueError
        If `max_features` is not an integer of at least 1.

    See Also
    --------
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
    import matplotlib.pyplot as plt

    bars = _bars(explanation, check_count(max_features, "max_features"))
    if ax is None:
        ax = plt.gca()
    ax.clear()
    names, lengths = zip(*bars, strict=True)
    places = range(len(bars), 0, -1)  # from the top
    ax.barh(places, lengths, color=["C0" if length >= 0 else "C3" for length in lengths])
    ax.set_yticks(places, names)
    ax.axvline(0, color="0.6", linewidth=0.8)
    ax.set_xlabel("added to the log-odds")
    ax.set_title(
        f"{explanation.text!r}: {explanation.product_text} ({explanation.probability:.3f})",
        parse_math=False,
    )
    return ax


def _bars(explanation, max_features):
    # Names and lengths, in the order of a reader.
    added = zip(explanation.feature_names, explanation.contributions.tolist(), strict=True)
    added = sorted((bar for bar in added if bar[1]), key=lambda bar: -abs(bar[1]))
    bars = [("intercept", explanation.intercept)]
    if explanation.boost:
        bars.append(("boost", explanation.boost))
    bars += added[:max_features]
    others = added[max_features:]
    if others:
        bars.append((f"{len(others)} others", sum(length for _, length in others)))
    return bars
