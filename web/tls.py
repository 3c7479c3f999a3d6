"""TLS of a server: the venue's own certificates or somebody's, and how they are renewed while it runs."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from compsys import certificates
from compsys.certificates import BadCertificate

log = logging.getLogger("compsys.tls")

VENUE = "venue"
LOOKED_AT = 3600.0
"""Seconds between two looks at how long the certificate lasts."""


@dataclass(slots=True)
class Tls:
    """What a listener needs. ``certificate``, ``key``: own files; where they are None the venue's are made
    in ``directory``. ``port``: where it listens (0 = any free one)."""

    directory: Path
    port: int = 8443
    certificate: Path | None = None
    key: Path | None = None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def provide(self, names: tuple[str, ...]) -> tuple[ssl.SSLContext, bytes]:
        """The context to listen with, and the root certificate that tablets install (DER; b"" = none).

        Raises BadCertificate, OSError."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.certificate is not None:
            load(context, self.certificate, self.key)
            return context, b""
        found = certificates.provide(self.directory / certificates.FOLDER, names, self.clock())
        load(context, found.certificate, found.key)
        return context, found.root.public_bytes(Encoding.DER)

    def renew(self, context: ssl.SSLContext, names: tuple[str, ...], root: bytes) -> None:
        """Read own files again, as somebody may have renewed them; make the venue's leaf anew when it nears
        its end. The root stays while the server runs: a new one would have to be installed everywhere."""
        if self.certificate is not None:
            load(context, self.certificate, self.key)
            return
        held = certificates.read(self.directory / certificates.FOLDER / "root.crt")
        if held is None or held.public_bytes(Encoding.DER) != root or certificates.ending(held, self.clock()):
            return
        found = certificates.provide(self.directory / certificates.FOLDER, names, self.clock())
        if found.made:
            load(context, found.certificate, found.key)

    async def renew_for_ever(self, context: ssl.SSLContext, names: tuple[str, ...], root: bytes) -> None:
        """Renew in time, until cancelled; what fails is logged and tried again."""
        while True:
            await asyncio.sleep(LOOKED_AT)
            try:
                await asyncio.to_thread(self.renew, context, names, root)
            except (OSError, BadCertificate):
                log.exception("the certificate could not be renewed")


def load(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    """Use a certificate (with its chain) and its key from now on. Raises BadCertificate."""
    try:
        context.load_cert_chain(certificate, key)
    except (ssl.SSLError, OSError) as error:
        raise BadCertificate(f"{certificate}: {error}") from error
