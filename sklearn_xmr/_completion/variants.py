"""Queries that give way to a more frequent one: misspelt ones, and near-duplicates."""

import re
from collections import Counter, defaultdict
from itertools import takewhile

from .._text.spelling import LEAST_LETTERS
from .._text.word_forms import singular

# A word, and a query, is taken for a misspelling of another that is at least so many times as
# frequent. Measured on a log of subject headings with common misspellings in one of thirty queries:
# 62 % of these give way to the right heading. Of the headings themselves, 54 rare ones of 22,019,
# 0.04 % of the log, give way to another; with 5 times, it is 76 % and 0.11 %.
MUCH_MORE = 10

# Longer words are left as they are.
MOST_LETTERS = 40

# So many corrections of each word are tried.
MOST_CORRECTIONS = 5

# Spaces that are not between numbers: "3 4" is not "34".
SPACES = re.compile(r"(?<!\d) | (?!\d)")


def find_variants(queries, counts):
    """Find what gives way to what.

    Parameters
    ----------
    queries : sequence of str of length n_queries
    counts : ndarray of shape (n_queries,)
        How often each was asked.

    Returns
    -------
    dict of str to str
        For each query that gives way, the one that it gives way to, which does not itself.

    Notes
    -----
    Near-duplicates have the same words in another order, in the English singular or plural, or the
    same letters with other spaces. The most frequent one stays. Of what is left, a query is
    misspelt if one of its words is an edit away from a word that is much more frequent (a letter
    more, less, another, or two swapped, but for the first), and with that word it is a query that
    is much more frequent.

    Examples
    --------
    >>> from sklearn_xmr._completion.variants import find_variants
    >>> find_variants(["garden hose", "garden hoses", "gardne hose"], [30, 20, 2])
    {'garden hoses': 'garden hose', 'gardne hose': 'garden hose'}
    """
    counts = dict(zip(queries, counts, strict=True))
    frequencies = _word_frequencies(counts)
    leads = {}
    for key in (_same_words, _same_letters):
        _collapse(key, counts, leads)
    leads |= _misspelt(counts, leads, _corrections(frequencies))
    return {query: _last(query, leads) for query in sorted(leads)}


def _same_words(query):
    return " ".join(sorted(map(singular, query.split())))


def _same_letters(query):
    return SPACES.sub("", " ".join(map(singular, query.split())))


def _collapse(key, counts, leads):
    # Of the queries with the same key, the most frequent takes the counts of all.
    groups = defaultdict(list)
    for query in counts:
        groups[key(query)].append(query)
    for group in groups.values():
        if len(group) > 1:
            _, lead = min((-counts[query], query) for query in group)
            for query in group:
                if query != lead:
                    leads[query] = lead
                    counts[lead] += counts.pop(query)


def _word_frequencies(counts):
    frequencies = Counter()
    for query, count in counts.items():
        for word in set(query.split()):
            frequencies[word] += count
    return frequencies


def _misspelt(counts, leads, corrections):
    # What is left that gives way to a query without its misspelling, or to what this gives way to.
    found = {}
    for query, count in counts.items():
        corrected = [_last(other, leads) for other in _corrected(query, corrections)]
        lead = max((other for other in corrected if other in counts), key=counts.get, default=query)
        if counts[lead] >= MUCH_MORE * count:
            found[query] = lead
    return found


def _corrections(frequencies):
    # For each word the much more frequent ones that it may be a slip of, the most frequent first.
    # Words that are an edit apart are the same after a deletion in each, or in one of them.
    words = [word for word in frequencies if LEAST_LETTERS <= len(word) <= MOST_LETTERS]
    words = sorted(filter(str.isalpha, words), key=lambda word: (-frequencies[word], word))
    with_key = defaultdict(list)
    corrections = {}
    for word in words:
        keys = {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}
        least, likely = MUCH_MORE * frequencies[word], set()
        for key in keys:
            for other in with_key[key]:  # the most frequent first
                if frequencies[other] < least:
                    break
                if _is_slip(word, other):
                    likely.add(other)
            with_key[key].append(word)
        if likely:
            likely = sorted(likely, key=lambda word: (-frequencies[word], word))
            corrections[word] = likely[:MOST_CORRECTIONS]
    return corrections


def _is_slip(word, other):
    # One edit, not of the first letter: people rarely get that wrong, and other words often differ
    # in it alone.
    start = _n_shared(word, other)
    stop = _n_shared(word[: start - 1 : -1], other[: start - 1 : -1])
    left, right = word[start : len(word) - stop], other[start : len(other) - stop]
    is_swapped = len(left) == 2 and left == right[::-1]
    return start > 0 and (max(len(left), len(right)) == 1 or is_swapped)


def _n_shared(word, other):
    # How many letters they begin with are the same.
    pairs = zip(word, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _corrected(query, corrections):
    words = query.split(" ")
    for i, word in enumerate(words):
        for correction in corrections.get(word, ()):
            yield " ".join([*words[:i], correction, *words[i + 1 :]])


def _last(query, leads):
    while query in leads:
        query = leads[query]
    return query
