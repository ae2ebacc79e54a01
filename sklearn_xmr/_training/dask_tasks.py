"""Tasks on a Dask cluster that get done though workers die.

joblib's own Dask backend gives a task's data to one worker, and gives up or waits for ever when
that worker dies. Here the client can make the data again, and submits again what was lost.
"""

import time
from collections import Counter, deque
from concurrent.futures import CancelledError

# How often a lost task is submitted again before it is given up.
RESUBMISSIONS = 3
# Seconds to wait before the first time, twice as long each time after: for the scheduler to notice
# which workers are gone and to start others.
PAUSE = 0.25
# Tasks on the cluster at a time for each thread that it has: one that runs, and one that waits.
TASKS_PER_THREAD = 2


def run_on_dask(client, function, tasks, make_data, on_done=None):
    """Run ``function(data, *arguments)`` for each task on the workers.

    Data are made when the first of their tasks is submitted and let go after the last one, so that
    client and cluster hold no more of them than keeps the workers busy.

    Parameters
    ----------
    client : distributed.Client
    function : callable
    tasks : list of (key, arguments)
        In the order in which they are submitted.
    make_data : callable
        ``make_data(key)`` makes the data of all tasks with this key.
    on_done : callable or None
        Called with each task that is done.

    Returns
    -------
    list
        The results, in the order of the tasks.

    Raises
    ------
    RuntimeError
        If a task was lost as often as it may be submitted.
    """
    from distributed import KilledWorker, as_completed

    # Timeouts and broken connections are OSErrors. The tasks read no files and raise none.
    losses = CancelledError, KilledWorker, OSError
    n_at_a_time = TASKS_PER_THREAD * max(sum(client.ncores().values()), 1)
    data = _SentData(client, make_data, Counter(key for key, _ in tasks))
    waiting, running, finished = deque(range(len(tasks))), {}, as_completed(loop=client.loop)
    results, n_lost = [None] * len(tasks), Counter()
    try:
        while waiting or running:
            try:
                if waiting and len(running) < n_at_a_time:
                    number = waiting.popleft()
                    key, arguments = tasks[number]
                    future = client.submit(function, data.of(key), *arguments, pure=False)
                    running[future] = number
                    finished.add(future)
                else:
                    future = next(finished)
                    number = running[future]
                    try:
                        results[number] = future.result()
                    finally:
                        del running[future]
                        future.release()
                    data.let_go(tasks[number][0])
                    if on_done is not None:
                        on_done(tasks[number])
            except losses as error:
                n_lost[number] += 1
                if n_lost[number] > RESUBMISSIONS:
                    raise RuntimeError(
                        f"The Dask cluster lost a task {n_lost[number]} times, which is as often "
                        "as it is submitted. Its workers' logs may tell why, lack of memory for "
                        f"one. The last time it said: {type(error).__name__}: {error}"
                    ) from error
                time.sleep(PAUSE * 2 ** (n_lost[number] - 1))
                data.send_again(tasks[number][0])
                waiting.appendleft(number)
    finally:
        # The traceback of an interrupt may live on, and would keep them on the cluster.
        data.release()
        for future in running:
            future.release()
    return results


class _SentData:
    """What tasks work on, on its way to the workers: made when needed, kept as long as needed."""

    def __init__(self, client, make, n_tasks):
        self._client = client
        self._make = make
        self._n_tasks = n_tasks  # of each key, those not done
        self._futures = {}

    def of(self, key):
        if key not in self._futures:
            self._futures[key] = self._client.scatter([self._make(key)], hash=False)[0]
        return self._futures[key]

    def send_again(self, key):
        # Other tasks may have lost the data before, and have got them again.
        future = self._futures.get(key)
        if future is not None and future.status != "finished":
            del self._futures[key]

    def release(self):
        while self._futures:
            _, future = self._futures.popitem()
            future.release()

    def let_go(self, key):
        self._n_tasks[key] -= 1
        if self._n_tasks[key] == 0:
            self._futures.pop(key, None)
