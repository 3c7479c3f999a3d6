"""Pictures over HTTP: taken from a tablet once a mark names them, shown to those who may see the mark."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from websockets.asyncio.client import ClientConnection

from compsys import words
from compsys.evidence import plain
from tests.web.test_chief import chief_of
from tests.web.test_incidents import floor_of, with_floor
from tests.web.venue import Browser, Told, Venue, act, greeted, mark, played, venue
from tests.world import MAIN


def picture(colour: tuple[int, int, int] = (180, 40, 30), *, told: bool = False) -> bytes:
    """A small JPEG; ``told``: with what a camera writes beside it."""
    out = io.BytesIO()
    image = Image.new("RGB", (64, 48), colour)
    exif = Image.Exif()
    exif[0x010F] = "a camera of mine"
    image.save(out, "JPEG", **({"exif": exif.tobytes()} if told else {}))
    return out.getvalue()


def sha_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def bring(browser: Browser, data: bytes) -> Told:
    """As a tablet brings a picture."""
    form = (await browser.get("/seat/pin", Accept="application/json")).json["form"]
    headers = {"Content-Type": "image/jpeg", "Accept": "application/json", "X-Compsys-Form": form}
    return await browser.ask("POST", "/seat/evidence", data, headers)


async def given(socket: ClientConnection, seat: str, aspect: str, value: str, **more: Any) -> None:
    (answer,) = await act(socket, mark(seat, aspect, value, **more))
    assert answer["a"] == "accepted", answer


async def votes(there: Venue, seat: str, aspect: str, value: str, **more: Any) -> Browser:
    browser = await there.tablet(seat)
    async with browser.socket("/live/seat") as socket:
        await greeted(socket)
        await given(socket, seat, aspect, value, **more)
    return browser


def test_a_picture_comes_after_its_mark_and_is_seen_after_the_reveal(tmp_path: Path) -> None:
    data = picture()
    sha = sha_of(data)

    async def scene() -> None:
        async with venue(tmp_path) as there:
            chief, other = await chief_of(there), await there.tablet("s2")
            early = await there.tablet("s1")
            assert (await bring(early, data)).status == 409, "no mark names it yet"
            first = await votes(there, "s1", "A1.J1", "2", files=[sha])
            assert (await bring(other, data)).status == 409, "no mark of this seat names it"
            took = await bring(first, data)
            assert took.status == 200 and took.json == {"sha256": sha}
            assert (await bring(first, data)).status == 200, "brought again after a lost answer"
            kept = Path(there.desk.directory) / "evidence" / sha
            assert kept.read_bytes() == data
            assert (await first.get(f"/seat/evidence/{sha}")).body == data
            hidden = await other.get(f"/seat/evidence/{sha}")
            unknown = await other.get(f"/seat/evidence/{'0' * 64}")
            assert hidden.status == unknown.status == 404
            page = (await chief.get("/chief/sheet/A11/A1")).text
            assert sha not in page and (await chief.get(f"/chief/evidence/{sha}")).status == 404
            for seat in ("s2", "s3"):
                await votes(there, seat, "A1.J1", "2")
            page = (await chief.get("/chief/sheet/A11/A1")).text
            assert f'src="/chief/evidence/{sha}"' in page
            shown = await chief.get(f"/chief/evidence/{sha}")
            assert shown.body == data and shown.headers["content-type"] == "image/jpeg"
            kept.unlink()
            page = (await chief.get("/chief/sheet/A11/A1")).text
            assert words.say("picture.coming", "en") in page and f'src="/chief/evidence/{sha}"' not in page

    played(scene)


def test_what_is_no_picture_or_tells_of_its_camera_is_not_taken_from_a_tablet(tmp_path: Path) -> None:
    bad = [b"GIF89a......", b"<svg onload=x>", picture(told=True), b""]

    async def scene() -> None:
        async with venue(tmp_path) as there:
            one = await votes(there, "s1", "A1.J1", "2", files=[sha_of(data) for data in bad])
            for data in bad:
                told = await bring(one, data)
                assert (told.status, told.json["code"]) == (415, "picture.kind"), data[:8]
            assert not (Path(there.desk.directory) / "evidence").exists()
            huge = picture() + bytes(5 * 1024 * 1024)
            assert (await bring(one, huge)).status == 413

    played(scene)


def test_a_report_brings_its_picture_without_the_cameras_words(tmp_path: Path) -> None:
    raw = picture(told=True)
    sha = sha_of(plain(raw))

    async def scene() -> None:
        async with venue(tmp_path, world=with_floor()) as there:
            floor, chief = await floor_of(there), await chief_of(there)
            office = await there.organizer("lin")
            token = await floor.form_token("/floor/report")
            fields = {"csrf": token, "k": "a" * 32, "do": "report", "incident": "injury", "text": "a cut"}
            named = "--b\r\nContent-Disposition: form-data; name="
            parts = [f'{named}"{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
            head = f'{named}"picture"; filename="x.jpg"\r\n\r\n'
            body = ("".join(parts) + head).encode() + raw + b"\r\n--b--\r\n"
            kind = {"Content-Type": "multipart/form-data; boundary=b"}
            assert (await floor.ask("POST", "/floor/report", body, kind)).status == 303
            assert f"/chief/evidence/{sha}" in (await chief.get("/chief/incidents")).text
            sent = (await chief.get(f"/chief/evidence/{sha}")).body
            assert b"a camera of mine" in raw and b"a camera of mine" not in sent
            assert Image.open(io.BytesIO(sent)).size == (64, 48)
            at = f"/console/evidence/{MAIN}/{sha}"
            assert at in (await office.get("/console/incidents")).text
            assert (await office.get(at)).body == sent

    played(scene)


def test_backup_verify_and_doctor_know_the_pictures(tmp_path: Path) -> None:
    data = picture()
    sha, lost = sha_of(data), "ab" * 32

    async def scene() -> None:
        async with venue(tmp_path) as there:
            one = await votes(there, "s1", "A1.J1", "2", files=[sha, lost])
            assert (await bring(one, data)).status == 200

    played(scene)
    home, copy = tmp_path / "data", tmp_path / "copy"

    def run(*words: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "compsys", *words], capture_output=True, text=True, timeout=120
        )
        return done.returncode, done.stdout

    status, told = run("backup", str(copy), "--dir", str(home), "--json")
    assert status == 0 and json.loads(told)["pictures"] == 1, told
    assert (copy / "evidence" / sha).read_bytes() == data
    status, told = run("verify", str(copy), "--json")
    note = {"code": "pictures", "named": 2, "there": 1, "differ": 0}
    found = [one for one in json.loads(told)["notes"] if one["code"] == "pictures"]
    assert status == 0 and found and note.items() <= found[0].items(), told
    out = tmp_path / "out" / "journal.jsonl"
    out.parent.mkdir()
    assert run("export", str(home), "--journal", "--out", str(out))[0] == 0
    assert (out.parent / "evidence" / sha).read_bytes() == data
    status, told = run("verify", str(out), "--json")
    assert status == 0 and [n for n in json.loads(told)["notes"] if note.items() <= n.items()], told
    (copy / "evidence" / sha).write_bytes(b"\xff\xd8\xff other")
    status, told = run("verify", str(copy), "--json")
    assert status == 1 and any(p["code"] == "picture_differs" for p in json.loads(told)["problems"]), told
    (home / "evidence" / sha).write_bytes(b"\xff\xd8\xff other")
    _, told = run("doctor", str(home), "--json")
    checks = {one["check"]: one for one in json.loads(told)["checks"]}
    assert checks["pictures"]["state"] == "bad", told
