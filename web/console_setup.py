"""Set-up screens: for each kind of record a list and a form that defines, changes or removes one of them."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys import setup, vault
from compsys.events import COMPETITION, Answer, BindPerson, Define, DefineAll
from compsys.exchange.competition_file import natural
from compsys.exchange.record_reader import RecordReader
from compsys.records import KINDS, key_of
from compsys.vault import Identity
from compsys.words import say
from web import console_fields
from web.access import ORGANIZER, SUPERVISOR, actor, desk_of, get, post, submit
from web.console_choices import Choices, called, place_called
from web.console_fields import FORMS, scope_of
from web.console_page import (
    act,
    done_once,
    draw,
    kept,
    key_of_form,
    made_once,
    onward,
    refused,
    text,
)
from web.render import language

if TYPE_CHECKING:
    from compsys.desk import Desk
    from compsys.state import State

READERS = ORGANIZER | SUPERVISOR
PER_PAGE = 100
ORDER = (
    "competition",
    "delegation",
    "trade",
    "stage",
    "scheme",
    "profile",
    "group",
    "person",
    "entry",
    "judge",
    "panel",
    "seat",
    "session",
)
PEOPLE = ("delegation", "person", "entry", "judge")


def section_of(kind: str) -> str:
    """The part of the side bar a kind belongs to."""
    return "people" if kind in PEOPLE else "setup"


def kind_of(request: Request) -> str:
    """The kind in the address; 404 for one without a form."""
    kind = str(request.path_params["kind"])
    if kind not in FORMS:
        raise HTTPException(404, "unknown_page")
    return kind


# ---------------------------------------------------------------- overview and lists


async def overview(request: Request) -> Response:
    """The steps of the set-up with what each holds, and every problem with its way to be fixed."""
    people = request.url.path.endswith("/people")
    lang = language(request)
    async with desk_of(request).reading(COMPETITION) as state:
        counts = {kind: len(state.setup.records.get(kind, {})) for kind in ORDER}
        kinds = [kind for kind in ORDER if (kind in PEOPLE) == people]
        found = problems_shown(state, lang, desk_of(request))
        trades = [
            {"id": t.id, "name": dict(t.name), "kind": t.kind, "stages": _stages(state, t.id)}
            for t in sorted(state.setup.trades.values(), key=lambda t: (t.order, t.id))
        ]
    wanted = [p for p in found if (p["kind"] in PEOPLE) == people]
    context = {
        "kinds": [(kind, counts[kind]) for kind in kinds],
        "problems": wanted,
        "trades": trades,
        "people": people,
        "other_problems": len(found) - len(wanted),
    }
    return draw(request, "console_setup.html", "people" if people else "setup", context)


def _stages(state: State, trade: str) -> list[dict[str, Any]]:
    found = []
    for key, stage in state.setup.stages.items():
        if stage.trade == trade:
            counts = {
                kind: sum(other.startswith(key + "/") for other in state.setup.records.get(kind, {}))
                for kind in ("group", "panel", "seat", "session")
            }
            found.append(
                {"id": stage.id, "key": key, "name": dict(stage.name), "order": stage.order, "counts": counts}
            )
    return sorted(found, key=lambda s: (s["order"], s["id"]))


def problems_shown(state: State, lang: str, desk: Desk, trade: str = "") -> list[dict[str, Any]]:
    """What is unfinished in the set-up: severity, code, parameters, whose record, where it is fixed."""
    found = []
    for problem in setup.problems(state, trade):
        kind, key = problem.where
        known = state.setup.records.get(kind, {}).get(key)
        if kind == "competition":
            known = state.setup.competition
        who = called(state.setup, kind, known, desk.names, lang) if known is not None else ""
        if known is not None and (place := place_called(state.setup, known, lang)) and kind != "trade":
            who = f"{place} › {who}"
        found.append(
            {
                "must": problem.severity == "must",
                "code": problem.code,
                "params": dict(problem.params),
                "who": who,
                "kind": kind,
                "trade": problem.trade,
                "href": fix_of(kind, key, known is not None),
            }
        )
    return sorted(found, key=lambda p: not p["must"])


def fix_of(kind: str, key: str, there: bool) -> str:
    """Where a record is changed (or made)."""
    if kind == "scheme":
        return f"/console/scheme/{key}"
    if not there:
        return f"/console/setup/{kind}/new"
    return f"/console/setup/{kind}/edit/{key}"


async def listing(request: Request) -> Response:
    """The records of a kind, of one trade or stage if wanted, found by a word if wanted."""
    kind, lang, desk = kind_of(request), language(request), desk_of(request)
    at, wanted = request.query_params.get("at", ""), request.query_params.get("q", "")[:80].strip()
    number = request.query_params.get("page", "1")
    async with desk.reading(COMPETITION) as state:
        known = state.setup.records.get(kind, {})
        rows = []
        for key in sorted(known, key=natural):
            record: Any = known[key]
            scope = "/".join(getattr(record, name) for name in scope_of(kind))
            if at and not (scope == at or scope.startswith(at + "/")):
                continue
            name = called(state.setup, kind, record, desk.names, lang)
            if wanted and wanted.lower() not in f"{name} {key}".lower():
                continue
            rows.append(
                {
                    "key": key,
                    "name": name,
                    "id": record.id,
                    "place": place_called(state.setup, record, lang),
                    "facts": _facts(state, kind, record, lang),
                }
            )
        scopes = _scopes(state, kind, lang)
    pages = max(1, -(-len(rows) // PER_PAGE))
    page_number = min(max(1, int(number)), pages) if number.isdigit() and len(number) < 6 else 1
    shown = rows[(page_number - 1) * PER_PAGE : page_number * PER_PAGE]
    context = {
        "kind": kind,
        "rows": shown,
        "count": len(rows),
        "page": page_number,
        "pages": pages,
        "at": at,
        "q": wanted,
        "scopes": scopes,
        "scoped": bool(scope_of(kind)),
    }
    return draw(request, "console_list.html", section_of(kind), context)


def _scopes(state: State, kind: str, lang: str) -> list[tuple[str, str]]:
    """The places a record of this kind can belong to: (trade or trade/stage, its name)."""
    scope = scope_of(kind)
    if scope == ("trade",):
        return [
            (t.id, called(state.setup, "trade", t, lambda _: None, lang)) for t in state.setup.trades.values()
        ]
    if scope == ("trade", "stage"):
        return [
            (key, place_called(state.setup, StageAt(s.trade, s.id), lang))
            for key, s in state.setup.stages.items()
        ]
    return []


class StageAt(msgspec.Struct, frozen=True):
    """A trade and stage, to be called by its name."""

    trade: str
    stage: str


def _facts(state: State, kind: str, record: Any, lang: str) -> list[str]:
    """What a list says of a record besides its name: short, in words."""
    if kind == "trade":
        return [say(f"trade_kind.{record.kind}", lang)]
    if kind == "stage":
        return [say(f"disclosure.{record.disclosure}", lang)]
    if kind == "group":
        return [record.profile, record.scheme, say("setup.components_n", lang, n=len(record.components))]
    if kind == "seat":
        judge = state.setup.judges.get(record.judge)
        return [say(f"role.{record.role}", lang), record.panel, judge.id if judge else ""]
    if kind == "session":
        return [record.component, record.day, record.start]
    if kind == "panel":
        return [", ".join(record.subs) or say("ui.all", lang)]
    if kind == "judge":
        return [", ".join(record.affiliations)]
    if kind == "delegation":
        return [record.code]
    return []


# ---------------------------------------------------------------- the form


async def new(request: Request) -> Response:
    """An empty form; for what belongs to a stage, first the choice of it."""
    kind = kind_of(request)
    return await _form(request, kind, "", console_fields.fresh(kind), at=request.query_params.get("at", ""))


async def edit(request: Request) -> Response:
    """The form with a record in it."""
    kind, key, desk = kind_of(request), str(request.path_params["key"]), desk_of(request)
    async with desk.reading(COMPETITION) as state:
        record = (
            state.setup.competition if kind == "competition" else state.setup.records.get(kind, {}).get(key)
        )
        if record is None:
            raise HTTPException(404, "unknown_record")
        values = console_fields.shown(kind, record)
        scope = "/".join(getattr(record, name) for name in scope_of(kind))
    if kind == "person" and (who := desk.names(key)) is not None:
        values |= {f"name.{lang}": [called_] for lang, called_ in who.name.items()}
        values |= {name: [getattr(who, name)] for name in console_fields.ABOUT}
    return await _form(request, kind, key, values, at=scope)


async def _form(
    request: Request,
    kind: str,
    key: str,
    values: dict[str, list[str]],
    *,
    at: str,
    answer: Answer | None = None,
    wrong: list[tuple[str, str, dict[str, str]]] | None = None,
) -> Response:
    """Draw the form; ``wrong``: (field, code, parameters) of what was not right."""
    lang, desk = language(request), desk_of(request)
    scope = dict(zip(scope_of(kind), at.split("/"), strict=False)) if at else {}
    async with desk.reading(COMPETITION) as state:
        scopes = _scopes(state, kind, lang)
        complete = len(scope) == len(scope_of(kind)) and (not scope or at in dict(scopes))
        choices = Choices(state.setup, desk.names, lang, scope)
        fields = [_field(choices, field, values) for field in FORMS[kind]] if complete else []
        entries = choices.entries() if complete and kind == "session" else []
        competition = state.setup.competition
    if kind == "competition" and not key and not values.get("id"):
        values = values | {"id": [competition.id if competition else desk.state.id]}
    if not key and any(field.widget == "minted" for field in FORMS[kind]) and not values.get("id"):
        values = values | {"id": [f"{kind[0]}{secrets.token_hex(6)}"]}
    errors = [(name, say(code, lang, **params)) for name, code, params in wrong or []]
    context = {
        "kind": kind,
        "key": key,
        "values": values,
        "fields": fields,
        "entries": entries,
        "at": at if complete else "",
        "scopes": scopes,
        "scope_words": dict(scopes).get(at, ""),
        "errors": errors,
        "wrong": dict(errors),
    }
    return draw(
        request, "console_form.html", section_of(kind), context, answer=answer, status=422 if wrong else 0
    )


def _field(
    choices: Choices, field: console_fields.Field, values: dict[str, list[str]], prefix: str = ""
) -> dict[str, Any]:
    """A field as the template draws it."""
    name = f"{prefix}{field.name}"
    always = field.widget == "choice" and isinstance(field.choices, tuple) and field.choices[0] != ""
    found: dict[str, Any] = {
        "name": name,
        "word": field.name,
        "widget": field.widget,
        "required": field.required or always,
        "options": choices.of(field) if field.choices else [],
    }
    if field.widget == "rows":
        count = int(console_fields.one(values, f"{name}#") or "0")
        spare = 1 if count else 2
        found["rows"] = [
            [_field(choices, inner, values, f"{name}.{i}.") for inner in field.rows]
            for i in range(count + spare)
        ]
        found["filled"] = count
    return found


# ---------------------------------------------------------------- saving


async def save(request: Request) -> Response:
    """Define the record the form describes; what is wrong comes back beside its field, all of it kept."""
    kind, form = kind_of(request), await request.form(max_files=1, max_fields=4000)
    values, key, at = kept(form), text(form, "key"), text(form, "at")
    scope = dict(zip(scope_of(kind), at.split("/"), strict=False)) if at else {}
    data = console_fields.typed(kind, values, scope)
    unfit = about_faults(values) if kind == "person" else []
    identity = None if unfit else identity_of(kind, values)
    if kind == "judge" and identity and not data.get("person"):
        data["person"] = made_once(request, key_of_form(form), lambda: f"p{secrets.token_hex(6)}")
    elif kind == "entry" and identity:
        person = made_once(request, key_of_form(form), lambda: f"p{secrets.token_hex(6)}")
        data["members"] = [*data.get("members", []), {"person": person}]
    wrong = [*faults(kind, data, values), *unfit]
    if wrong:
        return await _form(request, kind, key, values, at=at, wrong=wrong)
    record = msgspec.convert(data, KINDS[kind])
    made = key_of(kind, record)
    define = Define(kind=kind, id=made, value=data)
    if key and made != key:
        return await _form(request, kind, key, values, at=at, answer=refused("bad_record", message="id"))
    if not key:
        async with desk_of(request).reading(COMPETITION) as state:
            taken = made in state.setup.records.get(kind, {}) and key_of_form(form) not in state.keys
        if taken and kind != "competition":
            return await _form(request, kind, key, values, at=at, wrong=[("id", "setup.id_taken", {})])
    if identity is None:
        answer = await act(request, define, form)
    else:
        persons = {
            made if kind == "person" else data.get("person") or data["members"][-1]["person"]: identity
        }
        answer = await define_persons(request, form, (define,), persons)
    if answer.a != "accepted":
        return await _form(request, kind, key, values, at=at, answer=answer)
    if text(form, "more"):
        return onward(f"/console/setup/{kind}/new?at={at}", "saved")
    return onward(f"/console/setup/{kind}?at={at}" if at else f"/console/setup/{kind}", "saved")


def identity_of(kind: str, values: dict[str, list[str]]) -> Identity | None:
    """The person that a form names, for the vault; None when it names none."""
    name = console_fields.words_typed(values, "name" if kind == "person" else "new_person")
    if kind not in ("person", "entry", "judge") or not name:
        return None
    if kind != "person":
        return Identity(name)
    return msgspec.convert({"name": name, **_about(values)}, Identity)


def _about(values: dict[str, list[str]]) -> dict[str, str]:
    return {field: console_fields.one(values, field) for field in console_fields.ABOUT}


async def define_persons(
    request: Request, form: FormData, items: tuple[Define, ...], persons: dict[str, Identity]
) -> Answer:
    """Define records with the persons they need: names to the vault, salted commitments to the journal."""
    desk, key = desk_of(request), key_of_form(form)
    async with desk.reading(COMPETITION) as state:
        known = set(state.setup.records.get("person", {}))
    salts = made_once(request, f"salts {key}", lambda: {person: secrets.token_hex(16) for person in persons})
    fresh = tuple(
        Define(kind="person", id=person, value={"id": person})
        for person in persons
        if person not in known and not any(i.kind == "person" and i.id == person for i in items)
    )
    bound = tuple(
        BindPerson(
            person=person,
            commitment=vault.commitment(salts[person], vault.canonical(who)),
            salt=salts[person],
        )
        for person, who in persons.items()
    )
    command = made_once(request, f"define {key}", lambda: DefineAll(items=(*fresh, *items), persons=bound))

    async def work() -> Answer:
        # A name in the vault without a record is harmless; a record whose name is lost is not.
        await desk.put_persons([(person, who) for person, who in persons.items() if person not in known])
        answer = await submit(request, command, key=key)
        if answer.a == "accepted":
            await desk.put_persons([(person, who) for person, who in persons.items() if person in known])
        return answer

    return await done_once(request, f"work {key}", work) if key else await work()


FORM_FAULTS = {"file.missing_field": "form.missing", "file.wrong_type": "form.missing"}


def faults(
    kind: str, data: dict[str, Any], values: dict[str, list[str]]
) -> list[tuple[str, str, dict[str, str]]]:
    """Everything that is wrong with a form, each with its field: (field, code, parameters)."""
    found: list[tuple[str, str, dict[str, str]]] = []
    for field in FORMS[kind]:
        if field.widget == "words" and field.required and not console_fields.words_typed(values, field.name):
            found.append((f"{field.name}.zh-CN", "form.name_missing", {}))
    reader = RecordReader()
    reader.record(data, KINDS[kind], "$")
    for problem in reader.problems:
        where = problem.where.removeprefix("$").lstrip(".").replace("[", ".").replace("]", "")
        if where == "name" and found:
            continue
        found.append((where, FORM_FAULTS.get(problem.code, problem.code), dict(problem.params)))
    return found


def about_faults(values: dict[str, list[str]]) -> list[tuple[str, str, dict[str, str]]]:
    """What the vault could not keep of a person's form, as ``faults`` says it."""
    reader = RecordReader()
    reader.record({"name": {}, **_about(values)}, Identity, "$")
    return [(p.where.removeprefix("$."), p.code, dict(p.params)) for p in reader.problems]


async def remove(request: Request) -> Response:
    """Take a record out, unless something stands on it."""
    kind, form = kind_of(request), await request.form(max_files=0, max_fields=8)
    key = text(form, "key")
    answer = await act(request, Define(kind=kind, id=key, value=None), form)
    if answer.a == "accepted":
        return onward(f"/console/setup/{kind}", "removed")
    return await _again(request, kind, key, answer)


async def erase(request: Request) -> Response:
    """Forget who a person is, for ever; what they did stays. The person's id is typed again first."""
    form = await request.form(max_files=0, max_fields=8)
    key, reason, desk = text(form, "key"), text(form, "reason"), desk_of(request)
    if text(form, "again") != key:
        return await _again(request, "person", key, Answer(k="", a="refused", code="form.erase_again"))

    async def work() -> Answer:
        return await desk.erase(key, actor(request), reason)

    answer = await done_once(request, f"erase {key_of_form(form)}", work)
    if answer.a == "accepted":
        return onward("/console/setup/person", "erased")
    return await _again(request, "person", key, answer)


async def _again(request: Request, kind: str, key: str, answer: Answer) -> Response:
    """The form of a record as it stands, with what was answered."""
    async with desk_of(request).reading(COMPETITION) as state:
        record = state.setup.records.get(kind, {}).get(key)
        values = console_fields.shown(kind, record) if record else {}
        scope = "/".join(getattr(record, name) for name in scope_of(kind)) if record else ""
    return await _form(request, kind, key, values, at=scope, answer=answer)


routes = [
    get("/console/setup", overview, READERS),
    get("/console/people", overview, READERS),
    get("/console/setup/{kind}", listing, READERS),
    get("/console/setup/{kind}/new", new, READERS),
    get("/console/setup/{kind}/edit/{key:path}", edit, READERS),
    post("/console/setup/{kind}/save", save, ORGANIZER, limit=512 * 1024),
    post("/console/setup/{kind}/remove", remove, ORGANIZER),
    post("/console/setup/person/erase", erase, ORGANIZER),
]
