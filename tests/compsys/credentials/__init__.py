"""Tests of credentials: proofs, the way to them, papers, pages."""
