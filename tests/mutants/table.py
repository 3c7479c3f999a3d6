"""The table of mutants, joined from one file per subject.

Add one to the file of its subject by copying a line: `old` must stand exactly once in `file`, `test` is a
pytest node id.
"""

from __future__ import annotations

from tests.mutants import (
    acceptance,
    awards,
    beside,
    copies,
    credentials_assessment,
    credentials_check,
    credentials_holder,
    credentials_print,
    credentials_proofs,
    credentials_registers,
    credentials_way,
    day,
    desk,
    devices,
    doors,
    entry,
    evidence,
    going_on,
    journal,
    lines,
    marking,
    panel_tablet,
    panels,
    promoting,
    rules,
    shared,
    stores,
    tablets,
)
from tests.mutants.mutant import Mutant

MUTANTS: list[Mutant] = [
    *rules.MUTANTS,
    *journal.MUTANTS,
    *desk.MUTANTS,
    *entry.MUTANTS,
    *evidence.MUTANTS,
    *marking.MUTANTS,
    *panels.MUTANTS,
    *acceptance.MUTANTS,
    *going_on.MUTANTS,
    *promoting.MUTANTS,
    *awards.MUTANTS,
    *beside.MUTANTS,
    *day.MUTANTS,
    *doors.MUTANTS,
    *stores.MUTANTS,
    *tablets.MUTANTS,
    *devices.MUTANTS,
    *copies.MUTANTS,
    *credentials_assessment.MUTANTS,
    *credentials_check.MUTANTS,
    *credentials_print.MUTANTS,
    *credentials_holder.MUTANTS,
    *credentials_proofs.MUTANTS,
    *credentials_way.MUTANTS,
    *credentials_registers.MUTANTS,
    *lines.MUTANTS,
    *panel_tablet.MUTANTS,
    *shared.MUTANTS,
]

__all__ = ["MUTANTS", "Mutant"]
