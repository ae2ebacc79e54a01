"""What texts of labels are worth to XRLinearClassifier, by how many rows a label has, as CSV.

    python tests/benchmarks/label_prior.py finna_subjects --rows 125000 --data-dir DATA

A fifth of the rows is held out. Recall at 10, of labels with no, 1 to 4, 5 to 19 and more training
rows; and P@1 of all.
"""

import csv
import sys

from command_line import parser_with_data_dir
from retrieval import SETS, load

from sklearn_xmr import WordNgramTfidf, XRLinearClassifier
from sklearn_xmr.metrics import by_label_frequency, precision_at_k, recall_at_k

STRENGTHS = {"no texts": None, "1": 1.0, "2": 2.0, "auto": "auto"}
BOUNDARIES = 1, 5, 20


def main():
    """Print a row for each data set and strength."""
    parser = parser_with_data_dir(__doc__)
    parser.add_argument("sets", nargs="+", choices=SETS)
    parser.add_argument("--rows", type=int, help="so many rows, drawn at random")
    arguments = parser.parse_args()
    writer = csv.writer(sys.stdout)
    for name in arguments.sets:
        titles, training, held_out = load(arguments.data_dir / name, arguments.rows, 0)
        vectorizer = WordNgramTfidf().fit([*titles, *training[0]])
        Z, X, Xv = map(vectorizer.transform, (titles, training[0], held_out[0]))
        buckets = {"frequency": training[1].sum(axis=0), "boundaries": BOUNDARIES}
        for strength, value in STRENGTHS.items():
            prior = {} if value is None else {"label_prior": Z, "prior_strength": value}
            model = XRLinearClassifier(random_state=0, **prior).fit(X, training[1])
            scores = model.predict_proba(Xv)
            figures = [
                *by_label_frequency(recall_at_k, held_out[1], scores, 10, **buckets).score,
                precision_at_k(held_out[1], scores, 1),
            ]
            writer.writerow([name, strength, *(f"{figure:.3f}" for figure in figures)])
            sys.stdout.flush()


if __name__ == "__main__":
    main()
