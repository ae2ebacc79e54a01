"""Real data, small enough to come with the package, readers of data sets and fetchers."""

from .._completion.query_pairs import make_prefix_pairs
from ._book_subjects import load_book_subjects
from ._query_logs import QueryLog, cut_sessions, normalize_query, read_query_log, split_by_time
from ._raw_text import load_raw_text
from ._subject_sessions import load_subject_sessions
from ._xmc_benchmarks import fetch_xmc_benchmark
from ._xmc_files import dump_xmc_file, load_xmc_file

__all__ = [
    "QueryLog",
    "cut_sessions",
    "dump_xmc_file",
    "fetch_xmc_benchmark",
    "load_book_subjects",
    "load_raw_text",
    "load_subject_sessions",
    "load_xmc_file",
    "make_prefix_pairs",
    "normalize_query",
    "read_query_log",
    "split_by_time",
]
