"""How far a training is: on the screen, and for callbacks of scikit-learn's."""

from typing import NamedTuple

# Lines for the nodes that are trained at once, and calls of callbacks.
STEPS = 10


class Progress:
    """Tells how far a fit is, while it goes on.

    Parameters
    ----------
    estimator : object
    context : CallbackContext or None
        Of the fit, which has a task for each tree. None before scikit-learn 1.9.
    verbose : bool
        Whether to print.

    Notes
    -----
    A tree's tasks are the layers that are trained at once; their tasks are batches of nodes.
    """

    def __init__(self, estimator, context, verbose):
        self._estimator = estimator
        self._context = context
        self._verbose = verbose
        self._tree = self._layers = None

    @classmethod
    def of(cls, estimator, context, verbose):
        """One for a fit, which it begins."""
        if context is not None:
            context.call_on_fit_task_begin(estimator=estimator)
        has_callbacks = bool(getattr(estimator, "_skl_callbacks", None))
        return cls(estimator, context if has_callbacks else None, verbose)

    @property
    def has_listeners(self):
        """Whether anybody wants to know."""
        return self._verbose or self._context is not None

    def begin_tree(self, number, n_trees):
        """A tree is grown and trained next."""
        self._name = f"tree {number + 1} of {n_trees}"
        if self._context is not None:
            self._tree = self._begun(self._context, "tree", None)

    def end_tree(self):
        """It is trained."""
        self._end(self._tree)

    def begin_layers(self, depths, n_layers, tasks, n_batches):
        """Layers of the tree are trained next, by so many batches of their tasks."""
        self._n_done, self._n_nodes = 0, len(tasks)
        self._layers_name = f"layers {min(depths) + 1} to {max(depths) + 1} of {n_layers}"
        self._next = 0.0
        if self._tree is not None:
            self._layers = self._begun(self._tree, self._layers_name, n_batches)
        self._say()

    def advance(self, batch):
        """A batch of tasks is done."""
        self._n_done += len(batch)
        if self._layers is not None:
            self._end(self._begun(self._layers, "nodes", 0))
        self._say()

    def end_layers(self):
        """All batches are."""
        self._end(self._layers)

    def _begun(self, context, name, n_tasks):
        task = context.subcontext(task_name=name, max_subtasks=n_tasks)
        return task.call_on_fit_task_begin(estimator=self._estimator)

    def _end(self, task):
        if task is not None:
            task.call_on_fit_task_end(estimator=self._estimator)

    def _say(self):
        is_last = self._n_done == self._n_nodes
        if self._verbose and (is_last or self._n_done >= self._next):
            self._next = self._n_done + self._n_nodes / STEPS
            name = type(self._estimator).__name__
            print(
                f"[{name}] {self._name}, {self._layers_name}: {self._n_done} of {self._n_nodes} "
                "nodes",
                flush=True,
            )


SILENT = Progress(None, None, verbose=False)


class Means(NamedTuple):
    """What training uses, and no result depends on.

    Attributes
    ----------
    memory : object or None
        As `XRLinearClassifier` has it.
    n_jobs : int or None
        As `XRLinearClassifier` has it.
    progress : Progress
        Told how far it is.
    """

    memory: object
    n_jobs: int | None
    progress: Progress = SILENT
