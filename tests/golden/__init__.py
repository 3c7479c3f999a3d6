"""Golden files: a small competition's journal with a line of every kind, and what it folds to."""
