"""What an app is told when it is made: its hosts and origins, its languages, its clock and randomness."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Role = Literal["all", "desk", "public"]


@dataclass(slots=True)
class Settings:
    """``hosts``: the exact Host headers served (``name`` or ``name:port``). ``origins``: the exact Origins
    that may write and open sockets (``scheme://host[:port]``). ``base``: where links and QR codes point.
    ``secure``: cookies only under TLS. ``first_start``: the secret of the one-time link that makes the
    first account ("" = no such link). ``role``: whom this process serves: ``all``, ``desk`` (no spectators)
    or ``public`` (nobody else). ``redis``: the address of the Redis server between the two ("" = none)."""

    hosts: tuple[str, ...]
    origins: tuple[str, ...]
    base: str
    language: str = "zh-CN"
    secure: bool = False
    first_start: str = ""
    role: Role = "all"
    redis: str = field(default="", repr=False)
    pictures_per_second: int = 4
    messages_per_second: int = 20
    messages_at_once: int = 100
    seconds: Callable[[], float] = time.monotonic
    clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000
    token: Callable[[int], str] = field(default=secrets.token_hex)


def settings_for(names: tuple[str, ...], port: int, *, scheme: str = "http") -> Settings:
    """Settings for a server that is reached under these names (first = in links) on one port.

    >>> settings_for(("192.168.8.2", "localhost"), 8000).origins
    ('http://192.168.8.2:8000', 'http://localhost:8000')
    """
    bare = port == (443 if scheme == "https" else 80)
    hosts = tuple((f"[{name}]" if ":" in name else name) + ("" if bare else f":{port}") for name in names)
    origins = tuple(f"{scheme}://{host}" for host in hosts)
    return Settings(hosts=hosts, origins=origins, base=origins[0], secure=scheme == "https")
