"""Objects that users plug in, indexers, matchers and rankers: checked and copied."""

from sklearn.base import clone


def check_is_object(stage, name):
    """Refuse a class where an object is wanted: it has the methods, too."""
    if isinstance(stage, type):
        raise TypeError(f"{name} must be an object, got the class {stage.__name__} itself.")


def own_copy(stage, seed):
    """An unfitted copy of a stage, seeded where its `random_state` is None.

    What is no estimator of scikit-learn's kind is copied as it is.
    """
    copied = clone(stage, safe=False)
    if hasattr(copied, "set_params") and getattr(copied, "random_state", seed) is None:
        copied.set_params(random_state=seed)
    return copied
