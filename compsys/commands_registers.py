"""The command that notes what of a register went out, before it does."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from compsys.commands_base import Command

What = Literal["sheet", "subsidy", "archive", "archive_checked"]
Line = Annotated[str, msgspec.Meta(max_length=200)]
Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class NoteRegister(Command, frozen=True, kw_only=True, tag="note_register"):
    """Say that certificates leave as a sheet, list or archive: ``columns`` by their fields, never a value;
    ``files``: SHA-256 of each file (the first 50); ``purpose``: what for, in the asker's words."""

    what: What
    subject: Line
    columns: Annotated[tuple[Line, ...], msgspec.Meta(max_length=60)]
    count: Annotated[int, msgspec.Meta(ge=0)]
    files: Annotated[tuple[Digest, ...], msgspec.Meta(max_length=50)] = ()
    purpose: Line = ""


RegisterCommand = NoteRegister
"""The commands of this family."""
