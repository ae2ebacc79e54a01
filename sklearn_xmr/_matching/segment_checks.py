"""Checks of a text index that comes from a file."""

import numpy as np

from .._saving.stored_arrays import check_array, check_indices, check_pointers


def check_structure(segment, posting):
    """Refuse a `Segment` whose arrays do not fit each other; `posting` is the dtype of postings."""
    check_array(segment.ids, "ids", np.int32, (None,))
    check_array(segment.is_alive, "is_alive", np.uint8, segment.ids.shape)
    check_array(segment.indptr, "indptr", np.int64, (len(segment.ids) + 1,))
    check_pointers(segment.indptr, "indptr", len(segment.indices))
    check_array(segment.indices, "indices", np.int32, (None,))
    check_array(segment.data, "data", np.float32, segment.indices.shape)
    check_array(segment.order, "order", np.int32, segment.ids.shape)
    check_array(segment.features, "features", np.int32, (None,))
    check_array(segment.starts, "starts", np.int64, (len(segment.features) + 1,))
    check_pointers(segment.starts, "starts", len(segment.postings))
    check_array(segment.postings, "postings", posting, segment.indices.shape)
    check_array(segment.largest, "largest", np.float32, segment.features.shape)


def check_rows(segment, n_rows):
    """Refuse a `Segment` with rows that are not among the first `n_rows`, or its own."""
    check_indices(segment.ids, "ids", n_rows)
    check_indices(segment.indices, "indices", 2**31)
    check_indices(segment.order, "order", len(segment.ids))
    check_indices(segment.postings["place"], "postings", len(segment.ids))
