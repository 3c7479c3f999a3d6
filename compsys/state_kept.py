"""What is known of copies off this machine: how far each reaches, when and where the last one was made."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Kept:
    """``heads``: stream -> the newest line that a copy elsewhere is known to hold; ``at``: when the last copy
    was told of ("" = never); ``where``: where it is, in the organizer's words."""

    heads: dict[str, int] = field(default_factory=dict)
    at: str = ""
    where: str = ""
