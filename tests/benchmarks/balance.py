"""What is known against what is new, as the balance between them moves. Prints CSV.

    python tests/benchmarks/balance.py --data-dir DATA

Half of the occupations of job_titles lose their rows, as ``retrieval.py --drop 0.5`` has it. The
log-odds of labels that have rows are moved, by ``boost`` of a retriever and by hand of a classifier
that was trained on titles, too. In the end, only these labels are allowed.
"""

import numpy as np
from command_line import parser_with_data_dir, print_csv
from retrieval import centroid, cosine, load, quality, ranked, retriever, titles_as_rows

SHIFTS = (-4, -2, -1, 0, 0.5, 2, 3, 4)


def moved(found, factors):
    """Multiply the scores of labels, and rank anew."""
    labels, scores = found
    scores = np.where(labels >= 0, scores * factors[labels], -np.inf)
    order = np.argsort(-scores, axis=1, kind="stable")
    return [np.take_along_axis(part, order, axis=1) for part in (labels, scores)]


def boosted(rank, texts, known, shift):
    """Let a retriever move the balance."""
    return ranked(lambda part: rank(part, boost=shift * known), texts)


def multiplied(rank, texts, known, shift):
    """Move the balance by hand."""
    return moved(ranked(rank, texts), np.exp(shift * known))


def rankings(titles, training, texts, known):
    """Yield what is ranked by which system and shift."""
    for system, move in ((retriever, boosted), (titles_as_rows, multiplied)):
        rank = system(titles, *training)
        for shift in SHIFTS:
            yield system.__name__, shift, move(rank, texts, known, shift)
        only = ranked(lambda part, rank=rank: rank(part, candidates=known > 0), texts)
        yield system.__name__, "known only", only
    for system in (cosine, centroid):
        yield system.__name__, 0, ranked(system(titles, *training), texts)


def rows(data_dir):
    """Yield a row for each system and shift."""
    titles, training, (texts, Y) = load(data_dir / "job_titles", None, drop=0.5)
    known = np.asarray(training[1].sum(axis=0) > 0).ravel().astype(float)
    for system, shift, found in rankings(titles, training, texts, known):
        yield {"system": system, "known": shift} | quality(*found, training[1], Y)


if __name__ == "__main__":
    print_csv(rows(parser_with_data_dir(__doc__).parse_args().data_dir))
