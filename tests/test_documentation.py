"""What the documentation points to is there."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from sklearn_xmr import XRLinearClassifier

DOC = Path(__file__).resolve().parents[1] / "doc"


GUIDE = sorted((DOC / "user_guide").glob("*.rst"))
SHOWN_FIRST = [DOC / "index.rst", DOC / "start/index.rst", DOC / "start/ten_minutes.rst"]
PICTURE = re.compile(r"^ *\.\. (plot|image|figure)::.*\n((?: +:.*\n(?: {6,}.*\n)*)*)", re.MULTILINE)


def name_of(path):
    """A page's name, for a test's."""
    return path.relative_to(DOC).with_suffix("").as_posix()


@pytest.mark.parametrize("page", [*SHOWN_FIRST, *GUIDE], ids=name_of)
def test_a_page_has_a_picture(page):
    assert PICTURE.search(page.read_text(encoding="utf-8"))


def test_pictures_can_be_read_aloud():
    pages = [page for page in DOC.rglob("*.rst") if "auto_examples" not in page.parts]
    silent = [
        f"{name_of(page)}: {picture[0].splitlines()[0].strip()}"
        for page in pages
        for picture in PICTURE.finditer(page.read_text(encoding="utf-8"))
        if ":alt: " not in picture[2]
    ]
    assert silent == []


def test_headings_of_tables_are_not_lost():
    # A line whose first column is blank goes on with the line before; a table's first has none.
    lost = re.compile(r"^( *)=+(?: +=+)+\n\1 +\S", re.MULTILINE)
    pages = (page for page in DOC.rglob("*.rst") if "auto_examples" not in page.parts)
    found = {name_of(page): lost.findall(page.read_text(encoding="utf-8")) for page in pages}
    assert {page: lines for page, lines in found.items() if lines} == {}


def test_first_cells_of_tables_are_whole():
    # A first cell cannot go on below: that would be a row of its own.
    table = re.compile(r"^( *)(=+)((?: +=+)+)\n((?:\1.*\n)+?)\1\2\3\n(?=\n|\Z)", re.MULTILINE)
    pages = (page for page in DOC.rglob("*.rst") if "auto_examples" not in page.parts)
    found = {}
    for page in pages:
        for indent, first, _, body in table.findall(page.read_text(encoding="utf-8") + "\n"):
            width = len(indent) + len(first)
            rows = [line for line in body.splitlines() if not set(line) <= set("=- ")]
            alone = [row for row in rows if not row[width:].strip()]
            if alone:
                found[name_of(page)] = alone
    assert found == {}


def public(dotted):
    """Whether a dotted name can be imported, and does not say that it is private."""
    module, name = dotted.rsplit(".", 1)
    return hasattr(import_module(module), name) and "._" not in dotted


@pytest.mark.parametrize("inventory", sorted((DOC / "inventories").glob("*.txt")), ids=name_of)
def test_names_of_other_projects_exist(inventory):
    form, *lines = inventory.read_text(encoding="utf-8").splitlines()
    assert form == "# Sphinx inventory version 1"
    names = [line.split()[0] for line in lines if not line.startswith("#")]
    assert names == sorted(names)
    assert [name for name in names if not public(name)] == []


def test_every_parameter_is_in_its_group():
    page = (DOC / "parameters.rst").read_text(encoding="utf-8")
    groups = page[page.index("All of them") :]
    named = re.findall(r"^``(\w+)`` ", groups, re.MULTILINE)
    assert sorted(named) == sorted(XRLinearClassifier().get_params(deep=False))
