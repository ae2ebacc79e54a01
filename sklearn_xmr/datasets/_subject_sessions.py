"""Sessions for query completion, made from the subject headings of books."""

import numpy as np
from sklearn.utils import Bunch

from ._book_subjects import load_book_subjects

SEED = 0

DESCR = """\
Subject sessions
================

The subject headings of one book as the queries of one session, in random order: who looks for one
of them is likely to look for another. The order is drawn once and for all (seed {seed}).

=====================  =============
training sessions      {n_train:,}
test sessions          {n_test:,}
queries per session    2 to 12
=====================  =============

Real users repeat and reformulate what they ask, and ask some queries far more often than others.
Use the data to compare methods with each other. The headings come from the following data.

"""


def load_subject_sessions():
    """Load sessions for query completion: the subject headings of one book each.

    60,888 training and 6,766 test sessions of 2 to 12 queries, made from the titles of
    :func:`load_book_subjects`, each title's headings in an order that was drawn at random, once.

    Returns
    -------
    :class:`~sklearn.utils.Bunch`
        Dictionary-like object with the attributes

        train_sessions : list of list of str
            The headings of each training title.
        test_sessions : list of list of str
            The headings of each test title.
        DESCR : str
            What the sessions are made of, with source and licences.

    See Also
    --------
    load_book_subjects : The titles and their headings.
    make_prefix_pairs : Makes training rows from sessions.

    Notes
    -----
    Source: National Library of Finland. Which headings go together is metadata of the Finna service
    (https://finna.fi), CC0 1.0. The headings are English labels of YSO, the General Finnish
    Ontology (https://finto.fi/yso), CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/);
    changes made: sampled, white space and Unicode normalised, shuffled.

    Examples
    --------
    >>> from sklearn_xmr.datasets import load_subject_sessions
    >>> sessions = load_subject_sessions()
    >>> sessions.train_sessions[0]
    ['furniture', 'furniture industry']
    >>> len(sessions.train_sessions), len(sessions.test_sessions)
    (60888, 6766)
    """
    books = load_book_subjects()
    # The stream of RandomState is the same in every version of NumPy.
    rng = np.random.RandomState(SEED)
    train, test = (_shuffled(books[name], rng) for name in ("train_labels", "test_labels"))
    descr = DESCR.format(seed=SEED, n_train=len(train), n_test=len(test))
    return Bunch(train_sessions=train, test_sessions=test, DESCR=descr + books.DESCR)


def _shuffled(lists, rng):
    """Bring each list's elements into random order."""
    elements = [element for values in lists for element in values]
    lengths = [len(values) for values in lists]
    row = np.repeat(np.arange(len(lists)), lengths)
    order = np.lexsort((rng.random_sample(len(elements)), row))
    shuffled = iter([elements[i] for i in order.tolist()])
    return [[next(shuffled) for _ in range(length)] for length in lengths]
