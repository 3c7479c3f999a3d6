"""The rule book: pure functions and data, standard library only, readable beside the printed rules."""
