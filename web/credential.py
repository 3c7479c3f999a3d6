"""Checking certificates at the office's own server: the page, what the register says, issuers, evidence.

Nobody logs in here. What is told is either public anyway (issuers, keys, status lists, released results) or
told to who already holds it: a certificate by its random id, or by its number *and* its holder's name. An
unknown number and a wrong name are one answer. Numbers are counted up, so they are slowed down as well.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys import assessed
from compsys.answers import Refused
from compsys.boards import Picture
from compsys.bus import CHECKING
from compsys.credentials import controller, documents, jcs, known, listing, pinned, reading, sheets, statement
from compsys.events import COMPETITION
from compsys.journal_api import JournalError
from compsys.state import State
from compsys.state_credentials import Credential
from compsys.vault import Identity
from web.access import ANYONE, desk_of, get, post, settings_of
from web.credential_page import drawn, told, worker
from web.logins import address
from web.render import refusal

if TYPE_CHECKING:
    from compsys.desk import Desk

UUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}\Z", re.A)
FOR_EVER = "public, max-age=31536000, immutable"
A_WHILE = "public, max-age=60"


class Slow:
    """How many look-ups by number are left: ten for each address and a hundred for all, filled up by one in
    six seconds and by two a second."""

    def __init__(self) -> None:
        self.left: dict[str, tuple[float, float]] = {}

    def wait(self, address: str, now: float) -> int:
        """0, or seconds to wait; one that waits takes nothing."""
        if len(self.left) > 10_000:
            self.left = {key: value for key, value in self.left.items() if now - value[1] < 60}
        wants = ((f"from {address}", 10.0, 1 / 6), ("all", 100.0, 2.0))
        found = []
        for name, most, rate in wants:
            left, seen = self.left.get(name, (most, now))
            found.append((name, min(most, left + (now - seen) * rate), rate))
        short = max((1 - left) / rate for _, left, rate in found)
        if short > 0:
            return int(short) + 1
        for name, left, _ in found:
            self.left[name] = (left - 1, now)
        return 0


def published(desk: Desk) -> Callable[[State], Picture]:
    """Draws what a process without a desk checks with: documents by the address at which they are served."""

    def drawn_now(state: State) -> Picture:
        trust = known.trust_of(state, desk.now())
        lists, _ = listing.all_of(desk, state)
        documents_of = {f"/status/{url.partition('/status/')[2]}": one for url, one in lists.items()}
        for slug in state.credentials.issuers:
            documents_of[f"/issuers/{slug}"] = controller_of(state, slug)
        told = pinned.to_json(replace(trust, lists=lists), "", False, state.credentials.dictionaries)
        rows = [{"key": path, "document": one} for path, one in sorted(documents_of.items())]
        texts = [
            {"key": f"/dictionaries/{name}", "text": text}
            for name, text in sorted(state.credentials.dictionaries.items())
        ]
        return {"topic": CHECKING, "kind": CHECKING, "trust": told, "rows": [*rows, *texts], **office(state)}

    return drawn_now


def slow_of(request: Request) -> Slow:
    """The look-ups by number of this app."""
    state = request.app.state
    if not hasattr(state, "number_slow"):
        state.number_slow = Slow()
    found: Slow = state.number_slow
    return found


def unknown() -> HTTPException:
    """There is no such thing, or it is nobody's business yet: one answer."""
    return HTTPException(404, "unknown_page")


# ------------------------------------------------------------------ the page


def office(state: State) -> dict[str, Any]:
    """Whose page it is, and the official address that certificates name."""
    first = next(iter(state.credentials.issuers.values()), None)
    return {"query": (first[-1].query or f"{first[-1].base}/v") if first else ""}


async def check_page(request: Request) -> Response:
    """Where anybody checks a certificate."""
    async with desk_of(request).reading(COMPETITION) as state:
        told = office(state)
    return drawn(request, **told)


async def trust(request: Request) -> Response:
    """What the page checks with: issuers with all their keys, where lists and dictionaries are."""
    desk = desk_of(request)
    async with desk.reading(COMPETITION) as state:
        found = pinned.to_json(
            known.trust_of(state, desk.now()), settings_of(request).base, True, state.credentials.dictionaries
        )
        found["lists"] = known.list_addresses(state)
    return told(found)


# ------------------------------------------------------------------ one certificate


def signed(state: State, names: Any, credential: Credential) -> str | Refused:
    """The signed document as canonical JSON, or why there is none."""
    found = documents.document(state, names, credential)
    return found if isinstance(found, Refused) else jcs.written(found).decode()


async def one(request: Request) -> Response:
    """A certificate by its random id: JSON, or the page that checks it."""
    desk, name = desk_of(request), request.path_params["id"]
    html = "text/html" in request.headers.get("accept", "")
    async with desk.reading(COMPETITION) as state:
        credential = known.issued(state, name) if UUID.match(name) else None
        text = signed(state, desk.names, credential) if credential else None
        about = office(state)
    if isinstance(text, str):
        return drawn(request, **about) if html else told(text.encode())
    differs = isinstance(text, Refused) and text.code == "credential.document_differs"
    code = "correcting" if differs else "id_unknown"
    if html:
        return drawn(request, code=code, status=404, **about)
    return told({"code": f"check.{code}", "params": {}}, status=404)


async def status(request: Request) -> Response:
    """How the certificate of an id stands now. Whoever asks has the certificate: ids are random."""
    desk, name = desk_of(request), request.path_params["id"]
    async with desk.reading(COMPETITION) as state:
        credential = known.issued(state, name) if UUID.match(name) else None
        found = known.standing_of(state, credential, desk.now())
    return told(
        {
            "state": found.state, "valid_from": found.valid_from, "since": found.since,
            "reason": found.reason, "as_of": found.as_of,
        }
    )  # fmt: skip


class _Asked(msgspec.Struct, forbid_unknown_fields=True):
    number: Annotated[str, msgspec.Meta(max_length=100)]
    name: Annotated[str, msgspec.Meta(max_length=200)]


def _same(name: str) -> str:
    """A name as it is compared: width, case and spaces do not count."""
    return re.sub(r"[\s·•.]", "", unicodedata.normalize("NFKC", name)).casefold()


def fits(who: Identity | None, name: str) -> bool:
    """Whether a name is one of a person's; as long for a wrong one as for a right one."""
    said = _same(name).encode()
    names = [_same(one).encode() for one in (who.name.values() if who is not None else ("",))]
    right = sum(hmac.compare_digest(said, one) for one in names if one)
    return bool(said) and right > 0


async def number(request: Request) -> Response:
    """A certificate by its number and its holder's name; unknown and wrong are one answer."""
    wait = slow_of(request).wait(address(request), settings_of(request).seconds())
    if wait:
        found = told({"code": "check.asks_too_often", "params": {"seconds": str(wait)}}, status=429)
        found.headers["retry-after"] = str(wait)
        return found
    try:
        asked = msgspec.json.decode(await request.body(), type=_Asked)
    except msgspec.DecodeError as error:
        raise HTTPException(400, "malformed") from error
    desk = desk_of(request)
    async with desk.reading(COMPETITION) as state:
        credential = known.issued(state, reading.plain(asked.number))
        public = credential is not None and known.shown_publicly(
            state, state.credentials.batches[credential.batch]
        )
        right = fits(desk.names(credential.person) if credential is not None else None, asked.name)
        text = signed(state, desk.names, credential) if credential is not None and public and right else None
    if isinstance(text, str):
        return told({"document": text})
    differs = isinstance(text, Refused) and text.code == "credential.document_differs"
    return told({"code": "correcting" if differs else "number_unknown", "params": {}})


# ------------------------------------------------------------------ issuers, lists, evidence


def controller_of(state: State, slug: str) -> dict[str, Any]:
    """An issuer's controller document."""
    record = state.credentials.issuers[slug][-1]
    return controller.document(record.address, known.keys_of(state, slug), statement.profile(record))


async def issuer(request: Request) -> Response:
    """An issuer's controller document: who it is, every key it ever had."""
    slug = request.path_params["slug"]
    async with desk_of(request).reading(COMPETITION) as state:
        if state.credentials.issuer(slug) is None:
            raise unknown()
        return told(controller_of(state, slug), A_WHILE)


async def did(request: Request) -> Response:
    """The same keys under the issuer's did:web; at the root for the one issuer of a server that has one."""
    async with desk_of(request).reading(COMPETITION) as state:
        issuers = state.credentials.issuers
        slug = request.path_params.get("slug") or (next(iter(issuers)) if len(issuers) == 1 else "")
        record = state.credentials.issuer(slug)
        if record is None:
            raise unknown()
        name = record.address if "slug" in request.path_params else record.base
        try:
            return told(controller.did_document(name, known.keys_of(state, slug)), A_WHILE)
        except ValueError:  # by plain http there is no did:web
            raise unknown() from None


async def key(request: Request) -> Response:
    """A key for tokens as a JWK, at the address that they name."""
    slug, name = request.path_params["slug"], request.path_params["name"]
    async with desk_of(request).reading(COMPETITION) as state:
        for one in known.keys_of(state, slug):
            if one.algorithm == "ES256" and controller.fragment(one) == name:
                return told(controller.jwk(one), A_WHILE)
    raise unknown()


async def status_list(request: Request) -> Response:
    """A signed status list; signed anew when a bit changed, or after a while, so that its date is its age."""
    desk, slug, no = desk_of(request), request.path_params["slug"], request.path_params["no"]
    try:
        async with desk.reading(COMPETITION) as state:
            found = listing.signed(desk, state, slug, int(no) if re.fullmatch("[1-9][0-9]{0,5}", no) else 0)
    except JournalError:
        return refusal(request, 503, "check.list_unsigned")
    if found is None:
        raise unknown()
    return told(found, A_WHILE)


async def dictionary(request: Request) -> Response:
    """A QR code's dictionary, by its SHA-256 or how that begins (16 digits): the same bytes for ever."""
    name = request.path_params["name"]
    async with desk_of(request).reading(COMPETITION) as state:
        found = state.credentials.dictionaries.get(name[:16])
    if found is None or not re.fullmatch("[0-9a-f]{16}([0-9a-f]{48})?", name):
        raise unknown()
    headers = {"cache-control": FOR_EVER, "access-control-allow-origin": "*"}
    return Response(found.encode(), headers=headers, media_type="application/octet-stream")


async def achievement(request: Request) -> Response:
    """What is achieved, as certificates say it, once the public may know of one of them."""
    slug, name, version = (request.path_params[part] for part in ("slug", "name", "version"))
    async with desk_of(request).reading(COMPETITION) as state:
        versions = state.credentials.achievements.get((slug, name), [])
        if version not in {f"v{n + 1}" for n in range(len(versions))}:
            raise unknown()
        if not known.achieved_publicly(state, slug, name):
            raise unknown()
        return told(versions[int(version[1:]) - 1], A_WHILE)


async def sheet(request: Request) -> Response:
    """The locked result sheet that certificates rest on: codes and values, no names; once it is released."""
    trade, stage, group, version, digest = (
        request.path_params[part] for part in ("trade", "stage", "group", "version", "digest")
    )
    async with desk_of(request).reading(COMPETITION) as state:
        result = state.results.get((trade, stage, group))
        released = result.released.get("public") if result is not None else None
        if result is None or released is None:
            raise unknown()
        for one in result.versions[: released + 1]:
            data = sheets.sheet_bytes(state.id, one)
            if version == f"v{one.version}" and digest == f"sha256-{sheets.digest(state.id, one)}":
                return told(data, FOR_EVER)
    raise unknown()


async def record(request: Request) -> Response:
    """The public record of an assessment that certificates rest on: rules, counts and findings, nobody."""
    async with desk_of(request).reading(COMPETITION) as state:
        held = state.assessments.batches.get(request.path_params["id"])
        if held is None:
            raise unknown()
        for outcome in held.versions:
            data = assessed.record(state, held, outcome.version)
            if request.path_params["digest"] == f"sha256-{hashlib.sha256(data).hexdigest()}":
                return told(data, FOR_EVER)
    raise unknown()


routes = [
    get("/v", check_page, ANYONE),
    get("/v/trust.json", trust, ANYONE),
    post("/v/number", number, ANYONE),
    get("/v-worker.js", worker, ANYONE),
    get("/credentials/{id}", one, ANYONE),
    get("/credentials/{id}/status", status, ANYONE),
    get("/issuers/{slug}", issuer, ANYONE),
    get("/issuers/{slug}/did.json", did, ANYONE),
    get("/issuers/{slug}/keys/{name}", key, ANYONE),
    get("/.well-known/did.json", did, ANYONE),
    get("/status/{slug}/{no}", status_list, ANYONE),
    get("/dictionaries/{name}", dictionary, ANYONE),
    get("/ach/{slug}/{name}/{version}", achievement, ANYONE),
    get("/results/assessment/{id}/{digest}", record, ANYONE),
    get("/results/{trade}/{stage}/{group}/{version}/{digest}", sheet, ANYONE),
]
