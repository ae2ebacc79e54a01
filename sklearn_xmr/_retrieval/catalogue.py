"""The products and their texts, and where a product stands among them."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from numbers import Integral

import numpy as np

from .._checks import as_list, described, shown
from .._sparse import array_of_numbers, marked
from .._targets import with_filler


@dataclass(frozen=True, eq=False, repr=False)
class Catalogue:
    """Products and their texts.

    Attributes
    ----------
    texts : dict of product to str
        In the order of `classes`.
    classes : ndarray of shape (n_products,)
        The products, sorted.
    classes_and_filler : ndarray of shape (n_products + 1,)
        As `with_filler` makes it.
    position_of : dict of product to int
    """

    texts: dict
    classes: np.ndarray
    classes_and_filler: np.ndarray
    position_of: dict

    @classmethod
    def of(cls, label_text):
        """The catalogue of a dict {product: text}, or of the texts of products 0, 1, ...

        Raises
        ------
        ValueError
            If there are no products, or they have no order.
        TypeError
            If it is no such thing, or a text is no str.
        """
        if isinstance(label_text, Mapping):
            texts = dict(label_text)
        elif not _is_sequence(label_text):
            raise TypeError(
                "label_text must be a dict {product: text}, a sequence of texts or None, got "
                f"{described(label_text)}."
            )
        else:
            texts = dict(enumerate(label_text))
        if not texts:
            raise ValueError("label_text must have at least one product, got none.")
        for product, text in texts.items():
            if not isinstance(text, str):
                raise TypeError(
                    f"label_text must have a str for each product, got {shown(text)} of type "
                    f"{type(text).__name__} for {product!r}."
                )
        try:
            products = sorted(texts)
        except TypeError as error:
            raise ValueError(
                f"label_text must have products that can be sorted, got some that cannot: {error}."
            ) from None
        classes = _array_of(products)
        position_of = {product: position for position, product in enumerate(products)}
        texts = {product: texts[product] for product in products}
        return cls(texts, classes, with_filler(classes), position_of)

    def with_texts(self, label_text):
        """The catalogue with further products, and other texts of known ones.

        Parameters
        ----------
        label_text : dict of {product: text}, or sequence of the texts of products numbered on

        Raises
        ------
        ValueError
            If products are of different kinds, or the known ones are not numbered.
        TypeError
            If it is no such thing, or a text is no str.
        """
        if not isinstance(label_text, (Mapping, str)) and hasattr(label_text, "__len__"):
            if not all(isinstance(product, Integral) for product in self.texts):
                raise ValueError(
                    "label_text must be a dict {product: text} where products have names, got a "
                    f"{type(label_text).__name__}."
                )
            first = int(self.classes[-1]) + 1
            label_text = dict(enumerate(label_text, first))
        if not isinstance(label_text, Mapping):
            raise TypeError(
                "label_text must be a dict {product: text} or a sequence of texts, got "
                f"{described(label_text)}."
            )
        return Catalogue.of({**self.texts, **label_text})

    def without(self, products):
        """The catalogue without some of its products.

        Raises
        ------
        ValueError
            If one is not in it, or named twice, or none would be left.
        """
        removed = set(self.positions(products, "labels"))
        if len(removed) < len(products):
            raise ValueError("labels must name each product once, got one twice.")
        if len(removed) == len(self):
            raise ValueError(f"labels must leave at least one product, got all {len(self)}.")
        left = {
            product: text
            for position, (product, text) in enumerate(self.texts.items())
            if position not in removed
        }
        return Catalogue.of(left)

    def __len__(self):
        return len(self.classes)

    def positions(self, products, name):
        """The positions of some products.

        Raises
        ------
        ValueError
            If one is not in the catalogue.
        """
        try:
            return [self.position_of[product] for product in products]
        except (KeyError, TypeError):
            unknown = next(product for product in products if not self._has(product))
            raise ValueError(
                f"{name} must hold products of label_text, got {unknown!r}, which is not in it."
            ) from None

    def _has(self, product):
        try:
            return product in self.position_of
        except TypeError:  # no hash
            return False

    def allowed(self, candidates, n_queries):
        """Which products may be found: a mask of booleans, or CSR, a row for each query.

        Parameters
        ----------
        candidates : object
        n_queries : int or None
            None if they must be for all queries alike.

        Raises
        ------
        ValueError
            If `candidates` are neither names of products, each once, nor a mask.
        """
        if np.ndim(candidates) == 2 or hasattr(candidates, "tocsr"):
            mask = array_of_numbers(candidates, "candidates")
            self._check_shape(mask, (n_queries, len(self)))
            return marked(mask, "candidates")
        names = as_list(candidates, "candidates", "products")
        if names and all(isinstance(name, bool) for name in names):
            mask = np.asarray(candidates, dtype=bool)
            self._check_shape(mask, (len(self),))
            return mask
        mask = np.zeros(len(self), dtype=bool)
        mask[self.positions(names, "candidates")] = True
        if mask.sum() < len(names):
            raise ValueError("candidates must name each product once, got one twice.")
        return mask

    def _check_shape(self, mask, shape):
        if mask.shape != shape:
            raise ValueError(
                f"candidates must be names of products or a mask of shape ({len(self)},) or "
                f"(n_queries, {len(self)}), got shape {mask.shape}."
            )

    def boosts(self, boost):
        """What is added to the log-odds of each product, None for nothing.

        Raises
        ------
        ValueError
            If `boost` is neither a dict {product: number} nor a number for each product, all
            finite.
        """
        if boost is None:
            return None
        if isinstance(boost, Mapping):
            boosts = np.zeros(len(self))
            values = array_of_numbers(list(boost.values()) or [0.0], "boost")
            boosts[self.positions(list(boost), "boost")] = values[: len(boost)]
        else:
            boosts = array_of_numbers(boost, "boost").astype(np.float64)
            if boosts.shape != (len(self),):
                raise ValueError(
                    "boost must be a dict {product: number}, or a number for each of the "
                    f"{len(self)} products, got shape {boosts.shape}."
                )
        if not np.isfinite(boosts).all():
            raise ValueError(f"boost must be finite, got {boosts[~np.isfinite(boosts)][0]}.")
        return boosts


def _is_sequence(texts):
    # Neither a number nor one text; a set has no order, and a table has names of columns first.
    is_single = isinstance(texts, (str, Set)) or not hasattr(texts, "__len__")
    return not is_single and getattr(texts, "ndim", 1) == 1


def _array_of(products):
    # Of strings NumPy drops NULs at the end, and of tuples it makes further axes.
    array = np.array(products)
    if array.ndim != 1 or array.tolist() != products:
        array = np.empty(len(products), dtype=object)
        array[:] = products
    return array
