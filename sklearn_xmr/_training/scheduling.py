"""Do the tasks of training in threads, or in the processes and machines of joblib's backend."""

from itertools import chain, groupby
from operator import itemgetter

from joblib import effective_n_jobs
from joblib.parallel import get_active_backend
from sklearn.utils.parallel import Parallel, delayed

from .._sparse import Csr
from .._threads import as_n_jobs, shares_memory, threads_here
from .dask_tasks import run_on_dask
from .node_tasks import plan_tasks, train_nodes
from .progress import SILENT
from .shards import Shard, plan_shards

# Batches of tasks for each thread, so that threads end together.
BATCHES_PER_THREAD = 16


def run_tasks(X, layers, layouts, objective, seed, n_jobs, progress=SILENT):
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
    progress : Progress

    Returns
    -------
    list of (NodeTask, NodeWeights)
        In the order of the nodes.
    """
    backend, _ = get_active_backend(prefer="threads")
    n_jobs = as_n_jobs(n_jobs)
    n_jobs = threads_here(n_jobs) if shares_memory(backend) else effective_n_jobs(n_jobs)
    tasks = plan_tasks(layers, layouts, n_jobs)
    if n_jobs == 1 or shares_memory(backend):
        n_batches = BATCHES_PER_THREAD * n_jobs if n_jobs > 1 or progress.has_listeners else 1
        batches = _dealt_out(tasks, n_batches)
        progress.begin_layers(layers, len(layouts), tasks, len(batches))
        trained = _train_here(Csr.of(X), layers, batches, objective, seed, n_jobs, progress)
    else:
        shards = plan_shards(layers, layouts, tasks, n_jobs)
        batches = list(chain.from_iterable(shards))
        progress.begin_layers(layers, len(layouts), tasks, len(batches))
        options = {"n_jobs": n_jobs, "backend": backend, "progress": progress}
        trained = _train_shards(X, layers, shards, objective, seed, **options)
    found = zip(chain.from_iterable(batches), chain.from_iterable(trained), strict=True)
    found = sorted(found, key=itemgetter(0))
    progress.end_layers()
    return found


def _dealt_out(tasks, n_batches):
    # So that large tasks come first and in batches apart.
    n_batches = min(n_batches, max(len(tasks), 1))
    return [tasks[i::n_batches] for i in range(n_batches)]


def _train_here(rows, layers, batches, objective, seed, n_jobs, progress):
    calls = ((rows, layers, batch, objective, seed) for batch in batches)
    if n_jobs == 1:
        trained = (train_nodes(*call) for call in calls)
    else:
        trained = Parallel(n_jobs=n_jobs, prefer="threads", return_as=_return_as(progress))(
            delayed(train_nodes)(*call) for call in calls
        )
    return _told(trained, batches, progress)


def _return_as(progress):
    # Where somebody listens, results come one by one.
    return "generator" if progress.has_listeners else "list"


def _told(trained, batches, progress):
    for batch, found in zip(batches, trained, strict=True):
        progress.advance(batch)
        yield found


def _train_shards(X, layers, shards, objective, seed, *, n_jobs, backend, progress):
    calls = [
        (number, (batch, objective, seed))
        for number, batches in enumerate(shards)
        for batch in batches
    ]

    def cut(number):
        return Shard.cut(X, layers, list(chain.from_iterable(shards[number])))

    client = getattr(backend, "client", None)  # Dask has one
    if client is not None:
        with backend.retrieval_context():
            return run_on_dask(
                client, Shard.train, calls, cut, lambda call: progress.advance(call[1][0])
            )
    # One at a time, so that no more shards wait than workers.
    trained = Parallel(n_jobs=n_jobs, batch_size=1, return_as=_return_as(progress))(
        delayed(Shard.train)(shard, *arguments)
        for number, of_shard in groupby(calls, key=itemgetter(0))
        for shard in [cut(number)]
        for _, arguments in of_shard
    )
    return _told(trained, [batch for _, (batch, _, _) in calls], progress)
