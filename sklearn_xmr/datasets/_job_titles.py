"""Job titles and their occupations, many of which no training row has."""

from sklearn.utils import Bunch

from ._embedded import read_description, read_labelled_texts, read_pairs


def load_job_titles():
    """Load job titles, the occupations that they stand for, and texts of all occupations.

    A sample for examples and tests of retrieval where many labels are new: job titles stand for
    queries, occupations for products. Of 3,007 occupations, 1,181 have no training row, and are
    found by their texts alone. There are 6,523 training and 3,000 test titles, with 1 to 4
    occupations each.

    Returns
    -------
    :class:`~sklearn.utils.Bunch`
        Dictionary-like object with the attributes

        train_titles : list of str
            Job titles to train on, in random order.
        train_occupations : list of list of str
            The occupations of each training title, sorted.
        test_titles : list of str
            Job titles to test on.
        test_occupations : list of list of str
            The occupations of each test title, sorted.
        label_text : dict of {str: str}
            Of every occupation, sorted, the text: its name and a sentence that describes it.
        DESCR : str
            Source, terms of use and how the sample was drawn.

    See Also
    --------
    load_book_subjects : A sample in which every label has training rows.

    Notes
    -----
    Source: ESCO, the classification of European Skills, Competences, Qualifications and
    Occupations, version 1.1.1, (c) European Union. This uses the ESCO classification of the
    European Commission (https://esco.ec.europa.eu). Changes made: sampled, descriptions cut to
    their first sentence, white space and Unicode normalised.

    Examples
    --------
    >>> from sklearn_xmr.datasets import load_job_titles
    >>> jobs = load_job_titles()
    >>> jobs.train_titles[0], jobs.train_occupations[0]
    ('car leasing team worker', ['car leasing agent'])
    >>> jobs.label_text["tree surgeon"]
    'tree surgeon: Tree surgeons maintain trees.'
    """
    train_titles, train_occupations = read_labelled_texts("job_titles_train.tsv.xz")
    test_titles, test_occupations = read_labelled_texts("job_titles_test.tsv.xz")
    return Bunch(
        train_titles=train_titles,
        train_occupations=train_occupations,
        test_titles=test_titles,
        test_occupations=test_occupations,
        label_text=dict(zip(*read_pairs("job_titles_occupations.tsv.xz"), strict=True)),
        DESCR=read_description("job_titles.rst"),
    )
