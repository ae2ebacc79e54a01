"""Score a shortlist once more, pair by pair of a query and a label.

`ranker.py` fits a user's own ranker and asks it; what it may answer is checked in
`_user_objects.py`. `text_match_ranker.py` is our own: `match_features.py` says what a query and a
label have in common, `pair_logistic.py` learns what that is worth, and `default_weights.py` serves
those who have nothing to learn from. `out_of_fold.py` makes shortlists to learn from as a ranker
will meet them.
"""
