"""Share out training to threads, or to the processes and machines of joblib's active backend."""

from itertools import chain, groupby
from operator import itemgetter

from joblib import effective_n_jobs
from joblib.parallel import get_active_backend
from sklearn.utils.parallel import Parallel, delayed

from .._threads import shares_memory, threads_here
from .dask_tasks import run_on_dask
from .shards import Shard, plan_shards
from .training_units import list_units, train_units

# Groups of units for each thread, so that threads end together.
GROUPS_PER_THREAD = 16


def train_all_units(X, layers, layouts, objective, seed, n_jobs):
    """Train all nodes of some layers, which must not wait for each other.

    Parameters
    ----------
    X : csr_array of float32 of shape (n_rows, n_features)
    layers : dict of {depth: LayerData}
    layouts : list of LayerLayout
    objective : Objective
    seed : int
    n_jobs : int or None
        As joblib's active backend takes it.

    Returns
    -------
    list of Part
        In the order of their units.
    """
    backend, _ = get_active_backend(prefer="threads")
    n_jobs = threads_here(n_jobs) if shares_memory(backend) else effective_n_jobs(n_jobs)
    units = list_units(layers, layouts, n_jobs)
    if n_jobs == 1:
        groups = [train_units(X, layers, units, objective, seed)]
    elif shares_memory(backend):
        # Dealt out so that large units come first and in groups apart.
        n_groups = min(GROUPS_PER_THREAD * n_jobs, max(len(units), 1))
        groups = Parallel(n_jobs=n_jobs, prefer="threads")(
            delayed(train_units)(X, layers, units[i::n_groups], objective, seed)
            for i in range(n_groups)
        )
    else:
        groups = _train_shards(X, layers, layouts, units, objective, seed, n_jobs, backend)
    return sorted(chain.from_iterable(groups), key=lambda part: part.unit)


def _train_shards(X, layers, layouts, units, objective, seed, n_jobs, backend):
    shards = plan_shards(layers, layouts, units, n_jobs)
    tasks = [
        (number, (units, objective, seed)) for number, shard in enumerate(shards) for units in shard
    ]

    def cut(number):
        return Shard.cut(X, layers, list(chain.from_iterable(shards[number])))

    client = getattr(backend, "client", None)  # Dask has one
    if client is not None:
        with backend.retrieval_context():
            return run_on_dask(client, Shard.train, tasks, cut)
    # One at a time, so that no more shards wait than workers.
    return Parallel(n_jobs=n_jobs, batch_size=1)(
        delayed(Shard.train)(shard, *arguments)
        for number, of_shard in groupby(tasks, key=itemgetter(0))
        for shard in [cut(number)]
        for _, arguments in of_shard
    )
