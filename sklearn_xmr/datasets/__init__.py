"""Real data, small enough to come with the package, readers of data sets and fetchers.

Samples inside the package, in ``data``:

- `_book_subjects`: book titles and their subject headings.
- `_subject_sessions`: sessions of queries, made of these headings.
- `_job_titles`: job titles and their occupations, with texts of these.
- `_embedded`: reads the files.

Sparse features or texts, with labels:

- `_xmc_files`: the text format of the Extreme Classification Repository, read and written.
- `_xmc_benchmarks`: benchmark sets in that format, downloaded and checked.
- `_xmc_json`: the texts of the newer sets of the repository.
- `_raw_text`: lines of labels and text, as PECOS takes them.

Queries:

- `_normalize_query`: the form in which queries are counted as the same.
- `_log_times`: when queries were asked, in seconds.
- `_query_logs`: query logs, split by time and cut into sessions.
- `_prefix_pairs`: rows of (previous query, prefix) for the completers, made of sessions.

Clicks:

- `_click_logs`: rows of queries and products as what a classifier is trained on.

Below all readers:

- `_text_files`: text files, plain or compressed, and errors that name the line.
"""

from ._book_subjects import load_book_subjects
from ._click_logs import click_log_to_matrix
from ._job_titles import load_job_titles
from ._normalize_query import normalize_query
from ._prefix_pairs import make_prefix_pairs
from ._query_logs import QueryLog, cut_sessions, read_query_log, split_by_time
from ._raw_text import load_raw_text
from ._subject_sessions import load_subject_sessions
from ._xmc_benchmarks import fetch_xmc_benchmark
from ._xmc_files import dump_xmc_file, load_xmc_file
from ._xmc_json import load_xmc_json

__all__ = [
    "QueryLog",
    "click_log_to_matrix",
    "cut_sessions",
    "dump_xmc_file",
    "fetch_xmc_benchmark",
    "load_book_subjects",
    "load_job_titles",
    "load_raw_text",
    "load_subject_sessions",
    "load_xmc_file",
    "load_xmc_json",
    "make_prefix_pairs",
    "normalize_query",
    "read_query_log",
    "split_by_time",
]
