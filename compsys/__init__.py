"""The competition: journal, core, boards and the command line, on top of scoring_rules."""
