"""Scores and truths as the metrics take them."""

from math import inf

import numpy as np
import scipy.sparse as sp

CONTAINERS = [np.asarray, sp.csr_array, sp.csr_matrix, sp.csc_array, sp.coo_array]


def shortlist(y_score):
    """The CSR matrix that stores what the dense scores say was retrieved."""
    row, column = np.nonzero(y_score > -inf)
    indptr = np.searchsorted(row, np.arange(len(y_score) + 1))
    return sp.csr_array((y_score[row, column], column, indptr), shape=y_score.shape)
