"""A seat that was handed over: what its tablets are told of each other, and when the earlier one is done.

Another tablet has the seat, and the earlier one may still hold marks: it brings them and does nothing else.
Both are told how the other stands, for as long as there are two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compsys.events import Actor, Call, RevokeDevice
from web.last_words import unsent

if TYPE_CHECKING:
    from compsys.desk import Bell
    from compsys.state import State
    from web.tablets import Tablet, Tablets


class HandedOver:
    """The seats with several tablets, or that had several."""

    def __init__(self, tablets: Tablets) -> None:
        self.tablets = tablets
        self.told_of: dict[str, dict[str, Any]] = {}
        """device -> what it was last told; a seat among them: it has, or had, several"""

    def welcomed(self, state: State, tablet: Tablet) -> dict[str, Any]:
        """What a tablet that comes is told in its hello."""
        standing = self._standing(state, tablet)
        if standing:
            self.told_of |= {tablet.device.seat: {}, tablet.device.id: standing}
        return standing

    def left(self, tablet: Tablet) -> None:
        """A connection ended: the seat's others hear of it."""
        if tablet.device.seat in self.told_of:
            self._tell(tablet.device.seat)

    def rang(self, state: State, bells: list[Bell]) -> None:
        """Tell the tablets of seats whose devices changed."""
        changed = {key[1] for bell in bells for key in bell.touched if key[0] == "device"}
        for seat in {state.devices[device].seat for device in changed if device in state.devices}:
            self._tell(seat)

    def spoke(self, tablet: Tablet) -> None:
        """A tablet said how it is: one that was superseded and has sent everything may act no more."""
        tablets = self.tablets
        device = tablets.desk.state.devices.get(tablet.device.id)
        if device is None or device.standing == "revoked":
            return
        if device.standing == "draining" and not tablet.words.pending and not tablet.unanswered:
            command = RevokeDevice(device=device.id, reason="drained")
            call = Call(tablets.settings.token(16), Actor("office", "office"), command)
            tablets.desk.put(call, 0, lambda answer: None)
        self.left(tablet)

    def _standing(self, state: State, tablet: Tablet) -> dict[str, Any]:
        """What a tablet is told of itself and of its seat's other tablets: ``standing`` (draining: another
        one has the seat, only marks are still taken) and ``others`` (``connected``, ``pending`` as last
        said or null); nothing where there is only this one."""
        rows = unsent(self.tablets, state, tablet.device.seat)
        if len(rows) < 2:
            return {}
        mine = next((row for row in rows if row["device"] == tablet.device.id), None)
        others = [row for row in rows if row is not mine and row["standing"] == "draining"]
        told = [{name: row[name] for name in ("connected", "pending")} for row in others]
        standing = mine["standing"] if mine else "revoked"
        return {"standing": standing, "others": told if standing == "active" else []}

    def _tell(self, seat: str) -> None:
        """Tell the tablets of a seat how each stands, where there are several or were."""
        state = self.tablets.desk.state
        lines = [tablet for tablet in self.tablets.by_device.values() if tablet.device.seat == seat]
        several = sum(row.seat == seat and not row.revoked for row in state.devices.values()) > 1
        if not several and seat not in self.told_of:
            return
        for tablet in lines:
            found = self._standing(state, tablet) or {"standing": "active", "others": []}
            if tablet.ready and self.told_of.get(tablet.device.id) != found:
                tablet.say({"m": "device", **found})
            self.told_of[tablet.device.id] = found
        self.told_of[seat] = {}
