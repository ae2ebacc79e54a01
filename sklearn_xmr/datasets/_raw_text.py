"""Texts and their labels from a text file with tab-separated columns."""

from ._text_files import line_error, read_lines


def load_raw_text(path, *, separator=",", encoding="utf-8", errors="strict"):
    """Load texts and their labels from lines of the form ``labels TAB text``.

    It is the form in which PECOS takes raw text, with label numbers; other names of labels will do,
    too.

    Parameters
    ----------
    path : str or path-like
        The file: a text per line, plain or compressed by gzip. What follows the first tab is
        text, further tabs included. A text without labels has nothing before the tab.
    separator : str, default=","
        What stands between labels.
    encoding : str, default="utf-8"
        How the file encodes text.
    errors : str, default="strict"
        What to do about bytes that are no text, as :meth:`bytes.decode` takes it: "replace", say.

    Returns
    -------
    texts : list of str
        The texts, in the order of the file.
    labels : list of list of str
        The labels of each.

    Raises
    ------
    ValueError
        If a line, which the message names, is not text, has no tab or an empty label; if a
        compressed file is broken; or if `separator` is empty or has a tab or a line break.
    OSError
        If the file cannot be opened.

    See Also
    --------
    load_xmc_file : Loads features instead of texts.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn.preprocessing import MultiLabelBinarizer
    >>> from sklearn_xmr.datasets import load_raw_text
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "train.tsv"
    ...     _ = path.write_text("birds,music\\tbird song\\n\\tnobody knows\\nbirds\\tthe owl\\n")
    ...     texts, labels = load_raw_text(path)
    >>> texts
    ['bird song', 'nobody knows', 'the owl']
    >>> labels
    [['birds', 'music'], [], ['birds']]
    >>> Y = MultiLabelBinarizer(sparse_output=True).fit_transform(labels)
    """
    if not isinstance(separator, str) or not separator or not {"\t", "\n"}.isdisjoint(separator):
        raise ValueError(
            f"separator must be a str without tabs and line breaks, not empty, got {separator!r}."
        )
    texts, labels = [], []
    for number, line in read_lines(path, encoding, errors):
        names, tab, text = line.partition("\t")
        if not tab:
            raise line_error(path, number, f"expected labels, a tab and a text, got {names!r}")
        row = names.split(separator) if names else []
        if "" in row:
            problem = f"expected labels with {separator!r} between them, got {names!r}"
            raise line_error(path, number, problem)
        texts.append(text)
        labels.append(row)
    return texts, labels
