"""Call everything public with bad values, and say what did not answer as it should.

    PYTHONPATH=tests python -m fuzz.run --calls 10000 --seed 0

Each call is valid but for one argument. It may answer, or raise a ValueError or TypeError that
names the argument. Anything else is a defect: another exception, a message without the name, an
answer that holds NaN, a call that takes long.
"""

import argparse
import os
import re
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter

import numpy as np
import scipy.sparse as sp

from fuzz.bad_values import bad_values
from fuzz.calls import CALLS
from fuzz.further_calls import FURTHER_CALLS

SLOW = 20.0  # seconds: only what hangs takes as long
FILE_ERRORS = FileExistsError, FileNotFoundError, IsADirectoryError, NotADirectoryError

# What scikit-learn and NumPy say of their own accord; the argument is plain from it.
OTHER_NAMES = {
    "random_state": ["seed"],
    "Y": ["sample", "shape", "array", "sparse", "complex"],
    "y_true": ["shape", "one entry for each"],
    "metric": ["argument"],
    "estimator": ["class, not an instance"],
    "capped": ["truth value"],
    "sessions": ["at least 1 row", "sample_weight.shape"],
    "normalizer": ["takes no arguments", "could not convert", "unsupported operand"],
    "tokenizer": ["takes no arguments", "could not convert", "unsupported operand"],
    "token_pattern": ["empty vocabulary"],
    "label_features": ["keyword arguments", "sequence", "takes no arguments"],
    "x": ["array"],
    "columns": ["no column"],
    "path": [", line 1:"],
    "label_vectors": ["label vectors"],
    "n_labels": ["target_ind"],
    "delimiter": ["separated by"],
    "fontsize": ["font size", "float()", "scalars"],
    "normalize": ["takes no arguments", "could not convert", "unsupported operand"],
    "strip_accents": ["unsupported operand", "could not convert", "arguments"],
    "X": [
        "array",
        "sample",
        "feature",
        "input",
        "query",
        "queries",
        "text",
        "document",
        "matrix",
        "distinct rows",
    ],
    "cv": ["interpreted as an integer", "n_splits"],
    "y": ["array", "complex data", "target", "label", "class", "sample", "product", "quer"],
    "raw_documents": ["text", "document", "vocabulary", "string", "sample"],
}


def main():
    """Print the defects and how many calls ended how; the exit status is their number."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="only calls whose name holds this")
    parser.add_argument("--verbose", action="store_true", help="print each call before it is made")
    options = parser.parse_args()
    os.chdir(tempfile.mkdtemp())  # a text given as `memory` is a folder
    outcomes, defects = run(options.calls, options.seed, options.only, options.verbose)
    for defect in defects:
        print(defect)
    print(dict(outcomes))
    sys.exit(min(len(defects), 100))


def run(n_calls, seed, only="", verbose=False):
    """Make calls; return how many ended how, and a description of each defect."""
    rng = np.random.default_rng(seed)
    calls = [call for call in CALLS + FURTHER_CALLS if only in call.name]
    outcomes, defects, unraised = Counter(), [], []
    # Loops that hold no GIL cannot raise what bounds checks of a debug build find.
    sys.unraisablehook = lambda unraisable: unraised.append(unraisable.exc_value)
    for _ in range(n_calls):
        call = calls[rng.integers(len(calls))]
        arguments = call.arguments()
        name = str(rng.choice(list(arguments)))
        values = bad_values(rng, arguments[name])
        position = int(rng.integers(len(values)))
        value = values[position]
        described = f"{call.name}({name}={_shown(value)})"
        if verbose:
            print(described, flush=True)
        outcome, problem = _outcome(call, {**arguments, name: value}, name)
        outcomes[outcome] += 1
        if problem:
            defects.append(f"{described}: {problem}")
        if unraised:
            defects.append(f"{described}: {unraised.pop()!r} in a kernel")
    sys.unraisablehook = sys.__unraisablehook__
    return outcomes, defects


def _outcome(call, arguments, name):
    start = time.perf_counter()
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            answer = call.function(**arguments)
    except (ValueError, TypeError) as error:
        if _names(str(error), name):
            return "named", None
        return "unnamed", f"{type(error).__name__} without the name: {error}"
    except MemoryError:
        return "memory", None
    except FILE_ERRORS as error:
        return "no such file", None if name in ("path", "folder") else f"{error!r}"
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        return "other", f"{type(error).__name__} at {where.filename}:{where.lineno}: {error}"
    if time.perf_counter() - start > SLOW:
        return "slow", f"took {time.perf_counter() - start:.1f} s"
    if _holds_nan(answer):
        return "nan", "the answer holds NaN"
    return "answered", None


def _names(message, name):
    if re.search(rf"\b{re.escape(name)}\b", message, re.IGNORECASE):
        return True
    return any(words.lower() in message.lower() for words in OTHER_NAMES.get(name, ()))


def _holds_nan(answer):
    if isinstance(answer, (tuple, list)):
        return any(map(_holds_nan, answer))
    if sp.issparse(answer):
        answer = answer.data
    is_number = isinstance(answer, (float, np.floating, np.ndarray))
    return bool(is_number and np.asarray(answer).dtype.kind == "f" and np.isnan(answer).any())


def _shown(value):
    if sp.issparse(value):
        return f"<{value.format} {value.shape} {value.dtype}>"
    text = repr(value).replace("\n", " ")
    return text if len(text) <= 60 else f"{text[:57]}..."


if __name__ == "__main__":
    main()
