"""What still keeps a trade from opening, or deserves a look: the set-up judged as a whole."""

from __future__ import annotations

from compsys.setup_records import MARKING_ROLES, check_all, check_define, references

__all__ = ["MARKING_ROLES", "check_all", "check_define", "references"]
