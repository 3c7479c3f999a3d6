"""Printed certificates: what is on the page, what is attached, what stops a batch, what others read."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from compsys import words
from compsys.answers import Refused
from compsys.credentials import glyphs, jcs, proofs, qr
from compsys.credentials.certificate import Paper
from compsys.credentials.typesetting import NAMES, Press, font_missing, template
from tests.compsys.paper_samples import AWARDS, BASE, credential, key_of, paper, png

LONG = "阿卜杜热西提·买买提吐尔逊·阿不都克热木江"
RARE = "\U0003134a"
"""A character of the newest plane, which the usual fonts lack."""

LONG_BODY = (
    "示例自治区示例市餐饮行业职业技能等级认定评价指导中心有限公司 / "
    "Example City Catering Industry Vocational Skills Assessment and Guidance Centre Co., Ltd."
)


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    with Press() as made:
        yield made


def printed(press: Press, *papers: Paper) -> bytes:
    made = press.print(papers)
    assert isinstance(made, bytes), made
    return made


def texts(pdf: bytes) -> list[str]:
    """The text of each page without blanks, as a reader copies it."""
    document = pypdfium2.PdfDocument(pdf)
    return [re.sub(r"\s", "", page.get_textpage().get_text_bounded()) for page in document]


KINDS = ("level", "award", "score")


@pytest.mark.parametrize("language", words.LANGS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_was_signed_is_on_the_page(press: Press, kind: str, language: str) -> None:
    signed = credential("欧阳䶮·㛃", award=AWARDS[4])
    text = texts(printed(press, paper(signed, kind, language=language)))[0]
    titles = {"level": "职业技能等级证书", "award": "获奖证书", "score": "成绩证明"}
    shown = ["欧阳䶮·㛃", "S000037000042253000017", "示例技能评价中心", "ExampleSkillsAssessmentCentre"]
    shown += [titles[kind], "https://c.example/v", "2025年10月20日", "20October2025"]
    shown += {
        "level": ["焊工", "Welder", "焊条电弧焊", "三级/高级工", "Level3", "002X", "依据2025年示例市"],
        "award": ["金牌", "Goldmedal", "焊接", "2025年示例市职业技能竞赛"],
        "score": ["82.35", "5", "金牌", "总分（百分制）", "Totalof100"],
    }[kind]
    assert not [one for one in shown if one not in text]


@pytest.mark.parametrize("kind", KINDS)
def test_the_signed_json_is_attached_byte_for_byte_and_verifies(press: Press, kind: str) -> None:
    one = paper(credential("古丽·买买提"), kind)
    pdf = pypdfium2.PdfDocument(printed(press, one))
    assert pdf.count_attachments() == 1
    attached = bytes(pdf.get_attachment(0).get_data())
    assert pdf.get_attachment(0).get_name() == "S000037000042253000017.json"
    assert attached == one.signed
    assert proofs.verify(jcs.parse(attached), key_of).ok


def test_it_says_and_looks_like_pdf_a_3b(press: Press) -> None:
    """What shows without a validator: the claim, the colour profile, the relationship, embedded fonts."""
    pdf = printed(press, paper(credential(), seal=png(), photo=png()))
    assert b"<pdfaid:part>3</pdfaid:part>" in pdf and b"<pdfaid:conformance>B</pdfaid:conformance>" in pdf
    document = pypdfium2.PdfDocument(pdf)
    fonts = {found.group(1) for found in re.finditer(rb"/BaseFont ?/([\w+-]+)", inflated(pdf))}
    assert fonts and all(re.match(rb"[A-Z]{6}\+", font) for font in fonts), fonts
    plain = inflated(pdf)
    assert re.search(rb"/AFRelationship ?/Data", plain) and b"/GTS_PDFA1" in plain
    assert b"/JavaScript" not in plain and b"/Encrypt" not in plain
    assert document.get_metadata_dict()["CreationDate"].startswith("D:20251020")


def inflated(pdf: bytes) -> bytes:
    """A PDF with its object streams opened."""
    parts = [pdf]
    for found in re.finditer(rb"stream\r?\n", pdf):
        try:
            parts.append(zlib.decompressobj().decompress(pdf[found.end() :]))
        except zlib.error:
            continue
    return b"\n".join(parts)


def test_the_same_papers_give_the_same_bytes_from_another_press(press: Press) -> None:
    papers = [paper(credential(serial=n), reprint=n % 3) for n in range(1, 6)]
    first = printed(press, *papers)
    with Press() as other:
        assert printed(other, *papers) == first
    assert printed(press, *papers) == first


def test_a_batch_is_one_page_and_one_attachment_each_in_order(press: Press) -> None:
    names = ["李明", LONG, "王芳", "古丽·买买提"]
    kinds = ("level", "award", "score", "level")
    both = enumerate(zip(names, kinds, strict=True), 1)
    papers = [paper(credential(name, n), kind) for n, (name, kind) in both]
    pdf = pypdfium2.PdfDocument(made := printed(press, *papers))
    assert len(pdf) == pdf.count_attachments() == 4
    assert all(name in text for name, text in zip(names, texts(made), strict=True))
    attached = {pdf.get_attachment(n).get_name(): bytes(pdf.get_attachment(n).get_data()) for n in range(4)}
    assert sorted(attached.values()) == sorted(one.signed for one in papers)


@pytest.mark.parametrize("kind", KINDS)
def test_long_names_stay_on_their_page(press: Press, kind: str) -> None:
    signed = credential(LONG, issuer=LONG_BODY)
    pdf = printed(press, paper(signed, kind, photo=png(), reprint=12, replaces="2025-10-20"))
    text = texts(pdf)
    assert len(text) == 1 and LONG in text[0] and "CateringIndustry" in text[0]


@pytest.mark.parametrize("kind", KINDS)
def test_the_symbol_reads_from_the_page_at_every_usual_resolution(press: Press, kind: str) -> None:
    """100 and 150 dots an inch are a bad photocopy and a fax; a module is a whole number of dots at each."""
    signed = credential(LONG, 4711)
    one = paper(signed, kind)
    page = pypdfium2.PdfDocument(printed(press, one))[0]
    for dots in (100, 150, 200, 300):
        picture = page.render(scale=dots / 72).to_pil()
        found = zxingcpp.read_barcodes(picture)
        assert [code.text for code in found] == [one.address], dots
        corners = found[0].position
        wide = (corners.top_right.x - corners.top_left.x) / dots * 25.4
        assert wide + 8 * 25.4 / 50 >= 35
    preset = qr.dictionary(signed)
    opened = qr.open_fragment(found[0].text, {qr.name(preset): preset})
    assert not isinstance(opened, Refused) and qr.holder(opened) == LONG
    assert proofs.verify(opened, key_of, suites=(proofs.JCS,)).ok


def test_the_symbol_reads_from_a_bad_copy(press: Press) -> None:
    """Half size and grey, as from a photo of a screen."""
    one = paper(credential(LONG, 4711))
    page = pypdfium2.PdfDocument(printed(press, one))[0]
    for dots in (96, 110, 137, 173, 240):
        picture = page.render(scale=dots / 72).to_pil().convert("L").point(lambda v: 60 + v * 130 // 255)
        assert [code.text for code in zxingcpp.read_barcodes(picture)] == [one.address], dots


def test_a_name_that_no_font_can_print_stops_the_batch_by_name(press: Press) -> None:
    names = ("李明", f"王{RARE}", "张伟")
    told = press.print([paper(credential(name, n)) for n, name in enumerate(names, 1)])
    assert told == Refused("print.glyph", {"holder": f"王{RARE}", "signs": RARE, "codes": "U+3134A"})
    sentence = words.say("print.glyph", "zh-CN", **told.params)
    assert f"王{RARE}" in sentence and "U+3134A" in sentence
    assert press.print([paper(credential("李\u00ad明"))]) == Refused(
        "print.glyph", {"holder": "李\u00ad明", "signs": "\u00ad", "codes": "U+00AD"}
    )


def rare_font(folder: Path, sign: str) -> None:
    """A font with one character, a square."""
    pen = TTGlyphPen(None)
    for point in ((100, 0), (100, 800), (900, 800), (900, 0)):
        pen.lineTo(point) if pen.points else pen.moveTo(point)
    pen.closePath()
    empty = TTGlyphPen(None).glyph()
    made = FontBuilder(1000, isTTF=True)
    made.setupGlyphOrder([".notdef", "rare"])
    made.setupCharacterMap({ord(sign): "rare"})
    made.setupGlyf({".notdef": empty, "rare": pen.glyph()})
    made.setupHorizontalMetrics({".notdef": (1000, 0), "rare": (1000, 100)})
    made.setupHorizontalHeader(ascent=880, descent=-120)
    made.setupNameTable({"familyName": "Rare Signs", "styleName": "Regular", "psName": "RareSigns"})
    made.setupOS2(sTypoAscender=880, sTypoDescender=-120)
    made.setupPost()
    made.save(folder / "rare.ttf")


def test_a_font_in_the_folder_prints_the_rare_name(tmp_path: Path) -> None:
    rare_font(tmp_path, RARE)
    with Press(fonts=[tmp_path]) as press:
        assert f"王{RARE}" in texts(printed(press, paper(credential(f"王{RARE}"))))[0]


def test_a_machine_without_the_font_is_told_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(glyphs.SerifMissing) as told:
        glyphs.find([tmp_path], system=[])
    assert told.value.looked == (str(tmp_path),)
    refused = font_missing(told.value)
    assert "fonts-noto-cjk" in words.todo(refused.code, "en", **refused.params)
    assert str(tmp_path) in words.say(refused.code, "zh-CN", **refused.params)


def test_an_issuers_own_template_is_used_and_a_broken_one_is_told_by_line(tmp_path: Path) -> None:
    own = template("level").replace('"职业技能等级证书"', '"职业技能等级证书（示例）"')
    (tmp_path / "level.typ").write_text(own, "utf-8")
    with Press([tmp_path]) as press:
        assert "职业技能等级证书（示例）" in texts(printed(press, paper(credential())))[0]
    broken = own.replace("it.holder", "it.hodler")
    (tmp_path / "level.typ").write_text(broken, "utf-8")
    line = next(n for n, text in enumerate(broken.splitlines(), 1) if "it.hodler" in text)
    with Press([tmp_path]) as press:
        told = press.print([paper(credential())])
    assert isinstance(told, Refused) and told.code == "print.template"
    assert (told.params["file"], told.params["line"]) == ("level.typ", str(line))
    assert "hodler" in told.params["why"]


def test_a_template_reads_no_file_of_the_machine(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    for path in (str(secret), "../secret.txt", "/../../" + str(secret)):
        (tmp_path / "own" / "level.typ").write_text(f'#let draw(it) = page(read("{path}"))', "utf-8")
        with Press([tmp_path / "own"]) as press:
            told = press.print([paper(credential())])
        assert isinstance(told, Refused) and told.code == "print.template"


def test_the_title_of_a_level_is_not_printed_for_what_gives_none(press: Press) -> None:
    signed = credential()
    document = json.loads(json.dumps(signed))
    document["credentialSubject"]["achievement"]["achievementType"] = "Award"
    told = press.print([paper(document)])
    assert told == Refused("print.not_level", {"number": "S000037000042253000017"})
    assert isinstance(press.print([paper(document, "award")]), bytes)


def test_reprints_and_what_is_replaced_stand_on_the_page(press: Press) -> None:
    signed = credential()
    first = texts(printed(press, paper(signed)))[0]
    again = texts(printed(press, paper(signed, reprint=2, replaces="2025-03-01")))[0]
    assert "补印" not in first and "Reprint" not in first
    assert "补印2/Reprint2" in again and "2025年3月1日所发同号证书" in again


def test_a_picture_that_is_none_is_refused_by_number(press: Press) -> None:
    assert press.print([paper(credential(), photo=b"GIF89a")]) == Refused(
        "print.picture", {"number": "S000037000042253000017"}
    )
    assert press.print([Paper(b"{}", "level", f"{BASE}/v#", BASE)]) == Refused("print.not_credential")


def test_the_badge_is_drawn_as_png_and_svg(press: Press) -> None:
    given = {"colour": "gold", "top": "焊接", "large": "金牌", "small": "Gold medal", "bottom": "Welding"}
    picture, drawn = press.badge("png", **given), press.badge("svg", **given)
    assert isinstance(picture, bytes) and picture.startswith(b"\x89PNG")
    assert isinstance(drawn, bytes) and drawn.decode().lstrip().startswith("<svg")
    assert press.badge("png", **given) == picture


def test_every_shipped_template_can_be_copied_out() -> None:
    assert all("#let" in template(name) for name in NAMES)
    with pytest.raises(KeyError):
        template("../level")
