"""Two competitions that differ in what is hidden, held against each other byte by byte."""
