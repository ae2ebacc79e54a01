"""Metrics of the top of a ranking, for dense and for sparse scores, and scorers made from them.

A sparse score matrix holds a shortlist per row: what is stored was retrieved, even at score 0, and
what is absent was not. Sparse input is never made dense. Metrics of query completion take ranked
texts instead.

- `_topk`: from scores to the ranks of each row's best labels, and checks of both.
- `_ranked_labels`: ranked labels and label sets, instead of scores and an indicator.
- `_ranking`: precision, recall and nDCG.
- `_propensity`: the same with labels weighted by how often annotators overlook them.
- `_calibration`: calibration error and Brier score of probabilities.
- `_completion`: reciprocal rank and BLEU of suggested queries.
- `_keystrokes`: how much a completer spares the person who types.

About metrics:

- `_frequency`: how often labels occurred in training, checked.
- `_label_frequency`: a metric for common and for rare labels, separately.
- `_warm_cold`: a metric for rows whose labels training saw, and for others.
- `_bootstrap`: whether one ranking is better than another, on the same rows.
- `_scorer`: a metric as scikit-learn's model selection calls it.
"""

from ._bootstrap import paired_bootstrap
from ._calibration import brier_score_at_k, calibration_error_at_k
from ._completion import bleu_reciprocal_rank, mean_reciprocal_rank
from ._keystrokes import keystrokes_saved
from ._label_frequency import by_label_frequency
from ._propensity import propensities, psndcg_at_k, psp_at_k
from ._ranking import ndcg_at_k, precision_at_k, recall_at_k
from ._scorer import make_topk_scorer
from ._warm_cold import warm_and_cold

__all__ = [
    "bleu_reciprocal_rank",
    "brier_score_at_k",
    "by_label_frequency",
    "calibration_error_at_k",
    "keystrokes_saved",
    "make_topk_scorer",
    "mean_reciprocal_rank",
    "ndcg_at_k",
    "paired_bootstrap",
    "precision_at_k",
    "propensities",
    "psndcg_at_k",
    "psp_at_k",
    "recall_at_k",
    "warm_and_cold",
]
