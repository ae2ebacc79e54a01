"""The products and their texts, and where a product stands among them."""

from bisect import bisect_left
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral

import numpy as np

from .._checks import as_list, described, is_missing, naming, shown
from .._frames import by_columns, by_index, has_own_index
from .._growing import appended, are_many, inserted, shifted
from .._label_sets import as_objects
from .._matching.candidates import names_or_mask
from .._saving.stored_arrays import state_without
from .._sparse import array_of_numbers, marked
from .._targets import with_filler
from .catalogue_change import Change

# So few products are looked for one by one; for more, a table of all of them is made once.
FEW = 16


@dataclass(frozen=True, eq=False, repr=False)
class Catalogue:
    """Products and their texts.

    Texts are stored in the order in which they came, those that are gone among them: so a change
    does not move them.

    Attributes
    ----------
    classes : ndarray of shape (n_products,)
        The products, sorted.
    filler_and_classes : ndarray of shape (1 + n_products,)
        The same behind what stands where no product was found.
    stored_texts : ndarray of str, as objects, of shape (n_stored,)
    row_of : ndarray of int32 of shape (n_products,)
        Where each product's text is stored.
    """

    classes: np.ndarray
    filler_and_classes: np.ndarray
    stored_texts: np.ndarray
    row_of: np.ndarray

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
        label_text = by_index(label_text, "label_text")
        if isinstance(label_text, Mapping):
            texts = dict(label_text)
        elif not _is_sequence(label_text):
            raise TypeError(
                "label_text must be a dict {product: text}, a Series indexed by products, a "
                f"sequence of texts or None, got {described(label_text)}."
            )
        else:
            texts = dict(enumerate(label_text))
        if not texts:
            raise ValueError("label_text must have at least one product, got none.")
        _check_texts(texts)
        products = _sorted(texts)
        classes, texts = _array_of(products), as_objects([texts[product] for product in products])
        return cls(classes, _with_filler(classes), texts, np.arange(len(texts), dtype=np.int32))

    def with_texts(self, label_text):
        """The `Change` to a catalogue with further products, and other texts of known ones.

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
        label_text = self._texts_by_product(label_text)
        known, new = {}, []
        for product, text in label_text.items():
            position = self._position(product)
            if position < 0:
                new.append(product)
            elif self.text_at(position) != text:
                known[position] = text
        places, *names = self._with(_sorted(new))
        stale = np.array(sorted(known), dtype=np.int64)
        places_of_new = np.array(places, dtype=np.int64) + np.arange(len(places))
        anew = np.sort(np.concatenate([places_of_new, shifted(stale, places)]))
        rows = len(self.stored_texts) + np.arange(len(anew), dtype=np.int32)
        row_of = inserted(self.row_of, places, rows[: len(places)])
        if known:
            row_of = row_of.copy()
            row_of[anew] = rows
        texts = as_objects([label_text[product] for product in names[0][anew].tolist()])
        catalogue = Catalogue(*names, appended(self.stored_texts, texts), row_of)
        return Change(self, catalogue, anew, stale, places)

    def without(self, products):
        """The `Change` to a catalogue without some of its products.

        Raises
        ------
        ValueError
            If one is not in it, or named twice, or none would be left.
        """
        removed = np.unique(self.positions(products, "labels"))
        if len(removed) < len(products):
            raise ValueError("labels must name each product once, got one twice.")
        if len(removed) == len(self):
            raise ValueError(f"labels must leave at least one product, got all {len(self)}.")
        is_left = np.ones(len(self), dtype=bool)
        is_left[removed.astype(np.int64)] = False
        classes = self.classes[is_left]
        left = Catalogue(classes, _with_filler(classes), self.stored_texts, self.row_of[is_left])
        positions = np.where(is_left, np.cumsum(is_left) - 1, -1).astype(np.int32)
        anew = np.empty(0, dtype=np.int64)
        return Change(self, left, anew, removed, positions=positions)

    def _texts_by_product(self, label_text):
        # Checked, as a dict.
        if has_own_index(label_text):
            label_text = by_index(label_text, "label_text")
        if not isinstance(label_text, (Mapping, str)) and hasattr(label_text, "__len__"):
            are_numbers = self.classes.dtype.kind in "iu"
            if not are_numbers and not all(isinstance(name, Integral) for name in self.classes):
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
        _check_texts(label_text)
        return label_text

    def _with(self, new):
        # The positions before which new products come, and the classes, without and with filler.
        classes, filled = self.classes, self.filler_and_classes
        if not new:
            return [], classes, filled
        try:
            places = [bisect_left(classes, product) for product in new]
            array = _array_of(new)
        except (TypeError, OverflowError):  # of no order with these, or none that NumPy knows
            array = None
        if array is not None and _are_alike(array, classes, filled):
            dtype = np.result_type(array, filled)
            behind_filler = [1 + place for place in places]
            filled = inserted(filled.astype(dtype, copy=False), behind_filler, array)
            return places, filled[1:], filled
        known = classes.tolist()
        classes, places = _array_of(_sorted([*known, *new])), [bisect_left(known, p) for p in new]
        return places, classes, _with_filler(classes)

    def tidied(self):
        """The same without texts that are gone, if they are many."""
        n_gone = len(self.stored_texts) - len(self)
        if not are_many(n_gone, len(self.stored_texts)):
            return self
        texts, rows = self.stored_texts[self.row_of], np.arange(len(self), dtype=np.int32)
        return Catalogue(self.classes, self.filler_and_classes, texts, rows)

    def __getstate__(self):
        return state_without(self, "position_of")

    @cached_property
    def position_of(self):
        """The position of each product, a dict."""
        return {product: position for position, product in enumerate(self.classes.tolist())}

    @property
    def texts(self):
        """The text of each product, a dict in the order of `classes`."""
        texts = self.stored_texts[self.row_of].tolist()
        return dict(zip(self.classes.tolist(), texts, strict=True))

    def names(self, positions):
        """The products at some positions, and a filler for -1."""
        return self.filler_and_classes[positions + 1]

    def text_at(self, position):
        """The text of the product at a position."""
        return self.stored_texts[self.row_of[position]]

    def __len__(self):
        return len(self.classes)

    def positions(self, products, name):
        """The positions of some products.

        Raises
        ------
        ValueError
            If one is not in the catalogue.
        """
        if len(products) <= FEW:
            positions = [self._position(product) for product in products]
        else:
            try:
                positions = [self.position_of.get(product, -1) for product in products]
            except TypeError:  # no hash
                positions = [self._position(product) for product in products]
        if -1 in positions:
            unknown = products[positions.index(-1)]
            raise ValueError(
                f"{name} must hold products of label_text, got {shown(unknown)}, which is not in "
                "it."
            )
        return positions

    def _position(self, product):
        # -1 for what is no product.
        try:
            hash(product)
            place = bisect_left(self.classes, product)
        except (TypeError, OverflowError):  # no hash, or no order with the products
            return -1
        is_there = place < len(self.classes) and self.classes[place] == product
        return place if is_there else -1

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
        candidates = by_columns(names_or_mask(candidates), self.classes, "candidates")
        if self._are_tuples(candidates):
            candidates = as_objects(candidates)
        with naming("candidates", "products or a mask"):
            n_dimensions = np.ndim(candidates)
        if n_dimensions == 2 or hasattr(candidates, "tocsr"):
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

    def _are_tuples(self, candidates):
        # Names that NumPy would take for the rows of a mask.
        is_list = isinstance(candidates, (list, tuple)) and isinstance(self.classes[0], tuple)
        return is_list and all(isinstance(name, tuple) for name in candidates)

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
        if has_own_index(boost):
            boost = by_index(boost, "boost")
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


def _with_filler(classes):
    # The filler first: so what comes behind all moves nothing.
    return np.roll(with_filler(classes), 1)


def _is_sequence(texts):
    # Neither a number nor one text; a set has no order, and a table has names of columns first.
    is_single = isinstance(texts, (str, Set)) or not hasattr(texts, "__len__")
    return not is_single and getattr(texts, "ndim", 1) == 1


def _check_texts(texts):
    for product, text in texts.items():
        if is_missing(product):
            raise ValueError(
                f"label_text must have a product for each text, got {product!r} for {shown(text)}."
            )
        if not isinstance(text, str):
            raise TypeError(
                f"label_text must have a str for each product, got {shown(text)} of type "
                f"{type(text).__name__} for {product!r}."
            )


def _sorted(products):
    try:
        return sorted(products)
    except TypeError as error:
        raise ValueError(
            f"label_text must have products that can be sorted, got some that cannot: {error}."
        ) from None


def _are_alike(*arrays):
    # Of one kind, in which a filler is like all others.
    (kind, *others) = {array.dtype.kind for array in arrays}
    return kind in "ifU" and not others


def _array_of(products):
    # Of strings NumPy drops NULs at the end, and of tuples it makes further axes.
    array = np.array(products)
    if array.ndim != 1 or array.tolist() != products:
        return as_objects(products)
    return array
