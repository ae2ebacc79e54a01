"""Real data, small enough to come with the package."""

from ._book_subjects import load_book_subjects

__all__ = ["load_book_subjects"]
