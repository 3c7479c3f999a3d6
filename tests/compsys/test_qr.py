"""The symbol on a certificate: drawn right, short, opened again, and nobody's data in its dictionary."""

from __future__ import annotations

import random
import string
import zlib
from base64 import urlsafe_b64encode

import pytest
import segno
import zxingcpp
from PIL import Image

from compsys.answers import Refused
from compsys.credentials import proofs, qr, qr_symbol
from tests.compsys.paper_samples import AWARDS, BASE, credential, key_of


def text_of(length: int, seed: int = 0) -> str:
    signs = random.Random(seed).choices(string.ascii_letters + string.digits + "-_", k=length)
    return (f"{BASE}/v#1." + "".join(signs))[:length]


def seen(symbol: qr_symbol.Symbol, scale: int = 3) -> str:
    """What another program reads from a picture of a symbol."""
    side = symbol.modules
    picture = Image.new("L", (side, side), 255)
    for y, row in enumerate(symbol.rows):
        for x, dark in enumerate(row):
            if dark == "1":
                picture.putpixel((x + qr_symbol.QUIET, y + qr_symbol.QUIET), 0)
    found = zxingcpp.read_barcodes(picture.resize((side * scale, side * scale), Image.Resampling.NEAREST))
    return found[0].text if found else ""


@pytest.mark.parametrize(("version", "level"), qr_symbol.BLOCKS)
def test_a_full_symbol_is_the_one_a_general_encoder_draws(version: int, level: str) -> None:
    text = text_of(qr_symbol.capacity(version, level), version)
    drawn = qr_symbol.draw(text, version, level)
    other = segno.make(
        text, version=version, error=level, mask=qr_symbol.MASK, micro=False, boost_error=False, mode="byte"
    )
    assert drawn.rows == tuple("".join(str(bit) for bit in row) for row in other.matrix)


@pytest.mark.parametrize("length", [60, 300, 367, 414, 463, 500, 560, 660, 858])
def test_another_decoder_reads_it(length: int) -> None:
    text = text_of(length, length)
    symbol = qr_symbol.symbol(text)
    assert seen(symbol) == text
    assert symbol.modules == len(symbol.rows) + 8, "four light modules on each side"
    assert symbol.modules * 25.4 / 50 >= 35


def test_more_than_the_largest_symbol_holds_is_said() -> None:
    with pytest.raises(qr_symbol.TooLong) as told:
        qr_symbol.symbol(text_of(859))
    assert (told.value.length, told.value.room) == (859, 858)


def test_the_address_opens_to_the_credential_with_one_proof_that_verifies() -> None:
    signed = credential("阿卜杜热西提·买买提吐尔逊")
    preset = qr.dictionary(signed)
    address = qr.address(BASE, signed, preset)
    opened = qr.open_fragment(address, {qr.name(preset): preset})
    assert opened == proofs.only(signed, proofs.JCS)
    assert proofs.verify(opened, key_of, suites=(proofs.JCS,)).ok
    assert len(address) <= 480 and len(address) * 5 < len(qr.address(BASE, signed))


def test_one_dictionary_serves_everybody_of_an_achievement_and_tells_of_nobody() -> None:
    first = credential("李明", 17, mark="82.35", rank="5")
    other = credential("阿卜杜热西提·买买提吐尔逊", 400, mark="91.5", rank="1", award=AWARDS[4])
    preset = qr.dictionary(first)
    assert qr.dictionary(other) == preset
    subject = first["credentialSubject"]
    value = first["proof"][1]["proofValue"]
    mine = ("李明", first["id"], subject["id"], subject["licenseNumber"], "82.35", value)
    assert not [own for own in mine if own.encode() in preset]
    assert b"5f2c9a84" not in preset


def test_a_name_in_a_description_does_not_come_into_the_dictionary() -> None:
    signed = credential("欧阳明月", description="授予欧阳明月 / Awarded to 欧阳明月")
    assert "欧阳明月".encode() not in qr.dictionary(signed)


def test_a_dictionary_is_the_same_for_ever() -> None:
    """A symbol printed years ago names this dictionary: a changed way of making it must be a new version."""
    assert qr.name(qr.dictionary(credential())) == "ec48a2ed8e062f98"


def test_every_way_a_symbol_can_be_cut_or_spoilt_has_its_own_code() -> None:
    signed = credential()
    preset = qr.dictionary(signed)
    known = {qr.name(preset): preset}
    whole = qr.fragment(signed, preset)
    codes = set()
    for length in range(len(whole)):
        opened = qr.open_fragment(whole[:length], known)
        assert isinstance(opened, Refused), length
        codes.add(opened.code)
    assert codes == {"qr.shape", "qr.cut"}
    assert qr.open_fragment(whole, {}) == Refused("qr.dictionary", {"name": qr.name(preset)})
    assert qr.open_fragment(whole, {qr.name(preset): preset + b" "}) == Refused(
        "qr.dictionary", {"name": qr.name(preset)}
    )
    assert qr.open_fragment("https://c.example/v", known) == Refused("qr.shape")


def test_a_spoilt_character_never_verifies() -> None:
    signed = credential()
    preset = qr.dictionary(signed)
    known = {qr.name(preset): preset}
    whole = qr.fragment(signed, preset)
    chance = random.Random(20251020)
    for _ in range(300):
        place = chance.randrange(len(whole))
        spoilt = whole[:place] + chance.choice("ABCxyz019-_.") + whole[place + 1 :]
        opened = qr.open_fragment(spoilt, known)
        good = not isinstance(opened, Refused) and proofs.verify(opened, key_of, suites=(proofs.JCS,)).ok
        # the last character may hold bits that belong to no byte
        same = not isinstance(opened, Refused) and opened == proofs.only(signed, proofs.JCS)
        assert good == same, (place, spoilt)


def test_an_address_that_unpacks_to_a_flood_is_refused_before_memory_is_taken() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(b"[" * 50_000_000) + packer.flush()
    text = "1.0." + urlsafe_b64encode(packed).rstrip(b"=").decode()
    assert qr.open_fragment(text, {}) == Refused("qr.large", {"most": str(qr.LARGEST)})
