"""Query completion on the embedded sessions."""

from sklearn_xmr import CooccurrenceCompleter, MostFrequentCompleter, QueryAutocompleter
from sklearn_xmr.datasets import load_subject_sessions, make_prefix_pairs

COMPLETERS = {
    "most frequent": MostFrequentCompleter,
    "co-occurrence": CooccurrenceCompleter,
    "QueryAutocompleter": lambda: QueryAutocompleter(random_state=0),
}


class Completion:
    """Ten suggestions."""

    params = (list(COMPLETERS),)
    param_names = ("completer",)

    def setup(self, completer):
        """Fit on a part of the sessions."""
        sessions = load_subject_sessions()
        self.X, self.y = make_prefix_pairs(sessions.train_sessions[:10_000], random_state=0)
        self.queries, _ = make_prefix_pairs(sessions.test_sessions[:1000], random_state=1)
        self.model = COMPLETERS[completer]().fit(self.X, self.y)

    def time_fit(self, completer):
        """Learn."""
        COMPLETERS[completer]().fit(self.X, self.y)

    def time_batch(self, completer):
        """Complete many in a call."""
        self.model.rank(self.queries)

    def time_hundred_calls(self, completer):
        """Complete one in each of a hundred calls."""
        for previous, prefix in self.queries[:100].tolist():
            self.model.complete(previous, prefix)
