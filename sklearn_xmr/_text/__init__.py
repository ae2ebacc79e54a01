"""Texts to weighted n-grams."""
