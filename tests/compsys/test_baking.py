"""Badges with a credential in them: read back whole, the picture unchanged, never two in one picture."""

from __future__ import annotations

import io
import json
from xml.etree import ElementTree

import pytest
from PIL import Image

from compsys.answers import Refused
from compsys.credentials import baking
from tests.compsys.paper_samples import credential, png

SVG = '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect/></svg>'
JWS = "eyJhbGciOiJFUzI1NiJ9.eyJhIjoxfQ.c2lnbmF0dXJl"


@pytest.mark.parametrize("text", [JWS, json.dumps(credential("古丽·买买提"), ensure_ascii=False)])
def test_a_png_keeps_its_picture_and_gives_the_credential_back(text: str) -> None:
    plain = png()
    baked = baking.bake_png(plain, text)
    assert isinstance(baked, bytes)
    assert baking.read_png(baked) == text
    with Image.open(io.BytesIO(plain)) as before, Image.open(io.BytesIO(baked)) as after:
        assert before.tobytes() == after.tobytes()
        assert after.text["openbadgecredential"] == text
    assert baked.count(b"openbadgecredential") == 1


@pytest.mark.parametrize("text", [JWS, json.dumps(credential("古丽·买买提"), ensure_ascii=False)])
def test_an_svg_stays_well_formed_and_gives_the_credential_back(text: str) -> None:
    baked = baking.bake_svg(SVG, text)
    assert isinstance(baked, str)
    assert baking.read_svg(baked) == text
    first = ElementTree.fromstring(baked.encode())[0]
    assert first.tag == "{https://purl.imsglobal.org/spec/ob/v3p0}credential"
    assert (first.get("verify") or first.text) == text


def test_nothing_is_baked_twice() -> None:
    baked, drawn = baking.bake_png(png(), JWS), baking.bake_svg(SVG, JWS)
    assert isinstance(baked, bytes) and isinstance(drawn, str)
    assert baking.bake_png(baked, JWS) == Refused("baking.twice")
    assert baking.bake_svg(drawn, JWS) == Refused("baking.twice")


def test_what_is_no_picture_is_refused() -> None:
    whole = png()
    assert baking.bake_png(whole[:-20], JWS) == Refused("baking.not_png")
    assert baking.bake_png(b"GIF89a", JWS) == Refused("baking.not_png")
    assert baking.bake_svg("<html></html>", JWS) == Refused("baking.not_svg")
    assert baking.bake_svg(SVG, '{"a": "]]>"}') == Refused("baking.cdata")
    assert baking.read_png(whole) is None and baking.read_svg(SVG) is None
