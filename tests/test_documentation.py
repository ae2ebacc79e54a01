"""What the documentation points to is there."""

from importlib import import_module
from pathlib import Path

import pytest

DOC = Path(__file__).resolve().parents[1] / "doc"


def public(dotted):
    """Whether a dotted name can be imported, and does not say that it is private."""
    module, name = dotted.rsplit(".", 1)
    return hasattr(import_module(module), name) and "._" not in dotted


@pytest.mark.parametrize(
    "inventory", sorted((DOC / "inventories").glob("*.txt")), ids=lambda p: p.stem
)
def test_names_of_other_projects_exist(inventory):
    form, *lines = inventory.read_text(encoding="utf-8").splitlines()
    assert form == "# Sphinx inventory version 1"
    names = [line.split()[0] for line in lines if not line.startswith("#")]
    assert names == sorted(names)
    assert [name for name in names if not public(name)] == []
