"""Refusals that are final for their key: kept in memory, read again at a start, told by other desks."""

from __future__ import annotations

import json
from collections import OrderedDict

from compsys import events as e
from compsys.journal_api import AuditEntry

KEPT = 50_000
_NO_ANSWER = ("key_reused", "bad_key", "throttled")
"""Codes of refusals that leave their key as it was."""


RESTS = (
    "bad_round", "holes", "conflict_open", "spread_open", "not_spread", "not_revealed", "not_signed",
    "not_open", "unknown_sheet", "session_state", "keyed_unconfirmed",
)  # fmt: skip
"""Codes of refusals that something given by others may lift."""


def waits(call: e.Call, refused: e.Refused) -> e.Answer | None:
    """Undecided, where a tablet gives again what an older history had accepted, and what that rests on has
    not come again: a refusal would be final for its key."""
    if not call.again or refused.code not in RESTS:
        return None
    return e.Answer(k=call.key, a="retry", code="rests_on_others")


class Refusals:
    """The newest refused keys, each with the digest of what was asked under it and the answer."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[str, e.Answer]] = OrderedDict()

    def get(self, key: str) -> tuple[str, e.Answer] | None:
        """What was asked under a key, as a digest, and how it was refused."""
        return self._kept.get(key)

    def forget(self, key: str) -> None:
        """The refusal may have rested on lines that are lost."""
        self._kept.pop(key, None)

    def refuse(self, call: e.Call, refused: e.Refused, now: str, audits: list[AuditEntry]) -> e.Answer:
        """Refuse a call for good; the entry of the audit table is added to ``audits``."""
        answer = e.Answer(k=call.key, a="refused", code=refused.code, params=refused.params)
        content = e.content_digest(call.actor, call.command)
        detail = json.dumps(
            {"h": content, "params": refused.params, "who": call.actor.id}, ensure_ascii=False
        )
        audits.append(AuditEntry(now, call.device or call.actor.id, call.key, refused.code, detail))
        if refused.code not in _NO_ANSWER:
            self._keep(call.key, content, answer)
        return answer

    def again(
        self, call: e.Call, known: tuple[str, e.Answer], now: str, audits: list[AuditEntry]
    ) -> e.Answer:
        """The same refusal for the same call; other content under its key is refused and audited."""
        if known[0] == e.content_digest(call.actor, call.command):
            return e.Answer(k=call.key, a="refused", code=known[1].code, params=known[1].params, dup=True)
        return self.refuse(call, e.Refused("key_reused"), now, audits)

    def remember(self, entry: AuditEntry) -> None:
        """Take up what the audit table says."""
        if entry.code in _NO_ANSWER or not entry.key:
            return
        told = json.loads(entry.detail or "{}")
        answer = e.Answer(k=entry.key, a="refused", code=entry.code, params=told.get("params", {}))
        self._keep(entry.key, told.get("h", ""), answer)

    def _keep(self, key: str, content: str, answer: e.Answer) -> None:
        self._kept[key] = (content, answer)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
