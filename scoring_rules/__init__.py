"""The rule book: pure functions and data, standard library only, readable beside the printed rules."""

VERSION = "1"
"""The rulebook's version, kept with every result: new arithmetic is a new function version and raises it."""
