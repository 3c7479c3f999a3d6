"""A tablet's own key: its cookie alone opens no connection and sends no form, and the console says so."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from websockets.asyncio.client import ClientConnection

from compsys import events as e
from tests.web.venue import Browser, Venue, act, ended, hear, mark, played, tell, venue
from web import device_keys
from web.access import DEVICE_COOKIE, secret_digest

SEAT = "cooking/final/s1"
STORE = f"c-test/{SEAT}"
HELLO = {"m": "hello", "v": 2, "boot": "00", "cursor": None, "pending": 0, "lang": "en"}


def text(data: bytes) -> str:
    """As browsers write bytes."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def public(key: ec.EllipticCurvePrivateKey) -> str:
    """A key's public half."""
    return text(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def signed(key: ec.EllipticCurvePrivateKey, asked: str, store: str = STORE) -> str:
    """What a browser's key makes of a question."""
    r, s = utils.decode_dss_signature(key.sign(device_keys.question(store, asked), ec.ECDSA(SHA256())))
    return text(r.to_bytes(32) + s.to_bytes(32))


def test_only_the_key_itself_answers_and_only_what_was_asked() -> None:
    key, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    mine = public(key)
    assert device_keys.proves(mine, STORE, "aa", signed(key, "aa"))
    assert not device_keys.proves(mine, STORE, "ab", signed(key, "aa"))
    assert not device_keys.proves(mine, STORE, "aa", signed(other, "aa"))
    assert not device_keys.proves(mine, STORE, "aa", signed(key, "aa", "c-test/cooking/final/s2"))
    for bad in ("", "x", "AAAA", "ä", "A" * 86):
        assert not device_keys.proves(mine, STORE, "aa", bad)
        assert not device_keys.sound(bad)
    assert device_keys.sound(mine)
    assert not device_keys.sound(text(b"\x04" + bytes(64))), "a point beside the curve"


async def enrolled(place: Venue, key: ec.EllipticCurvePrivateKey) -> Browser:
    """A tablet with a key of its own, as one that was enrolled over TLS."""
    token, secret, device = secrets.token_hex(16), secrets.token_hex(16), secrets.token_hex(8)
    until = "2099-01-01T00:00:00.000Z"
    await place.do(e.IssueLink(seat=SEAT, token=secret_digest(token), expires=until))
    spent = {"seat": SEAT, "token": secret_digest(token), "device": device}
    command = e.Enrol(**spent, device_key=secret_digest(secret), public=public(key))
    await place.do(command, e.Actor("seat", SEAT, ("link",)))
    browser = place.browser()
    browser.cookies[DEVICE_COOKIE] = f"{device}.{secret}"
    return browser


async def welcomed(socket: ClientConnection, key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    """Answer what the server asks, and be welcomed."""
    nonce = (await hear(socket, "ask"))["nonce"]
    await tell(socket, HELLO | {"proof": signed(key, nonce)})
    return await hear(socket, "hello")


def test_a_copied_cookie_opens_no_connection_and_sends_no_form(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            key, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
            mine = await enrolled(place, key)
            thief = place.browser()
            thief.cookies |= mine.cookies
            console = await place.organizer()
            async with mine.socket("/live/seat") as line:
                assert "whole" in await welcomed(line, key)
                old = (await hear_ask(mine))[0]
                for proof in ({}, {"proof": signed(key, old)}, {"proof": "AAAA"}):
                    async with thief.socket("/live/seat") as wrong:
                        await hear(wrong, "ask")
                        await tell(wrong, HELLO | proof)
                        assert await ended(wrong) == (4403, "no_key")
                async with thief.socket("/live/seat") as wrong:
                    nonce = (await hear(wrong, "ask"))["nonce"]
                    await tell(wrong, HELLO | {"proof": signed(other, nonce)})
                    assert await ended(wrong) == (4403, "no_key")
                assert (await act(line, mark("s1", "A1.J1", "2")))[0]["a"] == "accepted", "it goes on"
            known = await thief.get("/seat/pin", Accept="application/json")
            form = known.text.partition('"form":"')[2][:32]
            pin = {"pin": "274913"}
            for given in (form, f"{form}.", f"{form}.{signed(other, form)}"):
                told = await thief.post_json("/seat/pin/choose", pin, {"X-Compsys-Form": given})
                assert (told.status, "form_expired" in told.text) == (403, True)
            good = {"X-Compsys-Form": f"{form}.{signed(key, form)}"}
            assert (await mine.post_json("/seat/pin/choose", pin, good)).status == 200
            home = (await console.get("/console", **{"Accept-Language": "en"})).text
            assert "came with its tablet&#39;s cookie and without its key" in home
            (device,) = place.desk.state.devices
            await place.do(e.RevokeDevice(device=device))
            home = (await console.get("/console", **{"Accept-Language": "en"})).text
            assert "without its key" not in home

    played(scene)


async def hear_ask(browser: Browser) -> tuple[str]:
    """The nonce of a connection that is not gone on with."""
    async with browser.socket("/live/seat") as line:
        return ((await hear(line, "ask"))["nonce"],)
