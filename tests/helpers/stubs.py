"""Stubs for editors and type checkers, written from signatures and docstrings.

``PYTHONPATH=.:tests python tests/helpers/stubs.py`` writes them again. A test compares them. What a
docstring says in words that are no type, such as "sparse matrix", becomes ``Any``.
"""

import inspect
import re
from importlib import import_module
from pathlib import Path
from types import FunctionType

from numpydoc.docscrape import NumpyDocString

import sklearn_xmr
from sklearn_xmr._retrieval.explanation import Explanation
from sklearn_xmr.metrics._calibration import BrierScore, CalibrationError

MODULES = ["sklearn_xmr"] + [
    f"sklearn_xmr.{name}"
    for name in sklearn_xmr.__all__
    if inspect.ismodule(getattr(sklearn_xmr, name))
]
HEAD = """\
# Written by tests/helpers/stubs.py.
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from os import PathLike
from typing import Any, Literal, NamedTuple

from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, TransformerMixin
from sklearn.utils import Bunch
from typing_extensions import Self
"""
BASES = {"BaseEstimator", "ClassifierMixin", "MetaEstimatorMixin", "TransformerMixin"}
RETURN_SELF = {"fit", "fit_sessions", "partial_fit", "partial_fit_sessions", "extend", "set_params"}
# How the description of a type begins, and the type.
TYPES = {
    "int": "int",
    "float": "float",
    "score": "float",
    "bool": "bool",
    "str": "str",
    "None": "None",
    "callable": "Callable[..., Any]",
    "dict": "dict[Any, Any]",
    "mapping": "Mapping[Any, Any]",
    "tuple": "tuple[Any, ...]",
    "array-like": "ArrayLike",
    "ndarray": "NDArray[Any]",
    "path-like": "str | PathLike[str]",
    "datetime": "datetime",
    "RandomState": "RandomState",
    "Bunch": "Bunch",
    "LabelExplanation": "Bunch",
    ":class:`~sklearn.utils.Bunch`": "Bunch",
}
CONTAINERS = {
    "list": "list",
    "sequence": "Sequence",
    "iterable": "Iterable",
    "collection": "Collection",
}
PUBLIC = {
    name: module
    for module in MODULES
    for name in import_module(module).__all__
    if inspect.isclass(getattr(import_module(module), name))
}
# What functions return and nobody makes.
RESULTS = {cls.__name__: cls for cls in (BrierScore, CalibrationError, Explanation)}
LITERAL = re.compile(r'"[^"]*"|True|False|None|\d+')


def type_of(description):
    """The type that a docstring describes."""
    details = r",? (of shape|of length|default=|each of shape).*?(?=, or | or |$)"
    description = re.sub(details, "", description)
    literals = re.fullmatch(r"\{(.*)\}", description)
    if literals and all(LITERAL.fullmatch(part) for part in literals[1].split(", ")):
        return f"Literal[{literals[1]}]"
    parts = [part for part in split(description) if part]
    if len(parts) == 1:
        return type_of_one(parts[0])
    types = dict.fromkeys(one for part in parts for one in type_of(part).split(" | "))
    return "Any" if "Any" in types or not types else " | ".join(types)


def split(description):
    """The alternatives, by commas and "or" outside of brackets."""
    parts, depth = [""], 0
    for token in re.split(r"(, or |, | or |[(){}])", description):
        depth += (token in ("(", "{")) - (token in (")", "}"))
        if depth == 0 and token in (", or ", ", ", " or "):
            parts.append("")
        else:
            parts[-1] += token
    return parts


def type_of_one(description):
    """The type of one alternative."""
    if LITERAL.fullmatch(description) and description != "None":
        return f"Literal[{description}]"
    pair = re.fullmatch(r"\((\w+), (\w+)\)", description)
    if pair:
        return f"tuple[{type_of_one(pair[1])}, {type_of_one(pair[2])}]"
    word, _, rest = description.partition(" of ")
    word = word.removesuffix("s")
    if word in CONTAINERS:
        return f"{CONTAINERS[word]}[{type_of(rest) if rest else 'Any'}]"
    first = description.partition(" ")[0]
    if first in RESULTS:
        return f"_{first}"
    return first if first in PUBLIC else TYPES.get(first, "Any")


def documented(obj, section):
    """The types that a section of a docstring has, by name."""
    entries = NumpyDocString(inspect.getdoc(obj) or "")[section]
    return {
        name: type_of(" ".join(entry.type.split()))
        for entry in entries
        for name in entry.name.split(", ")
    }


def result_of(function, owner):
    """The type of what a function returns."""
    docstring = NumpyDocString(inspect.getdoc(function) or "")
    entries = docstring["Returns"]
    if owner and (function.__name__ in RETURN_SELF or [e.type for e in entries] == [owner]):
        return "Self"
    if any("Only with ``" in line for entry in entries for line in entry.desc):
        return "Any"  # a parameter decides how many there are
    if not entries:
        return "None" if docstring["Parameters"] else "Any"  # which a single line leaves open
    types = [type_of(" ".join((entry.type or entry.name).split())) for entry in entries]
    return types[0] if len(types) == 1 else f"tuple[{', '.join(types)}]"


def written(name, function, owner=None, types=None):
    """A function's line."""
    types = documented(function, "Parameters") if types is None else types
    parts, seen_star = [], False
    for parameter in inspect.signature(function).parameters.values():
        kind = parameter.kind
        if kind == kind.KEYWORD_ONLY and not seen_star:
            parts.append("*")
        seen_star |= kind in (kind.KEYWORD_ONLY, kind.VAR_POSITIONAL)
        stars = {kind.VAR_POSITIONAL: "*", kind.VAR_KEYWORD: "**"}.get(kind, "")
        part = stars + parameter.name
        if not (owner and not parts):
            # What is read only, a sequence can be.
            type_ = "Any" if stars else types.get(part, "Any").replace("list[", "Sequence[")
            if parameter.default is None and type_ != "Any" and "None" not in type_:
                type_ += " | None"
            part += f": {type_}"
        if parameter.default is not parameter.empty:
            plain = isinstance(parameter.default, (int, float, str, tuple, type(None)))
            part += f" = {parameter.default!r}" if plain else " = ..."
        parts.append(part)
    result = "None" if name == "__init__" else result_of(function, owner)
    return f"def {name}({', '.join(parts)}) -> {result}: ..."


def members(cls):
    """What a class of ours, and those it is made of, define."""
    found = {}
    for part in reversed(cls.__mro__):
        if part.__module__.startswith("sklearn_xmr"):
            found |= {name: member for name, member in vars(part).items() if name[0] != "_"}
    return found


def written_class(name, cls):
    """A class's lines."""
    attributes = documented(cls, "Attributes")
    if issubclass(cls, tuple):
        bases = ["NamedTuple"]
    else:
        bases = [base.__name__ for base in cls.__mro__ if base.__name__ in BASES]
        bases = bases or [base.__name__ for base in cls.__bases__ if base is not object]
    lines = [f"class {name}({', '.join(bases)}):" if bases else f"class {name}:"]
    if BASES & set(bases):
        lines.append(written("__init__", cls.__init__, name, documented(cls, "Parameters")))
    found = members(cls)
    if issubclass(cls, tuple):
        attributes = attributes or documented(cls, "Parameters")
    for attribute, type_ in attributes.items():
        if isinstance(found.get(attribute), property):
            lines += ["@property", f"def {attribute}(self) -> {type_}: ..."]
        else:
            lines.append(f"{attribute}: {type_}")
    for key, member in found.items():
        if isinstance(member, (FunctionType, classmethod, staticmethod)):
            if not isinstance(member, FunctionType):
                lines.append(f"@{type(member).__name__}")
            lines.append(written(key, getattr(member, "__func__", member), name))
        elif isinstance(member, property) and key not in attributes:
            lines += ["@property", f"def {key}(self) -> Any: ..."]
    return lines[0] + "\n" + "\n".join(f"    {line}" for line in lines[1:] or ["..."])


def stub(name):
    """The stub of a public module."""
    module, blocks = import_module(name), []
    for key in module.__all__:
        obj = getattr(module, key)
        if inspect.ismodule(obj):
            blocks.append(f"from . import {key} as {key}")
        elif inspect.isclass(obj):
            blocks.append(written_class(key, obj))
        elif callable(obj):
            blocks.append(written(key, obj))
        else:
            blocks.append(f"{key}: {type(obj).__name__}")
    text = "\n\n".join(blocks)
    results = [written_class(f"_{key}", cls) for key, cls in RESULTS.items() if f"_{key}" in text]
    text = "\n\n".join([text, *results])
    others = [c for c, home in PUBLIC.items() if home != name and re.search(rf"\b{c}\b", text)]
    imports = [f"from {PUBLIC[c]} import {c}" for c in others]
    names = ", ".join(f'"{key}"' for key in module.__all__)
    return f"{HEAD}{''.join(line + chr(10) for line in imports)}\n__all__ = [{names}]\n\n{text}\n"


def path_of(name):
    """Where a module's stub is."""
    return Path(import_module(name).__file__).with_suffix(".pyi")


if __name__ == "__main__":
    for name in MODULES:
        path_of(name).write_text(stub(name), encoding="utf-8")
