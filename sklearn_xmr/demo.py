"""A search box in the terminal, to try: ``python -m sklearn_xmr.demo``.

Job titles are the queries, occupations the products; both come with the package. In a terminal,
suggestions and results follow every key. Elsewhere, each line of the input is a query.
"""

import codecs
import os
import shutil
import sys
from contextlib import contextmanager
from time import perf_counter

from ._completion.baselines import MostFrequentCompleter
from ._retrieval.product_retriever import ProductRetriever
from .datasets import load_job_titles, normalize_query

try:
    import termios
    import tty
except ImportError:  # Windows has none: there, lines are read
    termios = None

__all__ = []  # a program, nothing to import

HELP = "Tab takes the first suggestion, Enter starts again, Ctrl-D leaves."
PROMPT = "search: "
ENTER, TAB, CLEAR = "\r\n", "\t", "\x15"
ERASE, LEAVE = "\x7f\b", "\x03\x04"


class SearchBox:
    """Suggestions for what is typed, and what it finds."""

    def __init__(self, retriever, completer):
        self.retriever = retriever
        self.completer = completer

    @classmethod
    def of_job_titles(cls):
        """The search box of the embedded data."""
        jobs = load_job_titles()
        retriever = ProductRetriever(label_text=jobs.label_text, text_matches=30, random_state=0)
        completer = MostFrequentCompleter(normalizer=normalize_query, max_typos="auto")
        return cls(
            retriever.fit(jobs.train_titles, jobs.train_occupations),
            completer.fit_sessions([title] for title in [*jobs.train_titles, *jobs.label_text]),
        )

    def suggest(self, typed):
        """The best completions; none of nothing."""
        if not typed.strip():
            return []
        return [query for query, _ in self.completer.complete(None, typed, k=3)]

    def answer(self, typed):
        """Suggestions, results, why the first was found, and how long it took, as lines."""
        if not typed.strip():
            return [HELP]
        start = perf_counter()
        suggestions = self.suggest(typed)
        found = self.retriever.search(typed, k=5)
        milliseconds = 1000 * (perf_counter() - start)
        words = self.retriever.explain(typed, found[0][0]).matched_words if found else []
        return [
            f"  suggestions: {', '.join(suggestions) or 'none'}",
            *(f"  {probability:4.0%}  {product}" for product, probability in found),
            f"  matched in the first: {', '.join(words) or 'pieces of words'}",
            f"  {milliseconds:.1f} ms",
        ]


def answer_lines(box, lines, out):
    """Answer each line of an input."""
    for line in lines:
        query = line.strip()
        if query:
            print(f"{PROMPT}{query}", *box.answer(query), "", sep="\n", file=out)


def answer_keys(box, keys, out):
    """Answer after every key, on the same place of the screen, until one says to leave."""
    typed = ""
    draw(out, typed, box.answer(typed))
    for key in keys:
        if key in LEAVE:
            break
        if key in ENTER:
            # What was found stays above.
            out.write("\n" * (len(box.answer(typed)) + 1))
            typed = ""
        else:
            typed = after(key, typed, box)
        draw(out, typed, box.answer(typed))
    out.write("\n\x1b[J")


def after(key, typed, box):
    """The text after a key."""
    if key in ERASE:
        return typed[:-1]
    if key == CLEAR:
        return ""
    if key == TAB:
        return next(iter(box.suggest(typed)), typed)
    return typed + key if key.isprintable() else typed


def draw(out, typed, lines):
    """Write the prompt and the lines below it, and go back to the end of the prompt."""
    width = shutil.get_terminal_size().columns - 1
    prompt = (PROMPT + typed)[-width:]
    shown = "".join(f"\n{line[:width]}" for line in lines)
    out.write(f"\r\x1b[J{prompt}{shown}\x1b[{len(lines)}A\r\x1b[{len(prompt)}C")
    out.flush()


def keys_of(stream):
    """Characters as they are typed, without what arrows and their like send."""
    decoder = codecs.getincrementaldecoder("utf-8")("ignore")
    while typed := os.read(stream.fileno(), 1024):
        if not typed.startswith(b"\x1b"):
            yield from decoder.decode(typed)


@contextmanager
def key_by_key(stream):
    """Have a terminal send every key at once, and show none by itself."""
    before = termios.tcgetattr(stream)
    tty.setcbreak(stream)
    try:
        yield
    finally:
        termios.tcsetattr(stream, termios.TCSADRAIN, before)


def main():
    """Learn, then answer until the input ends."""
    print("Learning from job titles, which takes some seconds ...", flush=True)
    box = SearchBox.of_job_titles()
    try:
        if termios and sys.stdin.isatty() and sys.stdout.isatty():
            with key_by_key(sys.stdin):
                answer_keys(box, keys_of(sys.stdin), sys.stdout)
        else:
            answer_lines(box, sys.stdin, sys.stdout)
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    main()
