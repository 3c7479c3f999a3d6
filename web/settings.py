"""What an app is told when it is made: its hosts and origins, its languages, its clock and randomness."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

Role = Literal["all", "desk", "public"]


@dataclass(slots=True)
class Settings:
    """``hosts``: the exact Host headers served (``name`` or ``name:port``). ``origins``: the exact Origins
    that may write and open sockets (``scheme://host[:port]``). ``base``: where links and QR codes point.
    ``plain``, ``root``: where the same is reached by plain http beside TLS ("" = no TLS), and the venue's own
    root certificate (DER; b"" = none, nothing has to be installed). ``first_start``: the secret of the
    one-time link that makes the first account ("" = no such link). ``role``: whom this process serves:
    ``all``, ``desk`` (no spectators) or ``public`` (nobody else). ``redis``: the address of the Redis server
    between the two ("" = none)."""

    hosts: tuple[str, ...]
    origins: tuple[str, ...]
    base: str
    language: str = "zh-CN"
    plain: str = ""
    root: bytes = b""
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
    return Settings(hosts=hosts, origins=origins, base=origins[0])


def over_tls(plain: Settings, names: tuple[str, ...], port: int, root: bytes) -> Settings:
    """The same server reached by TLS on a port of its own as well: links lead there, plain http stays.

    >>> both = over_tls(settings_for(("venue.test",), 8000), ("venue.test",), 8443, b"")
    >>> both.base, both.plain, both.origins
    ('https://venue.test:8443', 'http://venue.test:8000', ('https://venue.test:8443', 'http://venue.test:8000'))
    """
    tls = settings_for(names, port, scheme="https")
    return replace(
        plain,
        hosts=(*tls.hosts, *plain.hosts),
        origins=(*tls.origins, *plain.origins),
        base=tls.base,
        plain=plain.base,
        root=root,
    )
