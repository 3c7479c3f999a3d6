"""What holders may do: come in by a private link, ask for a name to be corrected, share a view, take it back.

Architecture Invariant: a holder's command is about that holder alone; what is another's is answered as what
does not exist. Only what was issued is there for a holder at all.
"""

from __future__ import annotations

from compsys import commands_holder as c
from compsys import events as e
from compsys import facts_holder as f
from compsys.asking import APPLY, Ask, Decided, Decider, Touched
from compsys.clock import millis, text
from compsys.holder_papers import issued
from compsys.people import OFFICER, ORGANIZER
from compsys.state import State, Stream
from compsys.state_holder import Correction, HolderLink, View

DAY = 86_400_000
LINK_DAYS = 400
"""The longest life of a link or a shared view."""
CAME = 200
"""Browsers that may come in by one link."""
IN_DAYS = 30
"""How long a browser stays in, if its link works as long."""
ASKED = 20
"""Corrections that one person may ask for."""
VIEWS = 20
"""Views that one person may have shared at a time; all that ever were: ten times as many."""


def _within(expires: str, now: str) -> bool:
    try:
        return 0 < millis(expires) - millis(now) <= LINK_DAYS * DAY
    except ValueError:
        return False


def _own(ask: Ask, person: str) -> bool:
    """Whether a holder speaks for this person."""
    actor = ask.call.actor
    return actor.kind == "holder" and actor.id == person


# ---------------------------------------------------------------- links


def decide_issue(ask: Ask, cmd: c.IssueHolderLinks) -> Decided:
    """A link each; who has nothing that was issued gets none, for it would show nothing."""
    persons = tuple(person for person, _ in cmd.rows)
    if len(set(persons)) < len(persons) or not _within(cmd.expires, ask.now):
        return e.Refused("malformed", {"field": "rows" if _within(cmd.expires, ask.now) else "expires"})
    for person in persons:
        if not issued(ask.state, person):
            return e.Refused("holder.nothing_issued", {"person": person[:80]})
    event = f.HolderLinksIssued(**ask.stamp, persons=persons, expires=cmd.expires, slip=cmd.slip)
    return [ask.line(e.COMPETITION, event, secret=[digest for _, digest in cmd.rows])]


def apply_issued(
    state: State, stream: Stream | None, n: int, event: f.HolderLinksIssued, closed: e.Closed
) -> Touched:
    """The new link works, the older one no more."""
    held = state.holders
    for person, digest in zip(event.persons, closed.secret or (), strict=False):
        old = held.links.pop(held.link_of.pop(person, ""), None)
        if old is not None:
            old.revoked = "new"
        held.links[digest] = HolderLink(person, digest, event.expires, event.t, event.slip)
        held.link_of[person] = digest
    return tuple(("holder", person) for person in event.persons)


def decide_revoke(ask: Ask, cmd: c.RevokeHolderLink) -> Decided:
    """The office's word; or the door's own, which counted wrong answers to this very link."""
    held = ask.state.holders
    digest = held.link_of.get(cmd.person, "")
    link = held.links.get(digest)
    if link is None or link.revoked or (cmd.link and cmd.link != digest):
        return e.Refused("holder.no_link", {"person": cmd.person[:80]})
    if ask.call.actor.kind == "holder" and not (_own(ask, cmd.person) and cmd.link and cmd.why == "guessed"):
        return e.Refused("not_allowed", {"role": "holder"})
    return [ask.line(e.COMPETITION, f.HolderLinkRevoked(**ask.stamp, person=cmd.person, why=cmd.why))]


def apply_revoked(
    state: State, stream: Stream | None, n: int, event: f.HolderLinkRevoked, closed: e.Closed
) -> Touched:
    """Nobody comes in by it, and who came is out."""
    link = state.holders.links.get(state.holders.link_of.get(event.person, ""))
    if link is not None:
        link.revoked = event.why
    return (("holder", event.person),)


def decide_enter(ask: Ask, cmd: c.EnterAsHolder) -> Decided:
    """The question was answered; one and the same refusal for every link that does not work."""
    link = ask.state.holders.link(cmd.link, ask.now)
    if link is None or link.person != cmd.person or not _own(ask, cmd.person) or link.came >= CAME:
        return e.Refused("holder.link_bad")
    secret = {"link": cmd.link, "session": cmd.session}
    return [ask.line(e.COMPETITION, f.HolderCame(**ask.stamp, person=cmd.person), secret=secret)]


def apply_came(
    state: State, stream: Stream | None, n: int, event: f.HolderCame, closed: e.Closed
) -> Touched:
    """The browser is in for as long as its link works."""
    secret = closed.secret or {}
    link = state.holders.links.get(secret.get("link", ""))
    if link is not None:
        link.came, link.last = link.came + 1, event.t
        until = text(millis(event.t) + IN_DAYS * DAY)
        state.holders.sessions[secret["session"]] = link.digest, until
    return (("holder", event.person),)


def decide_leave(ask: Ask, cmd: c.LeaveAsHolder) -> Decided:
    """Out of this browser."""
    link = ask.state.holders.session(cmd.session, ask.now)
    if link is None or link.person != cmd.person or not _own(ask, cmd.person):
        return e.Refused("holder.link_bad")
    return [ask.line(e.COMPETITION, f.HolderLeft(**ask.stamp, person=cmd.person), secret=cmd.session)]


def apply_left(
    state: State, stream: Stream | None, n: int, event: f.HolderLeft, closed: e.Closed
) -> Touched:
    """The browser's secret is worth nothing."""
    state.holders.sessions.pop(closed.secret or "", None)
    return (("holder", event.person),)


# ---------------------------------------------------------------- corrections


def decide_ask(ask: Ask, cmd: c.AskCorrection) -> Decided:
    """One at a time, of the own name."""
    held = ask.state.holders
    if not _own(ask, cmd.person) or not issued(ask.state, cmd.person):
        return e.Refused("not_allowed", {"role": "holder"})
    before = held.corrections_of.get(cmd.person, ())
    if cmd.id in held.corrections:
        return e.Refused("malformed", {"field": "id"})
    if any(one in held.waiting for one in before):
        return e.Refused("holder.correction_waits")
    if len(before) >= ASKED:
        return e.Refused("holder.too_many", {"n": str(ASKED)})
    return [ask.line(e.COMPETITION, f.CorrectionAsked(**ask.stamp, id=cmd.id, person=cmd.person))]


def apply_asked(
    state: State, stream: Stream | None, n: int, event: f.CorrectionAsked, closed: e.Closed
) -> Touched:
    """It waits for an officer."""
    held = state.holders
    held.corrections[event.id] = Correction(event.id, event.person, event.t)
    held.corrections_of.setdefault(event.person, []).append(event.id)
    held.waiting.add(event.id)
    return (("holder", event.person), ("corrections",))


def decide_settle(ask: Ask, cmd: c.SettleCorrection) -> Decided:
    """Once; accepted, the same commit binds the person to the corrected name."""
    found = ask.state.holders.corrections.get(cmd.id)
    if found is None:
        return e.Refused("holder.correction_unknown", {"id": cmd.id})
    if found.state != "waiting":
        return e.Refused("holder.correction_settled", {"id": cmd.id})
    account = ask.state.accounts.get(cmd.confirmed_by)
    if account is None or not {ORGANIZER, OFFICER} & set(account.roles):
        return e.Refused("confirmation_missing")
    accepted = bool(cmd.commitment)
    if accepted and len(cmd.salt) < 32:
        return e.Refused("malformed", {"field": "salt"})
    event = f.CorrectionSettled(**ask.stamp, id=cmd.id, accepted=accepted, by=cmd.confirmed_by)
    lines = [ask.line(e.COMPETITION, event)]
    if accepted:
        bound = e.PersonBound(**ask.stamp, person=found.person, commitment=cmd.commitment)
        lines.append(ask.more(e.COMPETITION, bound, secret=cmd.salt))
    return lines


def apply_settled(
    state: State, stream: Stream | None, n: int, event: f.CorrectionSettled, closed: e.Closed
) -> Touched:
    """The holder reads what became of it."""
    found = state.holders.corrections[event.id]
    found.state = "accepted" if event.accepted else "refused"
    found.settled, found.by, found.n = event.t, event.by, n
    state.holders.waiting.discard(event.id)
    return (("holder", found.person), ("corrections",))


# ---------------------------------------------------------------- shared views


def decide_share(ask: Ask, cmd: c.ShareView) -> Decided:
    """Own credentials, all of which were issued, for a time."""
    held, now = ask.state.holders, ask.now
    if not _own(ask, cmd.person) or not set(cmd.credentials) <= set(issued(ask.state, cmd.person)):
        return e.Refused("not_allowed", {"role": "holder"})
    if not _within(cmd.expires, now) or cmd.id in held.views or cmd.token in held.view_by:
        return e.Refused("malformed", {"field": "expires"})
    views = [held.views[one] for one in held.views_of.get(cmd.person, ())]
    open_now = [view for view in views if not view.revoked and view.expires > now]
    if len(open_now) >= VIEWS or len(views) >= 10 * VIEWS:
        return e.Refused("holder.too_many", {"n": str(VIEWS)})
    chosen = tuple(dict.fromkeys(cmd.credentials))
    event = f.ViewShared(
        **ask.stamp, id=cmd.id, person=cmd.person, credentials=chosen, expires=cmd.expires
    )
    return [ask.line(e.COMPETITION, event, secret=cmd.token)]


def apply_shared(
    state: State, stream: Stream | None, n: int, event: f.ViewShared, closed: e.Closed
) -> Touched:
    """Whoever has the token may look."""
    held = state.holders
    digest = closed.secret or ""
    held.views[event.id] = View(event.id, event.person, digest, event.credentials, event.expires, event.t)
    held.views_of.setdefault(event.person, []).append(event.id)
    if digest:
        held.view_by[digest] = event.id
    return (("holder", event.person),)


def decide_revoke_view(ask: Ask, cmd: c.RevokeView) -> Decided:
    """The holder's own word, at any time."""
    view = ask.state.holders.views.get(cmd.id)
    if view is None or view.person != cmd.person or not _own(ask, cmd.person) or view.revoked:
        return e.Refused("holder.no_view")
    return [ask.line(e.COMPETITION, f.ViewRevoked(**ask.stamp, id=cmd.id))]


def apply_view_revoked(
    state: State, stream: Stream | None, n: int, event: f.ViewRevoked, closed: e.Closed
) -> Touched:
    """Nobody looks by it any more."""
    view = state.holders.views[event.id]
    view.revoked = event.t
    return (("holder", view.person),)


def decide_open(ask: Ask, cmd: c.OpenView) -> Decided:
    """Counted for the holder."""
    view = ask.state.holders.views.get(cmd.id)
    if view is None or view.revoked or view.expires <= ask.now:
        return e.Refused("holder.link_bad")
    return [ask.line(e.COMPETITION, f.ViewOpened(**ask.stamp, id=cmd.id))]


def apply_opened(
    state: State, stream: Stream | None, n: int, event: f.ViewOpened, closed: e.Closed
) -> Touched:
    """One more, and when."""
    view = state.holders.views[event.id]
    view.opened, view.last = view.opened + 1, event.t
    return (("holder", view.person),)


DECIDE: dict[type[e.Command], Decider] = {
    c.IssueHolderLinks: decide_issue,
    c.RevokeHolderLink: decide_revoke,
    c.EnterAsHolder: decide_enter,
    c.LeaveAsHolder: decide_leave,
    c.AskCorrection: decide_ask,
    c.SettleCorrection: decide_settle,
    c.ShareView: decide_share,
    c.RevokeView: decide_revoke_view,
    c.OpenView: decide_open,
}
APPLY_TABLE: dict[type[e.Event], APPLY] = {
    f.HolderLinksIssued: apply_issued,
    f.HolderLinkRevoked: apply_revoked,
    f.HolderCame: apply_came,
    f.HolderLeft: apply_left,
    f.CorrectionAsked: apply_asked,
    f.CorrectionSettled: apply_settled,
    f.ViewShared: apply_shared,
    f.ViewRevoked: apply_view_revoked,
    f.ViewOpened: apply_opened,
}
