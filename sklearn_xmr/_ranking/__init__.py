"""Score a shortlist once more, pair by pair of a query and a label.

- `ranker`: a user's own ranker, fitted and asked; `_user_objects.py` checks what it answers.

Our own:

- `text_match_ranker`: `TextMatchRanker`, a logistic model of what a query and a label share.
- `ranker_inputs`: what it is given, checked.
- `match_features`: what they share, as numbers.
- `unseen_labels`: what to expect of labels that no row has.
- `pair_logistic`: what each of these is worth.
- `recalibration`: that worth rescaled to what people look at, the best pairs of each query, and to
  how good the others are.
- `default_coef`: what features are worth to those who have nothing to learn from.
- `default_weights`: the numbers of it.
- `ranked_labels`: a ranking by its margins, and what else tells what is right in it.
- `calibration`: a ranking's probabilities, by a map that is fitted out of fold.
- `thresholds`: the probability from which labels are given, for a goal.
- `out_of_fold`: shortlists to learn from, as a ranker will meet them.
"""
