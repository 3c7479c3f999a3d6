"""The events of a signed sheet's acceptance by the competitor's own expert and of the competitor's signature.

Whose expert it was stands in the closed part: the open part ties no blind code to a delegation.
"""

from __future__ import annotations

from compsys.facts import Event


class Accepted(Event, frozen=True, kw_only=True, tag="accepted"):
    """The competitor's own expert accepted the sheet."""

    unit: str
    sub: str


class Disputed(Event, frozen=True, kw_only=True, tag="disputed"):
    """The competitor's own expert disputes the sheet (words in the closed part): it cannot be locked until
    that is answered."""

    unit: str
    sub: str


class DisputeAnswered(Event, frozen=True, kw_only=True, tag="dispute_answered"):
    """The dispute was answered (words in the closed part): the marks stand, or the sheet is returned by the
    next line; ``votes_for`` of ``votes_all`` experts, where they voted."""

    unit: str
    sub: str
    outcome: str
    votes_for: int = 0
    votes_all: int = 0


class ExpertMissed(Event, frozen=True, kw_only=True, tag="expert_missed"):
    """Nobody accepted these sheets (unit, sub-criterion), for the reason in the closed part."""

    sheets: tuple[tuple[str, str], ...]


class CompetitorSigned(Event, frozen=True, kw_only=True, tag="competitor_signed"):
    """The competitor heard the sheet read: agrees, refuses, or was absent; words and witness in the closed
    part."""

    unit: str
    sub: str
    outcome: str
