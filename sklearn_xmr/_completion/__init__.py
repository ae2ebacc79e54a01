"""Queries, completed as they are typed."""
