"""Every example in the documentation runs, and every public docstring is complete."""

import doctest
import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

import sklearn_xmr

try:
    import tomllib
except ModuleNotFoundError:  # before Python 3.11, where pytest brings it along
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
# What a build of the documentation makes is not written by hand.
MADE = {"_build", "auto_examples", "generated", "sg_execution_times.rst"}
PAGES = [
    page
    for page in sorted((ROOT / "doc").rglob("*.rst"))
    if MADE.isdisjoint(page.relative_to(ROOT / "doc").parts)
]
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE

# Not for users: compiled loops without examples, and what only a build can import.
WITHOUT_EXAMPLES = ("sklearn_xmr._kernels", "sklearn_xmr._build")


def modules():
    """All modules, as what public ones offer is often defined in private ones."""
    names = [m.name for m in pkgutil.walk_packages(sklearn_xmr.__path__, "sklearn_xmr.")]
    return ["sklearn_xmr", *(name for name in names if not name.startswith(WITHOUT_EXAMPLES))]


def public_members():
    """Dotted name -> class or function, for all that public modules offer."""
    members = {}
    for module_name in modules():
        if "._" in module_name:
            continue
        module = importlib.import_module(module_name)
        for name in module.__all__:
            member = getattr(module, name)
            if inspect.isclass(member) or inspect.isfunction(member):
                members[f"{module_name}.{name}"] = member
    return members


def own_methods(cls):
    """Names of public methods and properties written here; inherited ones are scikit-learn's."""
    for name in dir(cls):
        attribute = inspect.getattr_static(cls, name)
        function = getattr(attribute, "fget", None) or getattr(attribute, "__func__", attribute)
        is_ours = (getattr(function, "__module__", None) or "").startswith("sklearn_xmr")
        if is_ours and not name.startswith("_"):
            yield name


MEMBERS = public_members()
METHODS = [f"{n}.{m}" for n, c in MEMBERS.items() if inspect.isclass(c) for m in own_methods(c)]


@pytest.mark.parametrize("name", modules())
def test_examples_in_docstrings(name):
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    output = []
    for test in doctest.DocTestFinder().find(importlib.import_module(name), name):
        runner.run(test, out=output.append)
    assert runner.failures == 0, "".join(output)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT / "doc")))
def test_examples_in_pages(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # pages write files
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner(optionflags=OPTIONS)
    output = []
    test = parser.get_doctest(page.read_text(encoding="utf-8"), {}, page.stem, str(page), 0)
    runner.run(test, out=output.append)
    assert runner.failures == 0, "".join(output)


@pytest.mark.parametrize("name", MEMBERS)
def test_class_or_function_has_an_example(name):
    assert doctest.DocTestParser().get_examples(inspect.getdoc(MEMBERS[name]))


@pytest.mark.parametrize("name", [*MEMBERS, *METHODS])
def test_docstring_is_complete(name):
    validate = pytest.importorskip("numpydoc.validate").validate
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    checks = settings["tool"]["numpydoc_validation"]["checks"]
    assert checks[0] == "all", "what follows are the checks left out"
    errors = [error for error in validate(name)["errors"] if error[0] not in checks[1:]]
    assert not errors
