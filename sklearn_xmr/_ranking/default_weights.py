"""What features weigh where there are no clicks: tests/benchmarks/default_weights.py."""

INTERCEPT = -5.157

WEIGHTS = {
    "words: cosine": 1.113,
    "words: coverage": 0.174,
    "words: weighted coverage": 0.287,
    "words: label coverage": 0.918,
    "words: largest missing": -0.492,
    "pairs: cosine": 0.584,
    "pairs: coverage": 0.013,
    "pairs: weighted coverage": 0.097,
    "pairs: label coverage": 0.134,
    "pairs: largest missing": -0.139,
    "characters: cosine": 1.645,
    "characters: coverage": 0.396,
    "characters: weighted coverage": 0.640,
    "characters: label coverage": 1.018,
    "characters: largest missing": -0.482,
    "words: gap to best cosine": -0.849,
    "pairs: gap to best cosine": -0.288,
    "characters: gap to best cosine": -1.089,
    "log query length": -0.024,
    "log label length": -0.044,
    "first word": 0.315,
    "last word": 0.133,
    "adjacent words": -0.154,
    "ordered words": 0.676,
    "numbers matched": 0.534,
    "numbers contradicted": -0.350,
    "numbers missing": -0.063,
}
