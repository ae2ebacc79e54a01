"""Threads of this process: how many to take, and work for them."""

from concurrent.futures import ThreadPoolExecutor
from numbers import Integral

from joblib import cpu_count, effective_n_jobs, parallel_config
from joblib.parallel import get_active_backend

from ._checks import shown
from ._sklearn import InvalidParameterError

MOST_PER_PROCESSOR = 4


def shares_memory(backend):
    """Whether the workers of a joblib backend are threads of this process."""
    return getattr(backend, "supports_sharedmem", False)


def threads_here(n_jobs):
    """The threads of this process that `n_jobs` stands for, whoever trains: one if it is None.

    It is a single one in a task of another parallel call. There the processors are shared out
    already, as by a grid search with `n_jobs`: more threads in each of its tasks would only get in
    each other's way.
    """
    n_jobs = as_n_jobs(n_jobs)
    backend, _ = get_active_backend(prefer="threads")
    if backend.nesting_level:
        return 1
    if shares_memory(backend):
        return worker_count(n_jobs)
    with parallel_config("threading", n_jobs=1):  # what None stands for
        return worker_count(n_jobs)


def worker_count(n_jobs):
    """joblib's count of workers for `n_jobs`, as long as more of them than that are any use.

    Each takes memory, whether it has a processor or not.
    """
    return min(effective_n_jobs(n_jobs), MOST_PER_PROCESSOR * cpu_count())


def workers_for(n_tasks, n_jobs):
    """How many workers of joblib's backend to ask for: no more than there are tasks."""
    return None if n_jobs is None else min(effective_n_jobs(as_n_jobs(n_jobs)), n_tasks)


def as_n_jobs(n_jobs):
    """`n_jobs` as None or an int: a narrow one of NumPy's may overflow.

    Raises
    ------
    InvalidParameterError
        If it is neither None nor an integer.
    """
    if n_jobs is None:
        return None
    if not isinstance(n_jobs, Integral):
        raise InvalidParameterError(f"n_jobs must be an integer or None, got {shown(n_jobs)}.")
    return int(n_jobs)


def map_in_threads(n_threads, function, *iterables):
    """Return ``list(map(function, *iterables))``, called in threads of this process.

    For work that would take longer to send to another process than to do. Each of joblib's calls
    looks for its last result every 10 ms: too long for what takes some ten of them, and is often
    called.
    """
    if n_threads == 1:
        return list(map(function, *iterables))
    with ThreadPoolExecutor(n_threads) as pool:
        return list(pool.map(function, *iterables))
