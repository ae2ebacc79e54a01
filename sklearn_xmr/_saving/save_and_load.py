"""`save` and `load`: models in files that are checked, mapped, and safe to open."""

import numpy as np

from .._checks import as_list, check_path, described, shown
from .._sklearn import InvalidParameterError
from .._version import __version__
from .model_file import read_model_file, write_model_file
from .object_graph import Decoder, Encoder
from .versions import FORMAT, check_format


def save(model, path):
    """Store a model in a file, which is there as a whole or not at all.

    The file is written beside its place and then takes its name: if the disk is full or the process
    ends before, an older file of that name stays as it is.

    Parameters
    ----------
    model : object
        An estimator, a pipeline, a fitted search, or what holds some of them. It is made of arrays,
        matrices, texts, numbers, and objects whose state is made of them.
    path : path-like
        Where to.

    Raises
    ------
    TypeError
        If the model holds something else: a lambda, a tree of scikit-learn's, an open file.
    OSError
        If it cannot be written.

    See Also
    --------
    load : Loads it.

    Notes
    -----
    The file has arrays as they lie in memory, each with a checksum, and a description in JSON. It
    holds no code and is no pickle.

    Examples
    --------
    >>> import os, tempfile
    >>> from sklearn_xmr import XRLinearClassifier, load, save
    >>> X, y = [[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]], ["red", "green", "blue"]
    >>> model = XRLinearClassifier(random_state=0).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "colours.xmr")
    ...     save(model, path)
    ...     loaded = load(path)
    >>> loaded.predict([[0.1, 1.0]])
    array(['green'], dtype='<U5')
    """
    encoder = Encoder()
    content = {"version": __version__, "format": FORMAT, "model": encoder.encode(model)}
    write_model_file(path, content, encoder.arrays)


def load(path, *, mmap=False, check="structure", trusted=()):
    """Load a model that :func:`save` stored.

    No code of the file is run: it names classes and functions, of this package and of scikit-learn,
    whose objects are made of data alone. Whatever else it names is refused unless it is `trusted`.

    Parameters
    ----------
    path : path-like
        The file.
    mmap : bool, default=False
        Whether to map the file instead of reading it. The arrays are read-only views of it: a large
        model opens in milliseconds, and processes share its pages. Windows neither replaces nor
        removes the file of a model that is mapped.
    check : {"structure", "full"}, default="structure"
        What is checked before anything is used. "structure": header, sizes and description, and,
        if the file is not mapped, the checksums of all arrays. "full": those of a mapped file, too,
        which reads all of it, and that every index is one.
    trusted : collection of str, default=()
        Dotted names of your own classes and functions that the model may hold.

    Returns
    -------
    object
        The model.

    Raises
    ------
    ValueError
        If the file is cut, altered, newer than this version or not of :func:`save`, or holds what
        is not trusted. The message names the file.
    OSError
        If it cannot be read.

    Warns
    -----
    InconsistentVersionWarning
        If another version of the package has stored it.

    See Also
    --------
    save : Stores it.

    Examples
    --------
    >>> import os, tempfile
    >>> from sklearn_xmr import MostFrequentCompleter, load, save
    >>> completer = MostFrequentCompleter().fit_sessions([["birds", "bird song"]])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "birds.xmr")
    ...     save(completer, path)
    ...     mapped = load(path, mmap=True, check="full")
    ...     found = mapped.complete("", "bird ")
    ...     del mapped  # Windows removes no file that is mapped
    >>> [query for query, _ in found]
    ['bird song']
    """
    if not isinstance(check, str) or check not in ("structure", "full"):
        raise InvalidParameterError(f"check must be 'structure' or 'full', got {described(check)}.")
    if not isinstance(mmap, (bool, np.bool_)):
        raise TypeError(f"mmap must be True or False, got {described(mmap)}.")
    path, is_full = check_path(path, "path"), check == "full"
    trusted = as_list(trusted, "trusted", "names of functions and classes", in_any_order=True)
    if not all(isinstance(name, str) for name in trusted):
        raise TypeError(f"trusted must hold names, which are str, got {shown(trusted)}.")
    try:
        content, arrays = read_model_file(path, mapped=mmap, with_contents=is_full or not mmap)
        check_format(content["format"], content["version"], "the model")
        decoder = Decoder(arrays, trusted)
        model = decoder.decode(content["model"])
        if is_full:
            for made in decoder.made:
                getattr(made, "check_contents", int)()
    except (OSError, Warning):
        raise
    except Exception as error:  # whatever a file made for it may lead to
        raise ValueError(f"{path}: {error}") from error
    return model
