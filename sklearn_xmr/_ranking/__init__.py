"""Score a shortlist once more.

`ranker.py` fits a user's own ranker and asks it; what it may answer is checked in
`_user_objects.py`.
"""
