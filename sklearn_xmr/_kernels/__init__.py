"""The hot loops: flat arrays in, flat arrays out, without the GIL and without Python objects.

In reading order, from texts to ranked labels::

    text        strings -> text_spans -> ngrams -> term_order -> tfidf_rows   edit_distance
                text_rows: all of that in one call, for several vectorizers
    rows        csr: sound?   row_norms   join_rows   group_sums   submatrix: those of a node
    indexing    bisect: balanced 2-means   kmeans: Lloyd's
    training    block: positives in, weights out   dual_cd: the solver
    matching    packed: the weights of a layer -> beam_search -> merge: of several trees
    text index  invert: the entries of each feature -> text_index
    ranking     match_vectors   match_words   match_scores: of pairs of a query and a label
    products    found_labels: each once, and the best
    completion  query_words: features   sorted_texts: those with a prefix   near_prefixes
                word_search   query_prior: the best by a walk from query to query   shortlists
    datasets    xmc_text: rows of their files

A ``.pxd`` file holds what kernels are made of, a struct and its functions, and fills the struct
from the arrays that Python passes (``view_layer``, ``view_problem``). ``_lanes.h`` is a vector of
floats for every compiler, ``_compiler.h`` what else is asked of one.

Arrays of functions that Python calls are read, unless the docstring or a mark says ``out`` or
``scratch``. Where nothing else is said, indices are int32, pointers int64, features and weights
float32. Callers check; kernels trust, but for bounds of memoryviews when built with
``SKLEARN_XMR_DEBUG=1``. Each has a twin in plain loops in ``tests/kernels`` that it must equal, and
gives the same bits on every instruction set.
"""

from importlib.util import find_spec

if find_spec(f"{__name__}.csr") is None:
    raise ImportError(
        f"The sources of sklearn_xmr in {__path__[0]} are not compiled. If it is installed, start "
        "Python in another folder; to compile it in place, see doc/install.rst."
    )
