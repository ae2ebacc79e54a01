"""What features weigh without clicks, by tests/benchmarks/default_weights.py."""

INTERCEPT = -5.269

WEIGHTS = {
    "words: cosine": 0.788,
    "words: coverage": 0.496,
    "words: weighted coverage": -0.853,
    "words: label coverage": 1.019,
    "words: largest missing": -0.532,
    "pairs: cosine": 2.808,
    "pairs: coverage": -2.033,
    "pairs: weighted coverage": 1.551,
    "pairs: label coverage": -1.807,
    "pairs: largest missing": -0.143,
    "characters: cosine": -1.326,
    "characters: coverage": -4.651,
    "characters: weighted coverage": 6.946,
    "characters: label coverage": 3.153,
    "characters: largest missing": 0.321,
    "words: gap to best cosine": -1.525,
    "pairs: gap to best cosine": -0.287,
    "characters: gap to best cosine": -4.569,
    "log query length": -0.264,
    "log label length": 0.214,
    "first word": 0.708,
    "last word": 0.457,
    "adjacent words": -0.357,
    "ordered words": 0.956,
    "numbers matched": 0.733,
    "numbers contradicted": -1.559,
    "numbers missing": -0.210,
}
