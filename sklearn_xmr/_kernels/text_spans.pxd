# Where n-grams are taken from: see text_spans.pyx.

cpdef enum Analyzer:
    CHAR = 0
    CHAR_WB = 1
    CHAR_END = 2
    WORD = 3
