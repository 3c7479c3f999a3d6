"""Measures the product's speed as ratios to floors of the same run: ``python -m tests.bench``."""
