"""A score taken apart, as text: what was added, row by row."""

from sklearn.utils import Bunch

# Features that get a row of their own.
MOST_FEATURES = 20


def text_table(columns, rows):
    """Lay out numbers under each other.

    Parameters
    ----------
    columns : sequence of str
        The columns' names.
    rows : iterable of tuple
        A name and, for each column, a number, or None for an empty place.

    Returns
    -------
    list of str
        The lines.
    """
    cells = [("", *columns), *((name, *map(_shown, numbers)) for name, *numbers in rows)]
    first, *others = (max(map(len, column)) for column in zip(*cells, strict=True))
    widths = [max(width, 8) for width in others]
    lines = [
        [f"{name:{first}}", *(f"{n:>{w}}" for n, w in zip(numbers, widths, strict=True))]
        for name, *numbers in cells
    ]
    return ["  ".join(line).rstrip() for line in lines]


def _shown(number):
    return "" if number is None else f"{number:.3f}"


class NodeExplanation(Bunch):
    """The margin of a node, taken apart. Its text is a table of the largest contributions."""

    def __str__(self):
        first = f"{_place(self)}: score {self.score:.3f}"
        return "\n".join([first, *_contributions(self)])


class LabelExplanation(Bunch):
    """The score of a label, taken apart. Its text is two tables: of the path, and of the sums."""

    def __str__(self):
        several = len({node.tree for node in self.path}) > 1
        path = [
            (_place(node, several), node.margin, node.score, node.path_score) for node in self.path
        ]
        lines = [f"{self.label!r}: {self.score:.3f}"]
        lines += text_table(["margin", "score", "path"], path)
        return "\n".join([*lines, "", *_contributions(self)])


def _place(node, several_trees=False):
    tree = f"tree {node.tree}, " if several_trees else ""
    return f"{tree}layer {node.layer}, node {node.node}"


def _contributions(explained):
    # The intercept, the features and their sum; the parts beside them where there is a prior.
    columns = {"margin": explained.contributions}
    if explained.prior_contributions.any():
        columns["prior"] = explained.prior_contributions
        columns["learned"] = explained.learned_contributions
    values = list(zip(*(part.tolist() for part in columns.values()), strict=True))
    none = (None,) * (len(columns) - 1)
    names = map(str, explained.feature_names[:MOST_FEATURES])
    rows = [("intercept", float(explained.intercept), *none)]
    rows += [(name, *numbers) for name, numbers in zip(names, values, strict=False)]
    if others := values[MOST_FEATURES:]:
        rows.append((f"{len(others)} others", *map(sum, zip(*others, strict=True))))
    rows.append(("sum", float(explained.margin), *none))
    return text_table(columns, rows)
