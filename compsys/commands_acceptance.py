"""Commands about a signed sheet: acceptance by the competitor's own expert, the competitor's signature."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from compsys.commands_base import Marking

Said = Annotated[str, msgspec.Meta(max_length=2000)]
Votes = Annotated[int, msgspec.Meta(ge=0, le=999)]


class Accept(Marking, frozen=True, kw_only=True, tag="accept"):
    """The competitor's own expert accepts a signed sheet, or disputes it (``accept`` false) with words."""

    unit: str
    sub: str
    accept: bool
    words: Said = ""


class AnswerDispute(Marking, frozen=True, kw_only=True, tag="answer_dispute"):
    """The chief answers a dispute with words: the marks stand, or the sheet is returned. Where the experts
    voted, ``votes_for`` of ``votes_all`` were for this outcome."""

    unit: str
    sub: str
    outcome: Literal["stands", "returned"]
    words: Said
    votes_for: Votes = 0
    votes_all: Votes = 0


class MissExpert(Marking, frozen=True, kw_only=True, tag="miss_expert"):
    """The chief records that nobody accepted these sheets (unit, sub-criterion): the expert did not come, or
    there is none."""

    sheets: Annotated[tuple[tuple[str, str], ...], msgspec.Meta(max_length=400)]
    reason: Said


class CompetitorSigns(Marking, frozen=True, kw_only=True, tag="competitor_signs"):
    """The competitor heard a sheet read aloud and agrees, refuses to sign, or was not there; witnessed by the
    seat that sends it. ``code``: the blind code as the competitor typed it ("" when nobody did)."""

    unit: str
    sub: str
    outcome: Literal["agrees", "refuses", "absent"]
    code: Annotated[str, msgspec.Meta(max_length=40)] = ""
    words: Said = ""
