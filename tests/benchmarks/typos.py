"""Compare ways to complete misspelt prefixes of real queries; print a table.

    python tests/benchmarks/typos.py --data-dir ~/data

The queries are those of three data sets, 42,055 of them drawn at random: a shop's queries, job
titles and subject headings. Of a query drawn by its frequency, one word of four letters or more
is misspelt, as codespell's dictionary knows it or by random edits, and the prefix ends behind
that word, or within it. Each system completes each prefix from frequencies alone. See the README
beside this file.
"""

import random
import re
import time
from collections import Counter, defaultdict
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from command_line import parser_with_data_dir
from compare_peers import cpu_model
from prepare import read_tsv

from sklearn_xmr import MostFrequentCompleter

K = 10
N_QUERIES = 42_055
LETTERS = "abcdefghijklmnopqrstuvwxyz"
LEAST_LETTERS = 4  # of a word that is misspelt; more where it has two errors
SEED = 0


def main():
    """Misspell prefixes, complete them with every system, print the table."""
    parser = parser_with_data_dir(__doc__)
    parser.add_argument("--prefixes", type=int, default=3_000, help="of each kind (default: 3000)")
    options = parser.parse_args()
    queries = read_queries(options.data_dir)
    tracks = make_tracks(queries, options.prefixes)
    print(f"{len(queries):,} queries, {cpu_model()}\n")
    print("Queries among ten, of those that the clean prefix finds; microseconds of a call.\n")
    print(f"| system | fit s | {' | '.join(tracks)} | clean MRR@{K} | us: p50 | p99 |")
    print(f"|---{'|---' * (len(tracks) + 4)}|")
    plain = trie(queries)
    found = {track: is_found(plain, rows, column=0)[0] for track, rows in tracks.items()}
    for name, make in SYSTEMS.items():
        if name in PEERS and find_spec(PEERS[name]) is None:
            continue
        start = time.perf_counter()
        complete = make(queries)
        seconds, shares, times = time.perf_counter() - start, [], []
        n_rows = 300 if name == "rapidfuzz, all queries" else None  # it takes milliseconds
        for track, rows in tracks.items():
            hits, of_track = is_found(complete, rows[:n_rows], column=1)
            shares.append(hits[found[track][:n_rows]].mean())
            times += of_track
        mrr = np.mean([reciprocal_rank(complete(row[0]), row[2]) for row in tracks["one"][:n_rows]])
        p50, p99 = np.percentile(times, [50, 99])
        cells = " | ".join(f"{share:.3f}" for share in shares)
        print(
            f"| {name} | {seconds:.2f} | {cells} | {mrr:.4f} | {p50:.0f} | {p99:.0f} |", flush=True
        )


def read_queries(folder):
    """Return different queries, and how often each is asked, as far as the data tell."""
    counts = Counter()
    for query, products in read_tsv(folder / "homedepot" / "train.tsv.gz"):
        counts[query] += 1 + len(products.split("|"))
    for title, *_ in read_tsv(folder / "job_titles" / "train.tsv.gz"):
        counts[title] += 2
    subjects = folder / "finna_subjects"
    names = {fields[0]: fields[1] for fields in read_tsv(subjects / "labels.tsv.gz")}
    of_titles = (fields[1].split("|") for fields in read_tsv(subjects / "train.tsv.gz"))
    headings = Counter(subject for of_title in of_titles for subject in of_title)
    for subject, n_titles in headings.items():
        counts[names[subject]] += 1 + n_titles // 50
    folded = Counter()
    for query, count in counts.items():
        folded[" ".join(query.lower().split())] += count
    del folded[""]
    drawn = random.Random(SEED).sample(sorted(folded), N_QUERIES)
    return {query: folded[query] for query in drawn}


def make_tracks(queries, n):
    """Return for each kind of error rows of (clean prefix, misspelt prefix, query)."""
    known = misspellings()
    return {
        "one": misspelt_prefixes(queries, n, partial(edited, n_edits=1)),
        "codespell's": misspelt_prefixes(queries, n, partial(known_misspelling, known)),
        "one, last word": misspelt_prefixes(queries, n, partial(edited, n_edits=1), within=True),
        "two": misspelt_prefixes(queries, n, partial(edited, n_edits=2), least=6),
    }


def misspellings():
    """Return the misspellings of each word, those of one word for one."""
    from codespell_lib import _codespell

    known = defaultdict(list)
    dictionary = Path(_codespell.__file__).parent / "data" / "dictionary.txt"
    for line in dictionary.read_text(encoding="utf-8").splitlines():
        wrong, right = line.lower().split("->")
        if re.fullmatch(r"\w+", right) and re.fullmatch(r"\w+", wrong):
            known[right].append(wrong)
    return known


def known_misspelling(known, word, rng):
    """Return one of a word's misspellings, or None."""
    return rng.choice(known[word]) if word in known else None


def edited(word, rng, n_edits):
    """Return a word with random edits: a letter less, more, another, or two swapped."""
    for _ in range(n_edits):
        i = rng.randrange(len(word) - 1)
        letter = rng.choice(LETTERS)
        word = rng.choice(
            [
                word[:i] + word[i + 1 :],
                word[:i] + letter + word[i:],
                word[:i] + letter + word[i + 1 :],
                word[:i] + word[i + 1] + word[i] + word[i + 2 :],
            ]
        )
    return word


def misspelt_prefixes(queries, n, misspell, *, least=LEAST_LETTERS, within=False):
    """Return rows of (clean prefix, misspelt prefix, query)."""
    rng = random.Random(SEED + 1)
    texts, counts = list(queries), list(queries.values())
    rows = []
    while len(rows) < n:
        query = rng.choices(texts, counts)[0]
        words = [
            match.span() for match in re.finditer(rf"(?<!\S)[^\W\d_]{{{least},}}(?!\S)", query)
        ]
        if not words:
            continue
        start, stop = rng.choice(words)
        word = query[start:stop]
        wrong = misspell(word, rng)
        if wrong is None or wrong == word:
            continue
        clean, typed = query[:stop], query[:start] + wrong
        if within:  # as far as both words are typed
            cut = rng.randint(3, max(3, len(wrong) - 1))
            clean, typed = query[: start + cut], typed[: start + cut]
        else:
            behind = query[stop : rng.randint(stop, len(query))]
            clean, typed = clean + behind, typed + behind
        if clean != typed:
            rows.append((clean, typed, query))
    return rows


def is_found(complete, rows, column):
    """Return whether each row's query is among those suggested, and the microseconds of each."""
    hits, times = [], []
    for row in rows:
        start = time.perf_counter()
        suggested = complete(row[column])
        times.append(1e6 * (time.perf_counter() - start))
        hits.append(row[2] in suggested)
    return np.array(hits), times


def reciprocal_rank(suggested, query):
    """Return 1 / rank of a query among those suggested, 0 if it is not there."""
    return 1 / (1 + suggested.index(query)) if query in suggested else 0


def own(queries, **parameters):
    """Return what completes a prefix with this package."""
    completer = MostFrequentCompleter(**parameters)
    completer.fit_sessions([[query] for query in queries], sample_weight=list(queries.values()))
    return lambda prefix: [query for query, _ in completer.complete("", prefix, K)]


def trie(queries):
    """Return what completes a prefix from a trie whose nodes hold their best ten."""
    best = defaultdict(list)
    for query in sorted(queries, key=lambda query: (-queries[query], query)):
        for end in range(1, len(query) + 1):
            if len(best[query[:end]]) < K:
                best[query[:end]].append(query)
    return lambda prefix: best.get(prefix, [])


def symspell(queries):
    """Return what completes a prefix after each of its words is corrected by symspellpy."""
    from symspellpy import SymSpell, Verbosity

    speller = SymSpell(max_dictionary_edit_distance=2)
    frequencies = Counter()
    for query, count in queries.items():
        for word in query.split():
            frequencies[word] += count
    for word, count in frequencies.items():
        speller.create_dictionary_entry(word, count)
    complete = trie(queries)

    def corrected(word):
        found = speller.lookup(word, Verbosity.TOP, max_edit_distance=2)
        return found[0].term if found else word

    def complete_corrected(prefix):
        *finished, last = prefix.split(" ")
        finished = [corrected(word) for word in finished]
        # The last word may be unfinished: as it is typed, if that leads anywhere.
        for end in (last, corrected(last)):
            found = complete(" ".join([*finished, end]))
            if found:
                return found
        return []

    return complete_corrected


def rapidfuzz(queries):
    """Return what compares a prefix with the first letters of all queries."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    texts = sorted(queries, key=lambda query: (-queries[query], query))

    def complete(prefix):
        heads = [text[: len(prefix)] for text in texts]
        found = process.extract(prefix, heads, scorer=OSA.distance, limit=K, score_cutoff=3)
        return [texts[place] for _, _, place in found]

    return complete


SYSTEMS = {
    "MostFrequentCompleter, max_typos='auto'": partial(own, max_typos="auto"),
    "the same with inner_words": partial(own, max_typos="auto", inner_words=True),
    "max_typos=0": own,
    "a trie": trie,
    "symspellpy, then a trie": symspell,
    "rapidfuzz, all queries": rapidfuzz,
}
PEERS = {"symspellpy, then a trie": "symspellpy", "rapidfuzz, all queries": "rapidfuzz"}

if __name__ == "__main__":
    main()
