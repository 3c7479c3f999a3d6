"""The group ``compsys credential``: one room for each part of it."""

from __future__ import annotations

import typer

from compsys.commandline import (
    credential_appeals,
    credential_assess,
    credential_holder,
    credential_issuers,
    credential_papers,
    credential_print,
    credential_registers,
    credential_verify,
    credential_way,
)
from compsys.commandline.terminal import told


def add(app: typer.Typer, pages: credential_verify.Pages) -> None:
    """Add the group with all its commands."""
    group = typer.Typer(
        name="credential",
        help=told("cli.credential"),
        no_args_is_help=True,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    parts = (credential_issuers, credential_way, credential_papers, credential_print, credential_assess)
    for part in parts:
        part.add(group)
    credential_registers.add(group)
    credential_verify.add(group, pages)
    credential_holder.add(group)
    credential_appeals.add(group)
    app.add_typer(group, name="credential")
