"""What the commands of ``compsys credential`` share: options, passwords, one step of the way."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

import compsys.commandline.credential_desk  # noqa: F401 (makes control answer what is asked here)
from compsys.commandline.access import Office
from compsys.commandline.marking import password_of
from compsys.commandline.terminal import fail, told

By = Annotated[
    str, typer.Option("--by", metavar="ACCOUNT", help=told("cli.credential.by"), show_default=False)
]
Confirmed = Annotated[
    str,
    typer.Option(
        "--confirmed-by", metavar="ACCOUNT", help=told("cli.publish.confirmed_by"), show_default=False
    ),
]
PasswordFile = Annotated[
    Path | None,
    typer.Option("--password-file", help=told("cli.publish.password_file"), show_default=False),
]
Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help=told("cli.credential.reason"), show_default=False)
]
Words = Annotated[
    str, typer.Option("--words", metavar="TEXT", help=told("cli.credential.words"), show_default=False)
]
BatchId = Annotated[
    str, typer.Argument(metavar="BATCH", help=told("cli.credential.batch"), show_default=False)
]
Numbers = Annotated[
    list[str] | None,
    typer.Argument(metavar="NUMBER...", help=told("cli.credential.numbers"), show_default=False),
]


def refused(answer: Mapping[str, Any], as_json: bool) -> None:
    """End the command unless an answer's word is ``accepted``."""
    if answer["a"] != "accepted":
        fail(answer.get("code") or answer["a"], answer.get("params", {}), as_json=as_json)


def step(
    desk: Office, command: Mapping[str, Any], as_json: bool, by: str = "", file: Path | None = None
) -> Mapping[str, Any]:
    """One command of the way, with the passwords that it needs; ends the command where it is refused."""
    people = dict.fromkeys(filter(None, (by, command.get("confirmed_by", ""))))
    passwords = {account: password_of(account, file, as_json) for account in people}
    answer: Mapping[str, Any] = desk.query(
        "credential_step", command=dict(command), by=by, passwords=passwords
    )
    refused(answer, as_json)
    return answer
