"""The event of registers that go out: which personal columns somebody took, when, of how many; no value."""

from __future__ import annotations

from compsys.commands_registers import What
from compsys.facts import Event


class RegisterTaken(Event, frozen=True, kw_only=True, tag="register_taken"):
    """An upload sheet, a subsidy list or an archive was made, or an archive checked: by which map, schemes or
    of which batch (``subject``), with which columns, of how many certificates. Who, what for and the SHA-256
    of what was written stand in the closed part: a short list could be guessed from them."""

    what: What
    subject: str
    columns: tuple[str, ...]
    count: int


RegisterFact = RegisterTaken
"""The events of this family."""
