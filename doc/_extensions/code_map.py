"""Sphinx directives that map the package by its sources: ``rooms`` and ``kernels``."""

import re
import sys
from pathlib import Path

from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "sklearn_xmr"


def summary(path):
    """The first sentence of a module's docstring, or of the comment at the top of a .pxd file."""
    text = path.read_text(encoding="utf-8").lstrip('"')
    paragraph = " ".join(line.strip("# ") for line in text.split("\n\n")[0].splitlines())
    return re.match(r'.*?(?=\. |"""|$)', paragraph)[0].rstrip(".")


def rooms():
    """A list of the floors, highest first."""
    sys.path.insert(0, str(ROOT / "tests"))
    from helpers.architecture import FLOORS

    for number, floor in reversed([*enumerate(FLOORS)]):
        lines = [line for room in floor for line in modules(room)]
        if lines:
            yield from (f"**Floor {number}**", "", *lines, "")


def modules(room):
    """A line for each module of a room."""
    module, folder = PACKAGE / f"{room}.py", PACKAGE / room
    if room == PACKAGE.name:
        yield f"- ``__init__.py``: {summary(PACKAGE / '__init__.py')}"
    elif module.exists():
        yield f"- ``{module.name}``: {summary(module)}"
    elif folder.exists():
        yield from (f"- ``{room}/``: {summary(folder / '__init__.py')}", "")
        for path in sorted(folder.glob("*.py")):
            if path.name != "__init__.py":
                yield f"  - ``{path.name}``: {summary(path)}"
        yield ""


def kernels():
    """A list of the kernels, and then of what they share."""
    for pattern in ("*.pyx", "_*.pxd"):
        for path in sorted((PACKAGE / "_kernels").glob(pattern)):
            yield f"- ``{path.name}``: {summary(path)}"


class Rooms(SphinxDirective):
    """``.. rooms::``"""

    def run(self):
        """Write the list."""
        return self.parse_text_to_nodes("\n".join(rooms()))


class Kernels(SphinxDirective):
    """``.. kernels::``"""

    def run(self):
        """Write the list."""
        return self.parse_text_to_nodes("\n".join(kernels()))


def setup(app):
    """Let Sphinx know the directives."""
    app.add_directive("rooms", Rooms)
    app.add_directive("kernels", Kernels)
    return {"parallel_read_safe": True}
