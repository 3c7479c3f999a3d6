"""Servers that are killed under marking judges."""
