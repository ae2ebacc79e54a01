"""What was asked before: the last query, a str, or the last few, a tuple with the newest last."""

# Queries further back are not looked at.
MOST_QUERIES = 4

# What a query counts beside the one after it. Measured on sessions of a shell and of subjects.
DECAY = 0.7


def as_context(queries):
    """The last few queries of a sequence, those that are empty left out."""
    queries = [query for query in queries if query][-MOST_QUERIES:]
    return tuple(queries) if len(queries) > 1 else "".join(queries)


def newest(contexts):
    """The last query of each context, "" where there is none."""
    return [context if type(context) is str else context[-1] for context in contexts]


def n_levels(contexts):
    """How many queries the longest of them holds, at least one."""
    return max([len(context) for context in contexts if type(context) is tuple], default=1)


def levels(contexts):
    """Yield the weight of the last query, and the last query of each context, then those before."""
    contexts = [(context,) if type(context) is str else context for context in contexts]
    for back in range(n_levels(contexts)):
        queries = [context[-1 - back] if len(context) > back else "" for context in contexts]
        yield DECAY**back, queries
