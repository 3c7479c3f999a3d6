"""Tests of the competition: core, journal, exchange, credentials."""
