"""The end of an SQLite write-ahead log: how much of it belongs to no whole commit."""

from __future__ import annotations

import struct


def log_tail(log: bytes) -> int:
    """How many bytes at the end of a write-ahead log belong to no whole commit (of this round of the log)."""
    if len(log) < 32:
        return len(log)
    magic, _, page, _, salt_a, salt_b, _, _ = struct.unpack(">8I", log[:32])
    order = ">" if magic & 1 else "<"
    sums = _wal_sum(order, log[:24], (0, 0))
    if magic & ~1 != 0x377F0682 or sums != struct.unpack(">2I", log[24:32]):
        return len(log)
    whole = at = 32
    while at + 24 + page <= len(log):
        _, commit, *salts, sum_a, sum_b = struct.unpack(">6I", log[at : at + 24])
        if salts != [salt_a, salt_b]:
            return at - whole  # what follows is left over from the round before
        sums = _wal_sum(order, log[at + 24 : at + 24 + page], _wal_sum(order, log[at : at + 8], sums))
        at += 24 + page
        if sums != (sum_a, sum_b):
            return len(log) - whole
        if commit:
            whole = at
    return len(log) - whole


def _wal_sum(order: str, data: bytes, sums: tuple[int, int]) -> tuple[int, int]:
    a, b = sums
    for x, y in struct.iter_unpack(f"{order}2I", data):
        a = (a + x + b) & 0xFFFFFFFF
        b = (b + y + a) & 0xFFFFFFFF
    return a, b
