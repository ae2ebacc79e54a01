"""The package is built as helpers/architecture.py says."""

import ast
import re
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from helpers import architecture

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "sklearn_xmr"
MODULES = sorted(PACKAGE.rglob("*.py"))
KERNELS = sorted(
    path for path in (PACKAGE / "_kernels").iterdir() if path.suffix in (".pyx", ".pxd")
)
TESTS = sorted(path for path in (ROOT / "tests").rglob("*.py") if "benchmarks" not in path.parts)
FLOOR = {room: floor for floor, rooms in enumerate(architecture.FLOORS) for room in rooms}


def name(path):
    return path.relative_to(PACKAGE).as_posix()


def room(path):
    top = path.relative_to(PACKAGE).parts[0]
    return "sklearn_xmr" if top == "__init__.py" else top.removesuffix(".py")


@cache
def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imported_names(path):
    """Absolute dotted names of all that a module imports, wherever in it."""
    above = path.relative_to(ROOT).parent.parts
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = above[: len(above) + 1 - node.level] if node.level else ()
            start = [*start, *([node.module] if node.module else [])]
            yield from (".".join([*start, alias.name]) for alias in node.names)


def imported_files(path):
    """The package's own modules and kernels that a module imports."""
    for dotted in imported_names(path):
        parts = dotted.split(".")
        if parts[0] != PACKAGE.name:
            continue
        # The last part may be a name in the module.
        for end in (len(parts), len(parts) - 1):
            place = ROOT.joinpath(*parts[:end])
            files = [place.with_suffix(".py"), place.with_suffix(".pyx"), place / "__init__.py"]
            found = next(filter(Path.exists, files), None)
            if found:
                yield found
                break
        else:
            raise AssertionError(f"{name(path)} imports {dotted}, which is no file")


def assert_nothing_breaks(rule, found):
    assert sorted(found) == [], f"breaks the rule on {rule}"


def test_every_room_stands_on_a_floor():
    assert set(FLOOR) == {room(path) for path in MODULES}, "see FLOORS in helpers/architecture.py"


def test_imports_go_down():
    found = {
        f"{name(path)}: {room(target)}"
        for path in MODULES
        for target in imported_files(path)
        if room(target) != room(path) and FLOOR[room(target)] >= FLOOR[room(path)]
    }
    assert_nothing_breaks("imports", found)


def test_no_module_imports_itself_by_way_of_others():
    graph = {path: {*imported_files(path)} - {path} for path in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(name(path) for path in error.args[1]))


def test_kernels_import_kernels():
    for path in KERNELS:
        lines = re.findall(
            r"^\s*(?:from|c?import)\s+([\w.]+)", path.read_text(), flags=re.MULTILINE
        )
        for module in lines:
            assert module.split(".")[0] in {"", *architecture.KERNELS_IMPORT}, name(path)


def test_one_module_knows_the_private_names_of_scikit_learn():
    found = {
        name(path)
        for path in MODULES
        for dotted in imported_names(path)
        if dotted.startswith("sklearn.") and re.search(r"\._[a-z]", dotted)
    }
    assert found == {architecture.KNOWS_SKLEARN}


def own_names(tree):
    """What the classes of a module call their own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, ast.FunctionDef):
                    yield member.name
                for target in getattr(member, "targets", [getattr(member, "target", None)]):
                    yield getattr(target, "id", None)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr if ast.unparse(node.value) == "self" else None


def test_no_module_reads_private_attributes_of_another_s_class():
    found = set()
    for path in MODULES:
        tree = parsed(path)
        own = {*own_names(tree), *architecture.COMMON_NAMES}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Attribute) or not re.match(r"_(?!_)", node.attr):
                continue
            of_its_own = ast.unparse(node.value) in ("self", "cls", "super()")
            if not of_its_own and node.attr not in own:
                found.add(f"{name(path)}: {node.attr}")
    assert_nothing_breaks("private attributes", found)


def test_a_room_s_docstring_is_its_map():
    found = set()
    for door in MODULES:
        if door.name != "__init__.py" or door.parent in (PACKAGE, PACKAGE / "_kernels"):
            continue
        map_of_room = ast.get_docstring(parsed(door))
        stems = {path.stem for path in door.parent.glob("*.py")} - {"__init__"}
        if not all(f"- `{stem}`: " in map_of_room for stem in stems):
            found.add(room(door))
    assert_nothing_breaks("maps", found)


def test_lengths():
    found = set()
    for kind, paths in (("module", MODULES), ("kernel", KERNELS), ("test", TESTS)):
        for path in paths:
            n_lines = len(path.read_text(encoding="utf-8").splitlines())
            if n_lines > architecture.LINES[kind]:
                found.add(path.name if kind == "test" else name(path))
    assert architecture.LONGER.keys() <= found, "what is short enough needs no reason: see LONGER"
    assert_nothing_breaks("lengths", found - architecture.LONGER.keys())


def signatures(path):
    """(name, number of parameters) of every function of a module."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef) and node.name != "__init__":
            arguments = node.args
            given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
            yield node.name, sum(argument.arg not in ("self", "cls") for argument in given)


def kernel_signatures(path):
    """(name, number of parameters) of every function of a kernel."""
    text = re.sub(r"#.*", "", path.read_text(encoding="utf-8"))
    for function in re.finditer(r"^\s*(?:cdef|cpdef|def)\b[^\n(=]*?(\w+)\(", text, re.MULTILINE):
        depth, commas, last = 1, 0, ""
        for character in text[function.end() :]:
            depth += (character in "([") - (character in ")]")
            if depth == 0:
                break
            commas += character == "," and depth == 1
            last = last if character.isspace() else character
        yield function[1], commas + (last not in ("", ","))


def test_kernel_signatures_are_read_right(tmp_path):
    path = tmp_path / "kernel.pyx"
    path.write_text(
        "def f():\n    pass\n\n"
        "cdef inline void g(\n    const float[::1] x,  # in, flat\n    float[:, ::1] y,\n) nogil:\n"
        "    return\n\n"
        "cpdef int h(int a, int b=f(1, 2)):\n    pass\n"
    )
    assert [*kernel_signatures(path)] == [("f", 0), ("g", 2), ("h", 2)]


def test_parameter_lists():
    found = {
        f"{name(path)}: {function}"
        for kind, paths, read in (
            ("module", MODULES, signatures),
            ("kernel", KERNELS, kernel_signatures),
        )
        for path in paths
        for function, n_parameters in read(path)
        if n_parameters > architecture.PARAMETERS[kind]
    }
    assert_nothing_breaks("parameters", found)


def test_every_kernel_has_a_test():
    tested = {path.name for path in (ROOT / "tests" / "kernels").glob("test_*.py")}
    assert {f"test_{path.stem}.py" for path in KERNELS if path.suffix == ".pyx"} <= tested


def test_folders_of_tests_are_rooms():
    folders = {path.parent.name for path in TESTS} - {"tests"}
    rooms = {room(path).strip("_") for path in MODULES if path.name == "__init__.py"}
    assert folders - architecture.OTHER_TESTS <= rooms
