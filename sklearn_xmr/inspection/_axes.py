"""Where plots are drawn."""

from .._checks import described


def axes_of(ax):
    """The axes given, or the current ones for None.

    Raises
    ------
    TypeError
        If it is something else.
    """
    import matplotlib.pyplot as plt
    from matplotlib.axes import Axes

    if ax is None:
        return plt.gca()
    if not isinstance(ax, Axes):
        raise TypeError(f"ax must be Axes of matplotlib or None, got {described(ax)}.")
    return ax
