"""Texts of a catalogue in a representation: the first ones."""

# So many are shown.
SHOWN_PRODUCTS = 2


class Abbreviated:
    """Stands for texts in a representation."""

    def __init__(self, texts):
        self.texts = texts

    def __repr__(self):
        n_texts = len(self.texts)
        if isinstance(self.texts, dict):
            shown = dict(list(self.texts.items())[:SHOWN_PRODUCTS])
        else:
            shown = list(self.texts)[:SHOWN_PRODUCTS]
        text = repr(shown)
        return text if n_texts <= SHOWN_PRODUCTS else f"{text[:-1]}, ...{text[-1]}"
