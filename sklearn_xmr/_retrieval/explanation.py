"""Why a product was found."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from .._text.word_forms import folded_words, plain_words
from ..inspection._explanation_text import text_table
from .click_log import normalized
from .click_memory import CLICK_LOG_ODDS


@dataclass(frozen=True)
class Explanation:
    """Why a product is how probable.

    Attributes
    ----------
    text : str
        The query.
    product : object
    product_text : str
    matched_words : list of str
        Words of the query that the product's text has, corrected, in one form each.
    feature_names : list of str
    values : ndarray of float64 of shape (n_features,)
        What query and product have in common.
    weights : ndarray of float64 of shape (n_features,)
    contributions : ndarray of float64 of shape (n_features,)
        Values times weights.
    intercept : float
        The log-odds if all values were 0.
    boost : float
    """

    text: str
    product: object
    product_text: str
    matched_words: list
    feature_names: list
    values: np.ndarray
    weights: np.ndarray
    contributions: np.ndarray
    intercept: float
    boost: float = 0.0

    @property
    def log_odds(self):
        """The sum of contributions, intercept and boost."""
        return float(self.contributions.sum()) + self.intercept + self.boost

    @property
    def probability(self):
        """That the product is wanted: its score."""
        return float(expit(self.log_odds))

    def __str__(self):
        rows = sorted(
            zip(self.feature_names, self.values, self.weights, self.contributions, strict=True),
            key=lambda row: -abs(row[-1]),
        )
        lines = [
            f"{self.text!r} -> {self.product!r} ({self.product_text}): {self.probability:.3f}",
            f"matched words: {', '.join(self.matched_words) or 'none'}",
        ]
        table = [("intercept", None, None, float(self.intercept))]
        if self.boost:
            table.append(("boost", None, None, float(self.boost)))
        table += [(name, *map(float, numbers)) for name, *numbers in rows if numbers[-1]]
        table.append(("sum", None, None, self.log_odds))
        lines += text_table(["value", "weight", "log-odds"], table)
        return "\n".join(lines)


def explained(fitted, text, position, boost):
    """The `Explanation` of the product at a position, among all that the query finds."""
    catalogue, query = fitted.catalogue, normalized(text)
    product = catalogue.classes[position : position + 1].tolist()[0]
    title = catalogue.text_at(position)
    has_word = set(folded_words(title))
    meant = fitted.reader.expanded(query)[0]
    words = dict(zip(folded_words(meant), plain_words(meant), strict=True))
    matched = [plain for word, plain in words.items() if word in has_word]
    return Explanation(text, product, title, matched, *_reasons(fitted, query, position), boost)


def _reasons(fitted, query, position):
    # Names, values, weights and contributions of features, and the intercept.
    ranker, queries = fitted.ranker, fitted.reader.read([query])
    if len(queries.vectors.data) == 0:
        values = fitted.popularity[[position]]
        return ["popularity"], values, np.ones(1), values, 0.0
    if not hasattr(ranker, "contributions"):
        raise ValueError(f"ranker must have a method contributions, got {type(ranker).__name__}.")
    labels, scores = fitted.matcher.search(queries, 1, known=fitted.memory.products([query]))
    if position not in labels:
        labels = np.append(labels, [[position]], axis=1)
        scores = np.append(scores, [[-np.inf]], axis=1)
    found = labels >= 0
    labels, scores = labels[found][None], scores[found][None]
    values, products = ranker.contributions(queries.matrix, labels, scores, words=queries.words)
    pair = int(np.flatnonzero(labels[0] == position)[0])
    clicked = fitted.memory.added([query], np.array([[position]]))[0] / CLICK_LOG_ODDS
    weights = np.append(ranker.coef_, CLICK_LOG_ODDS)
    values, names = np.append(values[pair], clicked), [*ranker.feature_names_, "clicked before"]
    products = np.append(products[pair], clicked * CLICK_LOG_ODDS)
    return names, values, weights, products, float(ranker.intercept_)
