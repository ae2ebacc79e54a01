"""Labels that no row has, by chance or since they are new: what to expect of them."""

import numpy as np


def share_due_to_chance(totals):
    """How many of the labels without rows are expected to have none by chance.

    Where many labels have one row, and few have two, many more have none, as rows happened to fall:
    of n labels with one row and m with two, at least ``n (n - 1) / (2 (m + 1))`` [1]_. Labels
    beyond these are missing for another reason, such as that they are new.

    Parameters
    ----------
    totals : ndarray of shape (n_labels,)
        How many rows each label has.

    Returns
    -------
    float
        Between 0 and 1; 0 where each label has rows.

    References
    ----------
    .. [1] A. Chao, "Nonparametric estimation of the number of classes in a population",
       Scandinavian Journal of Statistics 11, 1984; without bias, Chao, "Species estimation and
       applications", Encyclopedia of Statistical Sciences 12, 2005.
    """
    n_none, n_single, n_double = (np.count_nonzero(totals == count) for count in range(3))
    if n_none == 0:
        return 0.0
    return min(n_single * (n_single - 1) / (2 * (n_double + 1)) / n_none, 1.0)


def expected_cold_share(totals):
    """How many of the labels of rows to come have no row yet.

    Of labels that have none by chance, it is the share of pairs whose label has a single one (Good
    and Turing [1]_). Of labels that are new, nobody knows; they count half as much as any other.

    Parameters
    ----------
    totals : ndarray of shape (n_labels,)
        How many rows each label has.

    Returns
    -------
    float
        Between 0 and 1.

    References
    ----------
    .. [1] I. J. Good, "The population frequencies of species and the estimation of population
       parameters", Biometrika 40, 1953.
    """
    by_chance = np.count_nonzero(totals == 1) / max(totals.sum(), 1)
    are_new = (1 - share_due_to_chance(totals)) * np.mean(totals == 0) / 2
    return float(1 - (1 - by_chance) * (1 - are_new))


def pairs_to_learn_from(labels, totals):
    """Which pairs tell what is relevant: all of labels with rows, and a share of the others.

    A label that is without rows by chance is wanted less than others, though not never: half of
    these pairs are kept, as pairs of labels that are not relevant. All of them would teach that
    what is new is wrong; none, that it is as good. A label that is new is as good as any.

    Parameters
    ----------
    labels : ndarray of int of shape (n_pairs,)
    totals : ndarray of shape (n_labels,)
        How many rows each label has.

    Returns
    -------
    ndarray of bool of shape (n_pairs,)
    """
    is_new = totals[labels] == 0
    due = np.ceil(np.cumsum(is_new) * share_due_to_chance(totals) / 2)
    return ~is_new | (np.diff(due, prepend=0) > 0)
