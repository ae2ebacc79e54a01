"""How many edits are between two words, by the book."""


def naive_distance(a, b):
    """Optimal string alignment, by its recurrence."""
    table = {}
    for i in range(len(a) + 1):
        for j in range(len(b) + 1):
            if 0 in (i, j):
                table[i, j] = i + j
                continue
            table[i, j] = min(
                table[i - 1, j] + 1,
                table[i, j - 1] + 1,
                table[i - 1, j - 1] + (a[i - 1] != b[j - 1]),
            )
            if i > 1 and j > 1 and a[i - 2 : i] == b[j - 2 : j][::-1]:
                table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(a), len(b)]
