"""The one shape in which a rule says no: a code with parameters, never prose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Refusal:
    """A value the rules do not take. `code` is stable; `params` are texts for whoever renders a sentence."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a scheme or a profile: `where` is a path such as `A1/2/max` or `file.toml:12`."""

    severity: Literal["error", "warning"]
    where: str
    code: str
    params: Mapping[str, str] = field(default_factory=dict)
