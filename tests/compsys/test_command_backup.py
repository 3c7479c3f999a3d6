"""``compsys backup``: a copy made while the server marks, checked, and good to go on from."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path

import pytest

from compsys import control
from compsys import events as e
from compsys.vault import Identity, canonical, commitment
from tests.compsys.test_command_line import run
from tests.web.venue import act, greeted, hear, mark, played, venue


@pytest.fixture(autouse=True, name="english")
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPSYS_LANG", "en")


def test_a_copy_made_beside_marking_is_whole_and_can_be_gone_on_from(tmp_path: Path) -> None:
    to, keys = tmp_path / "usb", tmp_path / "other"

    async def scene() -> None:
        async with venue(tmp_path) as there, control.listening(there.desk, tmp_path / "data"):
            who = Identity({"en": "Li Na"}, "passport", "E1234567")
            await there.desk.put_persons([("p1", who)])
            salt = there.desk.fresh()
            await there.do(e.BindPerson(person="p1", commitment=commitment(salt, canonical(who)), salt=salt))
            tablet = await there.tablet("s1")
            async with tablet.socket("/live/seat") as socket:
                await greeted(socket)
                assert (await act(socket, mark("s1", "A1.J1", "2")))[0]["a"] == "accepted"
                words = ("backup", to, "--keys", keys, "--dir", tmp_path / "data", "--json")
                copying = asyncio.create_task(asyncio.to_thread(run, *words))
                while not copying.done():
                    assert (await act(socket, mark("s1", "A1.J2", "2")))[0]["a"] in ("accepted", "conflict")
            done = await copying
            told = json.loads(done.stdout)
            assert done.exit_code == 0 and told["ok"] and told["bytes"] > 0, done.output
            assert told["heads"]["cooking.final.main"][0] > 2
            assert not (to / "keys").exists()

    played(scene)
    assert run("verify", to).exit_code == 0
    (tmp_path / "heads.json").write_text(run("verify", to, "--json").stdout)
    assert run("verify", tmp_path / "data", "--head", tmp_path / "heads.json").exit_code == 0
    keys.rename(to / "keys")
    assert "Li Na" in run("export", to).stdout


def test_nothing_is_written_over_and_keys_stay_apart(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path):
            pass

    played(scene)
    data, to = tmp_path / "data", tmp_path / "usb"
    refused = run("backup", to, "--keys", to / "keys", "--dir", data)
    assert refused.exit_code == 1 and "whoever has both has the names" in refused.output
    assert run("backup", to, "--dir", data).exit_code == 0
    before = (to / "journal.db").read_bytes()
    again = run("backup", to, "--dir", data)
    assert again.exit_code == 1 and "exists already" in again.output
    assert (to / "journal.db").read_bytes() == before
    assert run("backup", to / "two", "--dir", tmp_path / "nothing").exit_code == 2


def test_a_copy_off_this_machine_is_told_and_one_on_the_same_disk_is_none(tmp_path: Path) -> None:
    other = tempfile.TemporaryDirectory(dir="/dev/shm")  # another file system than the tests'
    to, data = Path(other.name) / "usb", tmp_path / "data"

    async def scene() -> None:
        async with venue(tmp_path) as there, control.listening(there.desk, data):
            tablet = await there.tablet("s1")
            async with tablet.socket("/live/seat") as socket:
                hello = await greeted(socket)
                assert "kept" not in hello
                assert (await act(socket, mark("s1", "A1.J1", "2")))[0]["a"] == "accepted"
                same = ("backup", tmp_path / "same", "--elsewhere", "here", "--dir", data)
                refused = await asyncio.to_thread(run, *same)
                assert refused.exit_code == 1 and "same disk" in refused.output
                assert not there.desk.state.kept.at
                words = ("backup", to, "--elsewhere", "red stick", "--dir", data)
                done = await asyncio.to_thread(run, *words)
                assert done.exit_code == 0 and "red stick" in done.output
                await socket.send('{"m":"ping","pending":0}')
                # The vote is sealed: what is told of the copy ends before it.
                n = there.desk.state.streams["cooking.final.main"].n
                assert (await hear(socket, "pong"))["kept"] == n - 1

    played(scene)
    # Without a server the command opens the directory itself.
    done = run("backup", Path(other.name) / "two", "--elsewhere", "blue stick", "--dir", data, "--json")
    assert done.exit_code == 0 and json.loads(done.stdout)["ok"], done.output
    other.cleanup()
