"""By which form texts are compared: a normalizer's, of logged and typed ones alike."""

from .._checks import described
from .contexts import as_context


class Normalizer:
    """Calls the user's function, once for each of many texts.

    Parameters
    ----------
    function : callable or None
        Takes a text and returns the form by which it is compared. None for the text itself.
    """

    def __init__(self, function):
        self.function = function
        self.known = {}

    def query(self, text):
        """The form of a whole query; that of none is none."""
        if self.function is None or not text:
            return text
        form = self.known.get(text)
        if form is None:
            form = self.known[text] = _checked(self.function(text), text)
        return form

    def prefix(self, text):
        """The form of what has been typed. A space at its end still says that a word is complete.

        The function may have been made for whole queries, and take the space away.
        """
        form = self.query(text)
        if form is not text and form and text[-1].isspace() and not form[-1].isspace():
            form += " "
        return form

    def queries(self, texts):
        """The forms of many queries."""
        return texts if self.function is None else [self.query(text) for text in texts]

    def contexts(self, contexts):
        """The forms of the queries of each context."""
        if self.function is None:
            return contexts
        return [
            self.query(context) if type(context) is str else as_context(self.queries(context))
            for context in contexts
        ]

    def prefixes(self, texts):
        """The forms of many prefixes."""
        return texts if self.function is None else [self.prefix(text) for text in texts]


def _checked(form, text):
    if not isinstance(form, str):
        raise TypeError(f"normalizer must return a str, got {described(form)} for {text!r}.")
    return str.__str__(form)
