"""Give a fitted retriever a tenth of its products later, and compare with a fit of everything. CSV.

    python tests/benchmarks/living_catalogue.py product_offers --data-dir DATA

Queries are the distinct ones of the training file, a fifth of them held out; all products compete.
New are a tenth of the products at random, or whole categories (where there are none, all products
that share rare words, until there are enough). Rows "with clicks" come with the new products'
queries, "texts" without. Recall at 10, capped, over queries for old products, and for new ones.
"""

import csv
import sys
import time
import warnings

import numpy as np
from command_line import parser_with_data_dir
from retrieval import lines, load

from sklearn_xmr import ProductRetriever

SHARE = 0.1


def random_products(titles, folder, rng):
    """Pick a tenth of the products."""
    return np.sort(rng.choice(len(titles), int(SHARE * len(titles)), replace=False))


def category(titles, folder, rng):
    """Pick whole categories, about a tenth of the products."""
    groups = {}
    for number, row in enumerate(lines(folder / "products.tsv.gz")):
        keys = row[2:3] or set(row[1].lower().split())
        for key in keys:
            groups.setdefault(key, []).append(number)
    wanted, new = int(SHARE * len(titles)), set()
    # Categories of which ten or more make the tenth: not one that is half of the shop.
    small = [group for _, group in sorted(groups.items()) if 20 <= len(group) <= wanted // 4]
    for number in rng.permutation(len(small)).tolist():
        if len(new) < wanted:
            new.update(small[number])
    return np.array(sorted(new))


def recall(model, texts, Y, columns):
    """Return the capped recall at 10 over queries that have one of some products."""
    Y = Y[:, columns]
    asked = np.flatnonzero(np.diff(Y.indptr))
    found, _ = model.rank([texts[row] for row in asked], 10)
    shares = []
    for row, products in zip(asked, found, strict=True):
        right = set(columns[Y.indices[Y.indptr[row] : Y.indptr[row + 1]]].tolist())
        shares.append(len(right.intersection(products.tolist())) / min(len(right), 10))
    return 100 * np.mean(shares)


def clicks_of(queries, Y, columns):
    """Return the queries that have some of the products, and these products as sets."""
    rows, products = [], []
    for row, query in enumerate(queries):
        found = Y.indices[Y.indptr[row] : Y.indptr[row + 1]]
        found = found[np.isin(found, columns)]
        if len(found):
            rows.append(query)
            products.append(set(found.tolist()))
    return rows, products


def main():
    """Print a row for each way to come to a model of all products."""
    parser = parser_with_data_dir(__doc__)
    parser.add_argument("data_set", choices=["product_offers", "homedepot", "job_titles"])
    parser.add_argument("--most", type=int, default=None, help="of the queries, take so many")
    parser.add_argument("--batches", type=int, default=1, help="add the new products in so many")
    parser.add_argument("--new", nargs="+", default=["random", "category"])
    args = parser.parse_args()
    folder = args.data_dir / args.data_set
    titles, (queries, Y), (held_out, Yv) = load(folder, args.most, 0.0)
    out = csv.writer(sys.stdout)
    out.writerow(["new", "model", "R@10 old", "R@10 new", "CPU seconds", "CPU ms a new product"])
    picks = {"random": random_products, "category": category}
    warnings.filterwarnings("ignore", "[0-9]+ of [0-9]+ labels were added")
    for kind in args.new:
        new = picks[kind](titles, folder, np.random.default_rng(1))
        old = np.setdiff1d(np.arange(len(titles)), new)
        everything, known = dict(enumerate(titles)), {n: titles[n] for n in old.tolist()}
        rows = {"all": clicks_of(queries, Y, np.arange(len(titles)))}
        rows["old"], rows["new"] = clicks_of(queries, Y, old), clicks_of(queries, Y, new)

        def row(name, model, start, n_new=None, kind=kind, old=old, new=new):
            seconds = time.process_time() - start
            figures = [recall(model, held_out, Yv, columns) for columns in (old, new)]
            each = f"{1000 * seconds / n_new:.3f}" if n_new else ""
            out.writerow([kind, name, *(f"{f:.2f}" for f in figures), f"{seconds:.2f}", each])
            sys.stdout.flush()

        def fit(texts, rows):
            return ProductRetriever(label_text=texts, random_state=0).fit(*rows)

        start = time.process_time()
        row("fit with clicks", fit(everything, rows["all"]), start)
        start = time.process_time()
        row("fit with texts", fit(everything, rows["old"]), start)
        for name, more in {"add with clicks": rows["new"], "add texts": ([], [])}.items():
            model = fit(known, rows["old"])
            start = time.process_time()
            for batch in np.array_split(np.random.default_rng(2).permutation(new), args.batches):
                chosen = [i for i, products in enumerate(more[1]) if products & set(batch.tolist())]
                asked = [more[0][i] for i in chosen]
                clicked = [more[1][i] & set(batch.tolist()) for i in chosen]
                texts = {number: titles[number] for number in batch.tolist()}
                model.add_labels(texts, asked or None, clicked or None)
            row(name, model, start, len(new))


if __name__ == "__main__":
    main()
