"""Canonical JSON (RFC 8785) for what a credential may hold, and the reading of JSON that never guesses.

Keys are ASCII, numbers are whole and below 2**53, nothing stands twice: within these bounds any writer that
sorts keys gives the bytes that RFC 8785 asks for. Everything else is refused, since two programs might read
or write it differently.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, NoReturn

import msgspec

from compsys.answers import Refused

LIMIT = 1_000_000
"""Bytes of JSON that are read unless another limit is given."""
DEPTH = 32
"""How deep objects and lists may stand in each other."""
WHOLE = 2**53
"""Numbers from here on are rounded by programs that know floating point alone (RFC 7493, 2.2)."""
_WRITER = msgspec.json.Encoder(order="deterministic")
"""Sorts keys, escapes what must be and nothing else: for what ``check`` lets pass that is RFC 8785."""
_SURROGATE = re.compile("[\ud800-\udfff]")


class Unsignable(ValueError):
    """This value cannot be signed, or be read as something signed.

    ``code``: of the catalogue, ``proof.*``; ``path``: where in the document, its parts from the root;
    ``params``: what else the sentence says.
    """

    def __init__(self, code: str, *path: str, **params: str) -> None:
        super().__init__(code)
        self.code, self.path, self.params = code, list(path), params

    def __str__(self) -> str:
        return f"{self.code} at {self.where or 'the root'} {self.params or ''}".rstrip()

    @property
    def where(self) -> str:
        """The path as one text: ``credentialSubject.result[2].value``, "" for the whole."""
        return "".join(part if part.startswith("[") else f".{part}" for part in self.path).lstrip(".")

    def refused(self) -> Refused:
        """The refusal to answer with; its parameters are ``where`` and those of the sentence."""
        return Refused(self.code, {"where": self.where, **self.params})


def canonical(value: Any) -> bytes:
    """The bytes of RFC 8785 for dicts, lists, text, whole numbers, true, false and null.

    Raises Unsignable: ``proof.number_bad``, ``proof.key_bad``, ``proof.text_bad``, ``proof.too_deep``,
    ``proof.shape_wrong`` for a value of another kind.

    >>> canonical({"b": 1, "a": ["李明", True, None]}).decode()
    '{"a":["李明",true,null],"b":1}'
    """
    check(value)
    return written(value)


def written(value: Any) -> bytes:
    """As ``canonical`` for a value that was checked already."""
    return _WRITER.encode(value)


def digest(value: Any) -> str:
    """SHA-256 of the canonical bytes (64 hex digits). Raises Unsignable.

    >>> digest({})[:16]
    '44136fa355b3678a'
    """
    return hashlib.sha256(canonical(value)).hexdigest()


def check(value: Any, depth: int = DEPTH) -> None:
    """Raise Unsignable where the value is not of those that have one form only."""
    # By exact type: True is an int to isinstance, and a text's subclass may be written as something else.
    kind = type(value)
    if kind is str:
        if not value.isascii() and _SURROGATE.search(value):
            raise Unsignable("proof.text_bad")
    elif kind is dict:
        if not depth:
            raise Unsignable("proof.too_deep")
        for key, item in value.items():
            if type(key) is not str or not key.isascii():
                raise Unsignable("proof.key_bad", key=shown(key))
            if type(item) is str and item.isascii():
                continue
            try:
                check(item, depth - 1)
            except Unsignable as error:
                error.path.insert(0, key)
                raise
    elif kind is list:
        if not depth:
            raise Unsignable("proof.too_deep")
        for at, item in enumerate(value):
            try:
                check(item, depth - 1)
            except Unsignable as error:
                error.path.insert(0, f"[{at}]")
                raise
    elif kind is int:
        if not -WHOLE < value < WHOLE:
            raise Unsignable("proof.number_bad")
    elif value is not None and kind is not bool:
        raise Unsignable("proof.number_bad" if isinstance(value, float) else "proof.shape_wrong")


def parse(data: bytes | str, limit: int = LIMIT) -> Any:
    """The value of a JSON text (UTF-8, no byte order mark) of at most ``limit`` bytes.

    Raises Unsignable: ``proof.too_large``, ``proof.not_json``, ``proof.key_twice`` (programs differ in which
    of the two they take) and what ``canonical`` raises.

    >>> parse('{"a": [1, true]}')
    {'a': [1, True]}
    """
    if len(data) > limit:
        raise Unsignable("proof.too_large", limit=str(limit))
    try:
        text = data if isinstance(data, str) else data.decode()
        if not isinstance(data, str) or text.isascii():
            size = len(data)
        else:
            size = len(text.encode(errors="surrogatepass"))
        if size > limit:
            raise Unsignable("proof.too_large", limit=str(limit))
        value = json.loads(
            text,
            object_pairs_hook=_once,
            parse_float=_no_number,
            parse_constant=_no_number,
            parse_int=_whole,
        )
    except Unsignable:
        raise
    except RecursionError as error:
        raise Unsignable("proof.too_deep") from error
    except ValueError as error:  # no UTF-8, no JSON
        raise Unsignable("proof.not_json") from error
    check(value)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise Unsignable("proof.key_twice", key=shown(next(k for k in keys if keys.count(k) > 1)))
    return found


def _no_number(text: str) -> NoReturn:
    raise Unsignable("proof.number_bad")


def _whole(text: str) -> int:
    if len(text) > 17:
        raise Unsignable("proof.number_bad")
    return int(text)


def shown(key: object) -> str:
    """A key as a sentence may show it: short, and of printable characters alone."""
    return "".join(c if c.isprintable() else "?" for c in str(key)[:60])
