"""Credentials: statement, proofs, status list, certificate, register."""
