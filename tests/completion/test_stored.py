"""Completers whose stored arrays were altered answer or refuse: they never crash."""

import io
import pickle

import numpy as np
import pytest

from sklearn_xmr import CooccurrenceCompleter, MostFrequentCompleter, QueryAutocompleter

SESSIONS = [
    *[["white paint", "paint brush", "garden hose"]] * 3,
    ["lawn mower", "white chair", "ünder sink", "日本語 テスト"],
]
TYPED = [("white paint", "whi"), ("", "gadren h"), ("x", "pai wh"), ("", "日本誤")]
OPTIONS = {"max_typos": 2, "inner_words": True}
COMPLETERS = {
    "frequent": MostFrequentCompleter(**OPTIONS),
    "cooccurrence": CooccurrenceCompleter(**OPTIONS),
    "model": QueryAutocompleter(**OPTIONS, fill_up=True, random_state=0),
}


class AlteringPickler(pickle.Pickler):
    """Calls a function with one of the arrays, by number, and stores what it returns."""

    def __init__(self, file, number, alter):
        super().__init__(file)
        self.arrays, self.number, self.alter = [], number, alter

    def reducer_override(self, value):
        if not isinstance(value, np.ndarray) or value.dtype == object:
            return NotImplemented
        self.arrays.append(value)
        if len(self.arrays) - 1 != self.number:
            return NotImplemented
        self.arrays.append(self.alter(value.copy()))  # and keep it alive
        return self.arrays[-1].__reduce_ex__(2)


def alter(array, rng):
    """Another length, another number, or a few other bits."""
    kind = rng.integers(4)
    if kind == 0:
        return array[: rng.integers(len(array) + 1)]
    if kind == 1:
        return np.concatenate([array, array])
    bytes_ = array.reshape(-1).view(np.uint8)
    places = rng.integers(len(bytes_), size=kind) if len(bytes_) else []
    bytes_[places] = rng.integers(256, size=len(places))
    return array


@pytest.mark.parametrize("more", [False, True], ids=["fitted", "with newcomers"])
@pytest.mark.parametrize("name", COMPLETERS)
def test_altered_arrays_are_refused_or_answer(name, more):
    completer = COMPLETERS[name].fit_sessions(SESSIONS)
    if more:
        completer.partial_fit_sessions([["new thing", "lawn chair"]])
    rng = np.random.default_rng(0)
    counting = AlteringPickler(io.BytesIO(), -1, None)
    counting.dump(completer)
    for number in range(len(counting.arrays)):
        for _ in range(3):
            file = io.BytesIO()
            AlteringPickler(file, number, lambda array: alter(array, rng)).dump(completer)
            try:
                with np.errstate(all="ignore"):
                    loaded = pickle.loads(file.getvalue())
                    for previous, prefix in TYPED:
                        loaded.complete(previous, prefix, k=5)
            except (ValueError, IndexError, ZeroDivisionError):
                pass
