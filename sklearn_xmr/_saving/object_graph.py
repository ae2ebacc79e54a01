"""Models as a tree of JSON values and a list of arrays, and back, without running code of a file.

Every value that JSON does not know becomes a dict with one key, which says what it is. What occurs
again is a reference to the first occurrence: objects are numbered in the order of the tree.
"""

import functools
import importlib
import sys
from types import BuiltinFunctionType, FunctionType

import numpy as np
import scipy.sparse as sp

# Objects of these modules' classes, which hold data alone, are made without being asked for.
TRUSTED_MODULES = (
    "sklearn_xmr.",
    "sklearn.compose.",
    "sklearn.decomposition.",
    "sklearn.dummy.",
    "sklearn.feature_extraction.",
    "sklearn.feature_selection.",
    "sklearn.linear_model.",
    "sklearn.metrics._scorer.",
    "sklearn.model_selection.",
    "sklearn.naive_bayes.",
    "sklearn.pipeline.",
    "sklearn.preprocessing.",
    "sklearn.utils._metadata_requests.",
)
TRUSTED_FUNCTIONS = {
    "builtins.str.lower",
    "builtins.str.split",
    "sklearn_xmr.datasets.normalize_query",
}
BUILTIN_TYPES = {"bool": bool, "int": int, "float": float, "str": str, "object": object}
SPARSE = ("csr_array", "csr_matrix", "csc_array", "csc_matrix", "coo_array", "coo_matrix")
_PLAIN = (str, int, float, bool, type(None))
_COLLECTIONS = {"tuple": tuple, "set": set, "frozenset": frozenset}


class Encoder:
    """Makes JSON values of objects, and gathers their arrays.

    Attributes
    ----------
    arrays : list of ndarray
        Without objects in them.
    """

    def __init__(self):
        self.arrays = []
        self._numbers = {}
        self._array_at = {}
        self._kept = []  # so that no other object gets the id of one that is gone

    def encode(self, value):
        """The JSON value of an object."""
        kind = type(value)
        if kind in _PLAIN:
            return value
        if isinstance(value, np.generic):
            return {"scalar": [described_dtype(value.dtype), self._scalar(value)]}
        if isinstance(value, (type, FunctionType, BuiltinFunctionType, np.dtype)) or (
            kind is type(str.lower)
        ):
            return self._named(value)
        if id(value) in self._numbers:
            return {"again": self._numbers[id(value)]}
        self._numbers[id(value)] = len(self._numbers)
        self._kept.append(value)
        if kind is list:
            return [self.encode(item) for item in value]
        if kind is dict:
            return {"dict": [self._items(value.keys()), self._items(value.values())]}
        if kind in (tuple, set, frozenset):
            items = sorted(value, key=repr) if kind is not tuple else value
            return {kind.__name__: self._items(items)}
        if kind is bytes:
            return {"bytes": value.decode("latin-1")}
        if kind in (range, slice):
            return {kind.__name__: self._items([value.start, value.stop, value.step])}
        if isinstance(value, np.ndarray):
            return self._array(value)
        if sp.issparse(value):
            return self._sparse(value)
        if kind is np.random.RandomState:
            return {"random_state": self.encode(value.get_state(legacy=True))}
        if kind is functools.partial:
            parts = value.func, value.args, value.keywords
            return {"partial": self._items(parts)}
        return self._object(value)

    def _items(self, values):
        return [self.encode(value) for value in values]

    def _scalar(self, value):
        if value.dtype.kind not in "biufU":
            raise TypeError(f"model must hold numbers and texts, got {value!r}.")
        return value.item()

    def _array(self, array):
        if isinstance(array, np.ma.MaskedArray):
            return {"masked": self._items([np.asarray(array.data), np.ma.getmaskarray(array)])}
        if array.dtype.hasobject:
            return {"objects": [list(array.shape), self._items(array.ravel().tolist())]}
        # Views of the same memory, as SciPy makes them, are stored once.
        place = array.ctypes.data, str(array.dtype), array.shape, array.strides
        if place not in self._array_at:
            self._array_at[place] = len(self.arrays)
            self.arrays.append(array)
        return {"array": self._array_at[place]}

    def _sparse(self, matrix):
        kind = type(matrix).__name__
        if kind not in SPARSE:
            raise TypeError(f"model must hold matrices in CSR, CSC or COO, got {kind}.")
        names = ("row", "col") if kind.startswith("coo") else ("indices", "indptr")
        parts = [getattr(matrix, name) for name in ("data", *names)]
        shape = [int(n) for n in matrix.shape]
        return {"sparse": [kind, shape, self._items(np.asarray(part) for part in parts)]}

    def _named(self, value):
        if isinstance(value, np.dtype):
            # That classes are Python's own objects, as those of a DataFrame, is no object yet.
            return {"dtype": value.str if value == np.dtype(object) else described_dtype(value)}
        if value in BUILTIN_TYPES.values():
            return {"name": f"builtins.{value.__name__}"}
        if isinstance(value, type) and issubclass(value, np.generic):
            return {"name": f"numpy.{value.__name__}"}
        name = _dotted_name(value)
        public = ".".join(part for part in name.split(".") if not part.startswith("_"))
        if _find(public) is value:  # private modules may get other names
            name = public
        if _find(name) is not value:
            raise TypeError(f"model must hold functions that can be imported, got {value!r}.")
        return {"name": name}

    def _object(self, value):
        kind = type(value)
        if isinstance(value, tuple) and hasattr(kind, "_fields"):
            return {"named_tuple": [_dotted_name(kind), self._items(value)]}
        try:
            reduced = value.__reduce_ex__(2)
        except TypeError:
            reduced = None
        is_plain = (
            isinstance(reduced, tuple)
            and getattr(reduced[0], "__name__", "") == "__newobj__"
            and reduced[1] == (kind,)
            and not any(reduced[3:])
            and (len(reduced) < 3 or reduced[2] is None or type(reduced[2]) is dict)
        )
        if not is_plain:
            raise TypeError(
                f"model must hold arrays, texts, numbers and objects made of them, got one of type "
                f"{_dotted_name(kind)}, which pickle and joblib may store."
            )
        state = dict(reduced[2]) if len(reduced) > 2 and reduced[2] else {}
        state.pop("_skl_callbacks", None)  # of scikit-learn: who listens to a fit
        self._kept.append(state)
        return {"object": [_dotted_name(kind), list(state), self._items(state.values())]}


class Decoder:
    """Makes objects of the JSON values of an `Encoder`.

    Parameters
    ----------
    arrays : sequence of ndarray
    trusted : collection of str
        Dotted names of classes and functions that are taken, too.

    Attributes
    ----------
    made : list
        What was made, in the order of the tree.
    """

    def __init__(self, arrays, trusted=()):
        self.made = []
        self._arrays = arrays
        self._trusted = set(trusted)

    def decode(self, value):
        """The object of a JSON value."""
        if type(value) in _PLAIN:
            return value
        if isinstance(value, list):
            made = []
            self.made.append(made)
            made.extend(map(self.decode, value))
            return made
        [(kind, content)] = value.items()
        if kind in ("again", "scalar", "name", "dtype"):
            return getattr(self, f"_{kind}")(content)
        place = len(self.made)
        self.made.append(None)
        if kind == "object":
            return self._object(*content, place)
        if kind == "dict":
            made = self.made[place] = {}
            keys, values = content
            keys = self._items(keys)
            made.update(zip(keys, self._items(values), strict=True))
            return made
        if kind in _COLLECTIONS:
            made = _COLLECTIONS[kind](self._items(content))
        else:
            made = getattr(self, f"_{kind}")(content)
        self.made[place] = made
        return made

    def _items(self, values):
        return [self.decode(value) for value in values]

    def _again(self, number):
        made = self.made[number]
        if made is None:
            raise ValueError("an object holds itself")
        return made

    def _scalar(self, content):
        dtype, item = content
        return dtype_of(dtype).type(item)

    def _dtype(self, content):
        return np.dtype(object) if content == np.dtype(object).str else dtype_of(content)

    def _bytes(self, content):
        return content.encode("latin-1")

    def _range(self, content):
        return range(*self._items(content))

    def _slice(self, content):
        return slice(*self._items(content))

    def _array(self, number):
        return self._arrays[number]

    def _masked(self, content):
        return np.ma.MaskedArray(*self._items(content))

    def _objects(self, content):
        shape, items = content
        array = np.empty(len(items), dtype=object)
        array[:] = self._items(items)
        return array.reshape(shape)

    def _sparse(self, content):
        kind, shape, parts = content
        if kind not in SPARSE:
            raise ValueError(f"{kind} is no kind of matrix")
        data, *indices = self._items(parts)
        parts = (data, tuple(indices)) if kind.startswith("coo") else (data, *indices)
        return getattr(sp, kind)(parts, shape=tuple(shape))

    def _random_state(self, content):
        random_state = np.random.RandomState()
        random_state.set_state(self.decode(content))
        return random_state

    def _partial(self, content):
        function, args, keywords = self._items(content)
        if isinstance(function, type):
            raise ValueError(f"{function} is no function")
        return functools.partial(function, *args, **keywords)

    def _name(self, name):
        module, _, last = name.rpartition(".")
        if module == "builtins" and last in BUILTIN_TYPES:
            return BUILTIN_TYPES[last]
        if module == "numpy":
            found = getattr(np, last)
            if isinstance(found, type) and issubclass(found, np.generic):
                return found
        is_metric = module == "sklearn_xmr.metrics" and last.islower()
        if not is_metric and name not in TRUSTED_FUNCTIONS:
            self._check_trusted(name)
        return _find(name)

    def _named_tuple(self, content):
        name, items = content
        return self._class(name)._make(self._items(items))

    def _object(self, name, keys, values, place):
        cls = self._class(name)
        made = self.made[place] = cls.__new__(cls)
        state = dict(zip(keys, self._items(values), strict=True))
        if hasattr(cls, "__setstate__"):
            made.__setstate__(state)
        else:
            made.__dict__.update(state)
        return made

    def _class(self, name):
        if not name.startswith(TRUSTED_MODULES):
            self._check_trusted(name)
        found = _find(name)
        # What a module has imported has another name; what is compiled holds more than data.
        if not isinstance(found, type) or _dotted_name(found) != name or not _is_python(found):
            raise ValueError(f"there is no class {name}")
        return found

    def _check_trusted(self, name):
        if name not in self._trusted:
            raise ValueError(f"it holds {name}, which `trusted` must name if you trust it")


def _dotted_name(value):
    module = value.__module__ if hasattr(value, "__module__") else None
    if module is None:  # of methods of built-in types
        module = "builtins"
    return f"{module}.{value.__qualname__}"


def _is_python(cls):
    return (getattr(sys.modules[cls.__module__], "__file__", None) or "").endswith(".py")


def _find(name):
    """The class or function of a dotted name; None if there is none."""
    parts = name.split(".")
    for n_parts in range(len(parts) - 1, 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:n_parts]))
        except ImportError:
            continue
        for part in parts[n_parts:]:
            found = getattr(found, part, None)
        return found
    return None


def described_dtype(dtype):
    """A dtype as JSON: its string, or a list of its fields."""
    described = dtype.str
    if dtype.names is not None:
        described = [[name, dtype.fields[name][0].str] for name in dtype.names]
    if dtype.hasobject or dtype_of(described) != dtype:
        raise TypeError(f"model must hold arrays of numbers and texts, got dtype {dtype}.")
    return described


def dtype_of(described):
    """The dtype that `described_dtype` described."""
    if isinstance(described, list):
        described = [tuple(field) for field in described]
    dtype = np.dtype(described)
    if dtype.hasobject:
        raise ValueError(f"dtype {dtype} holds objects")
    return dtype
