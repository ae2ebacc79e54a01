"""Real data, small enough to come with the package, and readers of query logs."""

from .._query_pairs import make_prefix_pairs
from ._book_subjects import load_book_subjects
from ._query_logs import QueryLog, cut_sessions, normalize_query, read_query_log, split_by_time
from ._subject_sessions import load_subject_sessions

__all__ = [
    "QueryLog",
    "cut_sessions",
    "load_book_subjects",
    "load_subject_sessions",
    "make_prefix_pairs",
    "normalize_query",
    "read_query_log",
    "split_by_time",
]
