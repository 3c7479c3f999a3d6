"""The rooms of the command line: one module for what one group of commands does."""
