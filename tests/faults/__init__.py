"""Fits that are interrupted or get no memory, saves that are killed."""
