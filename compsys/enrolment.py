"""Accounts, one-time links, devices and erasures: who can come in, as lines of the competition stream."""

from __future__ import annotations

import msgspec

from compsys import events as e
from compsys.asking import APPLY, Ask, Decided, Decider, Touched
from compsys.people import MARKERS
from compsys.state import Account, Device, Link, State, Stream

ROLES = ("organizer", "supervisor", "coding_officer", "officer")


def decide_make_account(ask: Ask, cmd: e.MakeAccount) -> Decided:
    """An account with its roles; the same id again changes password or roles."""
    if not cmd.account or not cmd.roles or any(role not in ROLES for role in cmd.roles):
        return e.Refused("malformed", {"field": "roles"})
    event = e.AccountMade(**ask.stamp, account=cmd.account, roles=cmd.roles)
    return [ask.line(e.COMPETITION, event, secret=cmd.secret)]


def apply_account_made(
    state: State, stream: Stream | None, n: int, event: e.AccountMade, closed: e.Closed
) -> Touched:
    """The account can log in."""
    state.accounts[event.account] = Account(event.account, event.roles, closed.secret or "")
    return (("setup", "account", event.account),)


def decide_issue_link(ask: Ask, cmd: e.IssueLink) -> Decided:
    """A new one-time link of a seat; older unspent ones of the seat stop working. A chief hands over the
    seats of the own trade, stage and site, but for a chief's."""
    seat = ask.state.setup.seats.get(cmd.seat)
    if seat is None:
        return e.Refused("unknown_seat", {"seat": cmd.seat[:60]})
    actor = ask.call.actor
    chief = ask.state.setup.seats.get(actor.id) if actor.kind == "seat" else None
    if chief is not None:
        where = (chief.trade, chief.stage, chief.site)
        if where != (seat.trade, seat.stage, seat.site) or seat.role == "chief":
            return e.Refused("not_yours", {"stream": cmd.seat})
    event = e.LinkIssued(**ask.stamp, seat=cmd.seat, expires=cmd.expires, slip=cmd.slip or msgspec.UNSET)
    return [ask.line(e.COMPETITION, event, secret=cmd.token)]


def apply_link_issued(
    state: State, stream: Stream | None, n: int, event: e.LinkIssued, closed: e.Closed
) -> Touched:
    """The link works once."""
    for link in state.links.values():
        if link.seat == event.seat:
            link.spent = True
    if closed.secret:
        state.links[closed.secret] = Link(event.seat, closed.secret, event.expires, slip=event.slip is True)
    return (("setup", "seat", event.seat),)


def decide_enrol(ask: Ask, cmd: e.Enrol) -> Decided:
    """Spend a link: the device takes the seat by the same act from the one that had it.

    The tablet of a seat that marks may hold marks that nobody has seen yet: it is superseded, not revoked,
    and may still send them. Of any other seat the old device is revoked.
    """
    link = ask.state.links.get(cmd.token)
    if link is None or link.seat != cmd.seat:
        return e.Refused("link_unknown")
    if link.spent:
        return e.Refused("link_spent")
    if link.expires <= ask.now:
        return e.Refused("link_expired")
    event = e.Enrolled(
        **ask.stamp, seat=cmd.seat, device=cmd.device, approved=cmd.approved or msgspec.UNSET
    )
    secret = {"token": cmd.token, "key": cmd.device_key} | ({"public": cmd.public} if cmd.public else {})
    lines = [ask.line(e.COMPETITION, event, secret=secret)]
    seat = ask.state.setup.seats.get(cmd.seat)
    marks = seat is not None and seat.role in MARKERS
    for device in ask.state.devices.values():
        if device.seat == cmd.seat and device.standing == "active":
            kind = e.DeviceSuperseded if marks else e.DeviceRevoked
            lines.append(ask.more(e.COMPETITION, kind(**ask.stamp, device=device.id), text="taken over"))
    return lines


def apply_enrolled(
    state: State, stream: Stream | None, n: int, event: e.Enrolled, closed: e.Closed
) -> Touched:
    """The device is the seat's."""
    secret = closed.secret or {}
    link = state.links.get(secret.get("token", ""))
    if link is not None:
        link.spent = True
    state.devices[event.device] = Device(
        event.device,
        event.seat,
        secret.get("key", ""),
        n=n,
        approved=event.approved or "",
        public=secret.get("public", ""),
    )
    return (("device", event.device),)


def decide_revoke_device(ask: Ask, cmd: e.RevokeDevice) -> Decided:
    """A device loses its right to act."""
    if cmd.device not in ask.state.devices:
        return e.Refused("not_enrolled")
    return [ask.line(e.COMPETITION, e.DeviceRevoked(**ask.stamp, device=cmd.device), text=cmd.reason)]


def apply_device_revoked(
    state: State, stream: Stream | None, n: int, event: e.DeviceRevoked, closed: e.Closed
) -> Touched:
    """Nothing more is taken from the device."""
    device = state.devices.get(event.device)
    if device is not None:
        device.revoked = True
    return (("device", event.device),)


def apply_device_superseded(
    state: State, stream: Stream | None, n: int, event: e.DeviceSuperseded, closed: e.Closed
) -> Touched:
    """Marks are all that is still taken from the device."""
    device = state.devices.get(event.device)
    if device is not None:
        device.superseded = True
    return (("device", event.device),)


def decide_withhold(ask: Ask, cmd: e.Withhold) -> Decided:
    """Say which closed part is erased and why (the erasing itself is the journal's)."""
    n, _ = ask.state.position(cmd.stream)
    if not 1 <= cmd.n <= n:
        return e.Refused("unknown_stream", {"stream": cmd.stream, "n": str(cmd.n)})
    if not cmd.reason.strip():
        return e.Refused("reason_missing")
    return [ask.line(e.COMPETITION, e.Withheld(**ask.stamp, stream=cmd.stream, n=cmd.n), text=cmd.reason)]


def apply_withheld(
    state: State, stream: Stream | None, n: int, event: e.Withheld, closed: e.Closed
) -> Touched:
    """The closed part is gone; what it held was folded before, or never is."""
    state.withheld.append((event.stream, event.n))
    return ()


DECIDE: dict[type[e.Command], Decider] = {
    e.MakeAccount: decide_make_account,
    e.IssueLink: decide_issue_link,
    e.Enrol: decide_enrol,
    e.RevokeDevice: decide_revoke_device,
    e.Withhold: decide_withhold,
}
APPLY_TABLE: dict[type[e.Event], APPLY] = {
    e.AccountMade: apply_account_made,
    e.LinkIssued: apply_link_issued,
    e.Enrolled: apply_enrolled,
    e.DeviceRevoked: apply_device_revoked,
    e.DeviceSuperseded: apply_device_superseded,
    e.Withheld: apply_withheld,
}
