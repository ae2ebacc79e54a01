"""Query completion: from the previous query and a typed prefix to the next query.

A completer is fitted to rows of (previous query, prefix) and the queries that followed. All queries
that start with a prefix are a range of the sorted ones, so that the prefix restricts a search to
consecutive labels.

The completers:

- `completer`: `CompleterMixin`, what all of them offer: `complete`, `rank`, `predict`, `score`.
- `baselines`: `MostFrequentCompleter` and `CooccurrenceCompleter`, which count.
- `autocomplete`: `QueryAutocompleter`, which learns: a classifier with a query as each label.
- `steered_search`: how it finds its suggestions.

What they are made of:

- `learner`: `LearnerMixin`, how all of them are fitted: `fit`, `fit_sessions`, `partial_fit`.
- `query_pairs`: checks of rows and queries.
- `normalization`: the form by which texts are compared.
- `training_rows`: rows and sessions, checked and normalised, with weights.
- `pair_counts`: how often one text came with another, in a form to which more can be added.
- `counted_log`: all that is counted of a log: what followed what, and in which spelling.
- `sorted_texts`: many texts in two arrays, and the range that starts with a prefix.
- `exclusion`: what must not be suggested.
- `typos`: further ranges, of what may have been meant by a prefix with errors in it.
- `inner_words`: texts by the words in them, wherever they are.
- `range_top`: the most frequent entries of a range, without a look at all of it.
- `query_features`: the features of a row: words of the previous query, letters of the prefix.
- `variants`: misspelt queries and near-duplicates, which give way to a more frequent one.
- `newcomers`: queries that came after the model was fitted.
- `contexts`: the last few queries, the newest of which counts most.
- `query_prior`: how likely a query is before the model has its say.
- `query_graph`: which queries are asked near which, by short random walks.
"""
