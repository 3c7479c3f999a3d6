"""The commands of printed certificates: count prints, keep the dictionaries of their symbols."""

from __future__ import annotations

from typing import Annotated

from compsys.commands_base import Command
from compsys.commands_credentials import Id, Slice


class PrintCredentials(Command, frozen=True, kw_only=True, tag="print_credentials"):
    """Say that certificates are printed now: each is counted, and what their symbols need is kept."""

    credentials: Annotated[tuple[Id, ...], Slice]


class KeepDictionaries(Command, frozen=True, kw_only=True, tag="keep_dictionaries"):
    """Keep what the symbols of these credentials need, without a print: before one is shown elsewhere."""

    credentials: Annotated[tuple[Id, ...], Slice]


PaperCommand = PrintCredentials | KeepDictionaries
"""The commands of this family."""
