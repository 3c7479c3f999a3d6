"""``compsys explain`` and ``whatif``: where an entry's result comes from, and what else it would change."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from compsys import control, explain_told
from compsys import explain as explaining
from compsys.commandline.access import Office, office
from compsys.commandline.arguments import HERE, Folder, Json
from compsys.commandline.terminal import (
    UNREADABLE,
    command,
    fail,
    give,
    language,
    line,
    named,
    say,
    table,
    told,
)
from compsys.desk import Desk
from compsys.explain import Explained, Target
from compsys.state import State
from compsys.whatif import Supposed, what_if

What = Annotated[
    list[str], typer.Argument(metavar="[DIR] TRADE[/STAGE[/GROUP]] ENTRY", help=told("cli.explain.what"))
]


def add(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "explain", "cli.explain")(explain)
    command(app, "whatif", "cli.whatif")(whatif)


def targets(desk: Desk, state: State, params: dict[str, Any]) -> list[list[str]]:
    """Where an entry (``entry``: id, code or bib) of a ``trade`` (with ``stage``, ``group``; "" = any)
    stands: its last stage first."""
    found = explaining.find(state, params["trade"], params["stage"], params["group"], params["entry"])
    return [list(target) for target in found]


def explained(desk: Desk, state: State, params: dict[str, Any]) -> dict[str, Any] | None:
    """The explanation of a ``target`` as data; None where there is nothing to explain."""
    found = explaining.explain(state, Target(*params["target"]))
    return None if found is None else msgspec.to_builtins(found)


def supposed(desk: Desk, state: State, params: dict[str, Any]) -> dict[str, Any]:
    """What would change for a ``target`` if what is ``supposed`` were so; or ``code`` and ``params``."""
    wish = msgspec.convert(params["supposed"], Supposed)
    found: dict[str, Any] = msgspec.to_builtins(what_if(state, Target(*params["target"]), wish))
    return found


control.QUERIES |= {"explain_targets": targets, "explain": explained, "whatif": supposed}
control.BESIDE |= {"explain_targets", "explain", "whatif"}


def placed(what: list[str], directory: Path, as_json: bool) -> tuple[Path, str, str]:
    """Directory, trade (perhaps with stage and group) and entry as they were typed."""
    if len(what) == 3:
        return Path(what[0]), what[1], what[2]
    if len(what) != 2:
        fail("cli.explain.usage", as_json=as_json, status=UNREADABLE)
    return directory, what[0], what[1]


def one_target(desk: Office, trade: str, entry: str, as_json: bool) -> list[str]:
    """The one place in a competition that trade and entry name; of several stages the last one."""
    parts = [*trade.split("/"), "", ""]
    where = {"trade": parts[0], "stage": parts[1], "group": parts[2]}
    found: list[list[str]] = desk.query("explain_targets", **where, entry=entry)
    if not found:
        fail("cli.explain.unknown", as_json=as_json, status=UNREADABLE, trade=trade, entry=entry)
    same = [target for target in found if target[1] == found[0][1]]
    if len(same) > 1:
        known = " ".join("/".join(target[:3]) + " " + target[3] for target in same)
        fail("cli.explain.several", as_json=as_json, status=UNREADABLE, entry=entry, known=known)
    return same[0]


def explain(what: What, directory: Folder = HERE, as_json: Json = False) -> None:
    """Print the steps as a tree, or as data."""
    folder, trade, entry = placed(what, directory, as_json)
    with office(folder, as_json) as desk:
        target = one_target(desk, trade, entry, as_json)
        found = desk.query("explain", target=target)
    if found is None:
        fail("cli.explain.nothing", as_json=as_json, entry=entry)
    if as_json:
        give({"ok": True, **found})
        return
    for text in explain_told.lines(msgspec.convert(found, Explained), language()):
        line(text)


def whatif(
    what: What,
    aspect: Annotated[str, typer.Option("--aspect", metavar="KEY", help=told("cli.whatif.aspect"))] = "",
    mark: Annotated[str, typer.Option("--mark", metavar="VALUE", help=told("cli.whatif.mark"))] = "",
    seat: Annotated[str, typer.Option("--seat", help=told("cli.whatif.seat"))] = "",
    status: Annotated[str, typer.Option("--status", help=told("cli.whatif.status"))] = "",
    scope: Annotated[str, typer.Option("--scope", help=told("cli.whatif.scope"))] = "stage",
    amount: Annotated[str, typer.Option("--amount", help=told("cli.whatif.amount"))] = "",
    component: Annotated[str, typer.Option("--component", help=told("cli.whatif.component"))] = "",
    void: Annotated[str, typer.Option("--void", help=told("cli.whatif.void"))] = "",
    full: Annotated[bool, typer.Option("--full", help=told("cli.whatif.full"))] = False,
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Print what would change; nothing is written."""
    folder, trade, entry = placed(what, directory, as_json)
    if [bool(x) for x in (aspect, status, amount, void)].count(True) != 1 or bool(aspect) != bool(mark):
        fail("cli.whatif.one", as_json=as_json, status=UNREADABLE)
    wish = Supposed(aspect=aspect, mark=mark, seat=seat, status=status, scope=scope,
                    component=component, amount=amount, void=void, full=full)  # fmt: skip
    with office(folder, as_json) as desk:
        target = one_target(desk, trade, entry, as_json)
        found = desk.query("whatif", target=target, supposed=msgspec.to_builtins(wish))
    if "code" in found:
        fail(found["code"], found["params"], as_json=as_json)
    if as_json:
        give({"ok": True, **found})
        return
    _print(found)


def _print(found: dict[str, Any]) -> None:
    """What would change, as a table and what follows from it."""
    if not found["changed"]:
        say("cli.whatif.nothing")
    else:
        heads = [told(f"cli.whatif.{head}") for head in ("who", "field", "before", "after")]
        table(heads, ([_who(it), *explain_told.differing(it, language())] for it in found["changed"]))
    for it in found.get("published", ()):
        rank = told(f"explain.rank.{it['rank']}")
        audiences = ", ".join(told(f"audience.{audience}") for audience in it["audiences"])
        say("cli.whatif.published", **it | {"rank": rank, "audiences": audiences})
    for it in found.get("advance", ()):
        say("cli.whatif.advance", to=it["to"], joins=" ".join(it["joins"]), leaves=" ".join(it["leaves"]))
    say("cli.whatif.unchanged")


def _who(changed: dict[str, Any]) -> str:
    if changed["kind"] == "entry":
        return str(changed["code"])
    order = told(f"explain.order.{changed['order']}")
    return told("cli.whatif.table", order=order, who=named(changed["name"]))
