"""Which packed layers a search may trust, against a naive reading of the same arrays."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.reference import make_problem
from sklearn_xmr import HierarchicalKMeansIndexer, XRLinearClassifier
from sklearn_xmr._kernels.layer_check import is_sound


def naive_is_sound(layer):
    for first, last in zip(layer.nodes[:-1], layer.nodes[1:], strict=True):
        (n_children, n_slots, n_entries) = last - first
        slots = layer.slots[first[1] : last[1]]
        starts, features = slots["start"].astype(int), slots["feature"]
        inside = features[:-1]
        if n_slots - 1 > layer.n_features or (np.diff(starts) < 0).any():
            return False
        if (starts > n_entries).any() or ((features < -1) | (features >= layer.n_features)).any():
            return False
        if n_slots - 1 == layer.n_features:
            if ((inside >= 0) & (inside != np.arange(len(inside)))).any():
                return False
        elif n_slots > 1 and (inside >= 0).all():
            return False
        if (layer.entries["child"][first[2] : last[2]] >= n_children).any():
            return False
    return True


@pytest.fixture(scope="module", params=["float32", "float16"])
def layers(request):
    X, Y = make_problem(n_samples=100, n_features=600, n_labels=20, density=0.03)
    indexer = HierarchicalKMeansIndexer(3, max_leaf_size=4, random_state=0)
    return XRLinearClassifier(indexer, random_state=0).fit(X, Y).prune(dtype=request.param).layers_


def test_what_training_makes_is_sound(layers):
    for layer in layers:
        assert is_sound(layer)
        assert naive_is_sound(layer)


@pytest.mark.parametrize("seed", range(3))
def test_equals_naive_twin(layers, seed):
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(200):
        layer = layers[rng.integers(len(layers))]
        name = rng.choice(["slots", "entries"])
        array = getattr(layer, name).copy()
        field = "child" if name == "entries" else rng.choice(["feature", "start"])
        low = -2 if field == "feature" else 0
        array[field][rng.integers(len(array))] = rng.integers(low, 50)
        altered = replace(layer, **{name: array})
        found.append(is_sound(altered))
        assert found[-1] == naive_is_sound(altered)
    assert 0 < sum(found) < len(found)


def test_a_full_hash_table_is_not_sound(layers):
    layer = layers[-1]
    slots = layer.slots.copy()
    slots["feature"][slots["feature"] < 0] = 0
    assert not is_sound(replace(layer, slots=slots))
