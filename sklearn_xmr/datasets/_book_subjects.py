"""Book titles and their subject headings, as text files inside the package."""

from sklearn.utils import Bunch

from ._embedded import read_description, read_labelled_texts


def load_book_subjects():
    """Load book titles and the subject headings that librarians gave them.

    A multilabel sample for examples and tests, split into 60,888 training and 6,766 test titles,
    with 2 to 12 headings each of 2,861 in all. Every heading has at least 16 training titles.

    Returns
    -------
    :class:`~sklearn.utils.Bunch`
        Dictionary-like object with the attributes

        train_texts : list of str
            Titles to train on, in random order.
        train_labels : list of list of str
            The headings of each training title, sorted.
        test_texts : list of str
            Titles to test on. None shares its main title with a training title.
        test_labels : list of list of str
            The headings of each test title, sorted.
        label_names : list of str
            All headings, sorted.
        DESCR : str
            Source, licences and how the sample was drawn.

    Notes
    -----
    Source: National Library of Finland. Titles and their headings are metadata of the Finna service
    (https://finna.fi), CC0 1.0. The headings are English labels of YSO, the General Finnish
    Ontology (https://finto.fi/yso), CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/);
    changes made: sampled, white space and Unicode normalised.

    Widespread headings are missing from some titles that they fit, so that precision is
    understated and propensities mean nothing. Use the data to compare methods with each other.

    Examples
    --------
    >>> from sklearn_xmr.datasets import load_book_subjects
    >>> books = load_book_subjects()
    >>> books.test_texts[1]
    'Advanced robotics : redundancy and optimization'
    >>> books.test_labels[1]
    ['industrial automation', 'robotics']

    A label indicator, as scikit-learn's estimators take it:

    >>> from sklearn.preprocessing import MultiLabelBinarizer
    >>> binarizer = MultiLabelBinarizer(sparse_output=True)
    >>> binarizer.fit_transform(books.train_labels).shape
    (60888, 2861)
    """
    train_texts, train_labels = read_labelled_texts("book_subjects_train.tsv.xz")
    test_texts, test_labels = read_labelled_texts("book_subjects_test.tsv.xz")
    return Bunch(
        train_texts=train_texts,
        train_labels=train_labels,
        test_texts=test_texts,
        test_labels=test_labels,
        label_names=sorted(set().union(*train_labels)),
        DESCR=read_description("book_subjects.rst"),
    )
