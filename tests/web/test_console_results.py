"""Results in the console: two people make one official, a correction says why, files leave by version."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import pytest

from compsys import events as e
from tests.web.test_console import english, fill
from tests.web.venue import PASSWORD, Venue, played, venue
from tests.world import MAIN
from web import console_results
from web.accounts import make_account


async def locked(there: Venue, *, tied: bool = False) -> None:
    """Everything marked, signed and locked; ``tied``: the first two with the same total."""
    chief = there.world.seat("chief")
    for seat in ("s1", "s2", "s3", "chief"):
        await there.tablet(seat)
    devices = {d.seat: d.id for d in there.desk.state.devices.values() if not d.revoked}

    async def give(seat: str, command: e.Command) -> None:
        key = f"cooking/final/{seat}"
        role = there.desk.state.setup.seats[key].role
        call = e.Call(secrets.token_hex(16), e.Actor("seat", key, (role,)), command, devices[key])
        answer = await there.desk.submit(call)
        assert answer.a == "accepted", answer

    assert chief.roles == ("chief",)
    for i, unit in ((0, "u1"), (0 if tied else 1, "u2"), (2, "u3")):
        for seat in ("s1", "s2", "s3"):
            values = {"A1.J1": str(3 - i), "A1.J2": "2", "C1.P1": str(12 - i), "C1.P2": "11"}
            if seat == "s1":
                values |= {"B1.M1": "pass", "B1.M2": "3"}
            for aspect, value in values.items():
                whose = "*" if aspect.startswith("B") else f"cooking/final/{seat}"
                mark = e.Mark(stream=MAIN, unit=unit, aspect=aspect, seat=whose, round=1, value=value, base=0)
                await give(seat, mark)
        for seat in ("s1", "s2", "s3"):
            for sub in ("A1", "B1", "C1"):
                await give(seat, e.Sign(stream=MAIN, unit=unit, sub=sub, seat=f"cooking/final/{seat}"))
    await there.do(e.Lock(stream=MAIN, scope="stage"))


RESULT = "/console/results/cooking/final/open"


def test_an_official_result_needs_a_second_person_with_their_own_password(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            await locked(there)
            who = english(await there.organizer())
            assert (await make_account(there.desk, "ou", ("supervisor",), "another long one")).a == "accepted"
            assert (await make_account(there.desk, "co", ("coding_officer",), PASSWORD)).a == "accepted"
            official = {"rank": "official", "audience": "public"}
            results = there.desk.state.results
            for second, password, words in (
                ("lin", PASSWORD, "not you"),
                ("ou", PASSWORD, "wrong"),
                ("co", PASSWORD, "wrong"),
            ):
                told = await fill(
                    who,
                    RESULT,
                    f"{RESULT}/publish",
                    official | {"second": second, "second_password": password},
                )
                assert told.status == 409 and words in told.text and not results, second
                assert password not in told.text
            right = official | {"second": "ou", "second_password": "another long one"}
            assert (await fill(who, RESULT, f"{RESULT}/publish", right)).status == 303
            result = results["cooking", "final", "open"]
            assert result.state == "official" and result.versions[0].confirmed_by == "ou"
            page = (await who.get(RESULT)).text
            assert "confirmed by ou" in page and "Delegation 1" in page

    played(scene)


def test_the_second_person_may_confirm_on_their_own_screen(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            await locked(there)
            who = english(await there.organizer())
            second = english(await there.organizer("ou", ("supervisor",)))
            told = await fill(who, RESULT, f"{RESULT}/publish", {"rank": "official", "audience": "public"})
            assert told.status == 303 and told.headers["location"].endswith("done=asked")
            assert not there.desk.state.results
            wish = re.search(r'name="wish" value="([0-9a-f]+)"', (await second.get("/console")).text)
            assert wish
            own = await fill(
                who, "/console", "/console/confirm", {"wish": wish[1], "password": PASSWORD, "say": "yes"}
            )
            assert own.status == 409 and not there.desk.state.results
            wrong = {"wish": wish[1], "password": "not my password", "say": "yes"}
            assert (await fill(second, "/console", "/console/confirm", wrong)).status == 409
            right = {"wish": wish[1], "password": PASSWORD, "say": "yes"}
            for _ in range(2):  # a double click
                assert (await fill(second, "/console", "/console/confirm", right)).status == 303
            result = there.desk.state.results["cooking", "final", "open"]
            assert len(result.versions) == 1 and result.versions[0].confirmed_by == "ou"

    played(scene)


def test_a_result_names_nobody_until_it_leaves_the_office_and_goes_out_as_files(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            await locked(there)
            who = english(await there.organizer())
            assert (await who.get(f"{RESULT}.csv")).status == 404
            inside = {"rank": "provisional", "audience": "office"}
            assert (await fill(who, RESULT, f"{RESULT}/publish", inside)).status == 303
            page = (await who.get(RESULT)).text
            assert "A11" in page and "Delegation 1" not in page
            assert (
                await fill(who, RESULT, f"{RESULT}/publish", inside | {"audience": "delegations"})
            ).status == 303
            page = (await who.get(RESULT)).text
            assert "A11" in page and "Delegation 1" in page
            starts = {"csv": b"\xef\xbb\xbf", "xlsx": b"PK", "json": b"{", "pdf": b"%PDF-"}
            for form, start in starts.items():
                told = await who.get(f"{RESULT}.{form}")
                assert told.status == 200 and told.body.startswith(start), form
                assert f"cooking-final-open.{form}" in told.headers["content-disposition"]

    played(scene)


def test_a_correction_says_why_and_an_annulment_keeps_its_versions(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            await locked(there)
            who = english(await there.organizer())
            await there.organizer("ou", ("supervisor",))
            two = {"second": "ou", "second_password": PASSWORD}
            official = {"rank": "official", "audience": "public"}
            assert (await fill(who, RESULT, f"{RESULT}/publish", official | two)).status == 303
            chief = e.Actor("seat", "cooking/final/chief", ("chief",))
            device = next(d.id for d in there.desk.state.devices.values() if d.seat == chief.id)
            here = "/console/run/cooking/final"
            open_again = {"stream": MAIN, "scope": "stage", "reason": "wrong penalty"} | two
            assert (await fill(who, here, f"{here}/unlock", open_again)).status == 303
            fine = e.Adjust(
                stream=MAIN,
                id="p1",
                unit="u1",
                component="practice",
                amount="-5",
                reason="late",
                signers=("cooking/final/chief", "cooking/final/s1"),
            )
            answer = await there.desk.submit(e.Call(secrets.token_hex(16), chief, fine, device))
            assert answer.a == "accepted", answer
            await there.do(e.Lock(stream=MAIN, scope="stage"))
            missing = await fill(who, RESULT, f"{RESULT}/publish", official | two | {"reason": "penalty"})
            assert (
                missing.status == 409 and "public note" in missing.text and 'value="penalty"' in missing.text
            )
            whole = official | two | {"reason": "penalty", "note.en": "Code A11: five points"}
            assert (await fill(who, RESULT, f"{RESULT}/publish", whole)).status == 303
            result = there.desk.state.results["cooking", "final", "open"]
            assert [v.version for v in result.versions] == [1, 2] and result.versions[1].note
            gone = {"reason": "the task was known"} | two
            assert (await fill(who, RESULT, f"{RESULT}/annul", gone)).status == 303
            assert result.annulled and len(result.versions) == 2
            assert "Result void" in (await who.get(RESULT)).text

    played(scene)


def test_a_long_result_is_shown_page_by_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console_results, "ROWS", 2)

    async def scene() -> None:
        async with venue(tmp_path) as there:
            who = english(await there.organizer())
            assert (await who.get(f"{RESULT}?page=2")).status == 404
            await locked(there)
            out = {"rank": "provisional", "audience": "office"}
            assert (await fill(who, RESULT, f"{RESULT}/publish", out)).status == 303
            first, second = (await who.get(RESULT)).text, (await who.get(f"{RESULT}?page=2")).text
            assert f'href="{RESULT}?page=2"' in first and "A13" not in first
            assert "A13" in second and "A11" not in second
            assert (await who.get(f"{RESULT}?page=3")).status == 404

    played(scene)
