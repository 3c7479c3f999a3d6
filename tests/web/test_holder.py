"""A holder's pages: one answer for wrong links, slow guessing, own papers alone, downloads, shared views."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from compsys import holder_desk, holder_forms, holder_papers
from compsys.commands_credentials import MoveCredentials
from compsys.commands_holder import RevokeHolderLink
from compsys.credentials import baking, controller, documents, jwt
from tests.compsys.holders import OFFICE, OFFICER, RIGHT, number, person, put
from tests.web.holder_place import Place, holder_place
from tests.web.venue import Browser as Client
from tests.web.venue import Told
from web import holder_sessions
from web.app import create_public_app
from web.settings import settings_for

WRONG = "holder.link_bad"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with holder_place(tmp_path_factory.mktemp("holders")) as made:
        yield made


def knock(place: Place, client: Client, token: str, path: str = "/holder/open") -> Told:
    """Open a link as its page's script does."""
    return place.wait(client.post_json(path, {"token": token}))


def enter(place: Place, client: Client, token: str, answer: str) -> Told:
    """Answer what is asked."""
    return place.wait(client.post_json("/holder/enter", {"token": token, "answer": answer}))


def test_every_link_that_does_not_work_is_answered_alike(place: Place) -> None:
    used = place.token(1)
    fresh = place.token(1)  # ends the one before
    revoked = place.token(2)
    place.wait(put(place.desk, RevokeHolderLink(person=person(2)), OFFICE))
    client = place.client()
    answers = {
        (told.status, told.text)
        for token in ("", "x" * 22, used, revoked, "Ω" * 400)
        for told in (knock(place, client, token), enter(place, client, token, number(1)[-4:]))
    }
    assert len(answers) == 1
    status, text = answers.pop()
    assert status == 403 and json.loads(text)["code"] == WRONG
    assert knock(place, client, fresh).json == {"asks": "id_number"}
    view = knock(place, client, "x" * 22, "/shared/open")
    assert (view.status, view.text) == (status, text)


def test_wrong_answers_wait_and_the_tenth_ends_the_link_for_good(place: Place) -> None:
    token, client = place.token(1), place.client()
    right, slowed = number(1)[-4:], 0
    for tried in range(holder_sessions.MOST):
        told = enter(place, client, token, "0000")
        waited = 0
        while told.status == 429:
            assert told.json["code"] == "holder.throttled" and tried >= holder_sessions.FREE
            # Not even the right answer is taken before the time is over.
            assert enter(place, client, token, right).status == 429
            place.seconds.now += 61
            told = enter(place, client, token, "0000")
            waited += 1
        assert waited <= 1
        slowed += waited
        assert told.json["code"] == ("holder.answer_wrong" if tried < holder_sessions.MOST - 1 else WRONG)
    assert slowed >= holder_sessions.MOST - holder_sessions.FREE - 1
    place.seconds.now += 3600
    assert enter(place, client, token, right).json["code"] == WRONG
    # It is in the journal: no restart gives ten more.
    link = place.desk.state.holders.links[holder_desk.digest(token)]
    assert link.revoked == "guessed"


def test_links_that_do_not_work_are_slow_from_one_address(place: Place) -> None:
    client = place.client()
    place.seconds.now += 3600
    answers = [knock(place, client, f"{i:022}").status for i in range(2 * holder_sessions.LINKS_FREE)]
    assert 429 in answers and answers[0] == 403
    place.seconds.now += 61
    assert knock(place, client, place.token(1)).status == 200


def test_the_answer_is_taken_as_people_type_it(place: Place) -> None:
    place.seconds.now += 3600
    wide = str.maketrans("0123456789X", "０１２３４５６７８９ｘ")
    told = enter(place, place.client(), place.token(1), f" {number(1)[-4:].translate(wide)} ")
    assert told.status == 200 and told.json == {"next": "/holder"}
    cookie = told.cookies[0].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie


def test_another_holder_sees_nothing_of_the_first(place: Place) -> None:
    mine, theirs = place.came(0), place.came(1)
    keys = {i: [_uuid(key) for key in holder_papers.issued(place.desk.state, person(i))] for i in (0, 1)}
    page = place.wait(theirs.get("/holder")).text
    assert keys[1][0] in page and not any(key in page for key in keys[0])
    other = place.desk.names(person(0))
    assert other is not None and not any(name in page for name in other.name.values())
    for form in holder_forms.FORMS:
        assert place.wait(mine.get(f"/holder/papers/{keys[0][0]}/{form}")).status == 200, form
        missing = place.wait(theirs.get(f"/holder/papers/{keys[0][0]}/{form}"))
        never = place.wait(theirs.get(f"/holder/papers/{'0' * 8}-0000-4000-8000-{'0' * 12}/{form}"))
        assert (missing.status, re.sub(keys[0][0], "ID", missing.text)) == (
            404, re.sub("0{8}-0000-4000-8000-0{12}", "ID", never.text),
        )  # fmt: skip
    nobody = place.wait(place.client().get(f"/holder/papers/{keys[0][0]}/json", Accept="*/*"))
    assert nobody.status == 403
    share = {"paper": keys[0][0].replace("-", ""), "days": "7", "k": "ab" * 16}
    assert place.wait(theirs.post("/holder/share", share)).status == 409
    assert not place.desk.state.holders.views_of.get(person(1))


def _uuid(key: str) -> str:
    return holder_papers.uuid_of(key)


def test_every_form_says_the_same_and_is_what_the_office_exports(place: Place) -> None:
    client, state = place.came(0), place.desk.state
    for key in holder_papers.issued(state, person(0)):
        got = {}
        for form in holder_forms.FORMS:
            told = place.wait(client.get(f"/holder/papers/{_uuid(key)}/{form}"))
            assert told.status == 200 and told.headers["content-type"].startswith(holder_forms.KINDS[form])
            found = state.credentials.held[key]
            assert f'filename="{found.number}.{form}"' in told.headers["content-disposition"]
            assert told.headers["cache-control"] == "no-store"
            got[form] = told.body
        document = json.loads(got["json"])
        assert json.loads(baking.read_png(got["png"]) or "") == document
        assert json.loads(baking.read_svg(got["svg"].decode()) or "") == document
        issuer = state.credentials.issuer(found.issuer)
        keys = documents.controller_keys(state, found.issuer)
        token = jwt.read(got["jwt"].decode(), controller.key_of({issuer.address: keys}, "ES256"))
        assert token.ok, token.code
        assert token.document == {name: value for name, value in document.items() if name != "proof"}
        assert got["pdf"].startswith(b"%PDF-")
        again = place.wait(client.get(f"/holder/papers/{_uuid(key)}/pdf")).body
        assert again == got["pdf"], "the same certificate is the same bytes"


def test_a_new_link_takes_the_old_browsers_in_nowhere(place: Place) -> None:
    client = place.came(1)
    assert "paper-" in place.wait(client.get("/holder")).text
    place.token(1)
    page = place.wait(client.get("/holder"))
    assert page.status == 200 and "paper-" not in page.text and 'id="door"' in page.text
    assert place.wait(client.post("/holder/leave", {})).status == 403


def test_leaving_ends_this_browser_and_no_other(place: Place) -> None:
    token = place.token(1)
    one, two = place.client(), place.client()
    for client in (one, two):
        assert enter(place, client, token, number(1)[-4:]).status == 200
    kept = dict(one.cookies)
    assert place.wait(one.post("/holder/leave", {})).status == 303
    one.cookies |= kept
    assert "paper-" not in place.wait(one.get("/holder")).text
    assert "paper-" in place.wait(two.get("/holder")).text


def test_a_shared_view_follows_its_papers_and_ends_at_the_holders_word(place: Place) -> None:
    holder = place.came(2)
    key = holder_papers.issued(place.desk.state, person(2))[0]
    form = {"paper": key, "days": "30", "label": "Example Works", "k": "cd" * 16}
    page = place.wait(holder.post("/holder/share", form)).text
    again = place.wait(holder.post("/holder/share", form)).text
    link = re.search(r'value="(http[^"]*/shared#[^"]+)"', page)
    assert link is not None and link[1] in again, "a form sent twice makes one link"
    employer = place.client()
    token = link[1].partition("#")[2]
    assert knock(place, employer, token, "/shared/open").json == {"next": "/shared"}
    seen = place.wait(employer.get("/shared?lang=en")).text
    assert "This certificate is valid." in seen and seen.count("holder__paper") == 1
    assert "Example Works" not in seen and number(2)[-4:] not in seen
    number_of = place.desk.state.credentials.held[key].number
    assert number_of in seen
    suspend = MoveCredentials(move="suspended", credentials=(key,), code="appeal", reason="x")
    place.wait(put(place.desk, suspend))
    assert "This certificate is suspended." in place.wait(employer.get("/shared?lang=en")).text
    place.wait(put(place.desk, MoveCredentials(move="reinstated", credentials=(key,), reason="x")))
    told = place.wait(holder.get("/holder?lang=en")).text
    assert "Example Works" in told and "opened 1 time" in told
    view = place.desk.state.holders.views_of[person(2)][-1]
    assert place.wait(place.came(1).post(f"/holder/share/{view}/revoke", {})).status == 409
    assert place.wait(holder.post(f"/holder/share/{view}/revoke", {})).status == 303
    over = place.wait(employer.get("/shared?lang=en")).text
    assert number_of not in over and "holder__paper" not in over


def test_a_journal_that_cannot_be_read_gives_a_calm_page(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = place.came(1)

    async def broken(desk: object, who: str) -> object:
        raise OSError(5, "the disk does not answer")

    monkeypatch.setattr(holder_desk, "notes", broken)
    told = place.wait(client.get("/holder?lang=en"))
    assert told.status == 503 and told.headers["retry-after"] == "10"
    assert "nothing is lost" in told.text


def test_somebody_erased_sees_one_calm_sentence_and_the_link_is_like_any_other(tmp_path: Path) -> None:
    with holder_place(tmp_path) as place:
        client, token = place.came(1), place.token(2)
        mine = place.came(2)
        place.wait(place.desk.erase(person(1), OFFICE, "asked for it"))
        told = place.wait(client.get("/holder?lang=en"))
        assert told.status == 410 and "erased as asked for" in told.text
        assert place.wait(client.post("/holder/leave", {})).status == 303
        place.wait(place.desk.erase(person(2), OFFICE, "asked for it"))
        assert knock(place, place.client(), token).json["code"] == WRONG
        assert place.wait(mine.get("/holder")).status == 410


def test_a_correction_by_form_goes_its_way_and_stale_papers_are_said_to_be(tmp_path: Path) -> None:
    with holder_place(tmp_path) as place:
        client = place.came(0)
        form = {"name.zh-CN": RIGHT, "words": "one character was misread", "k": "ef" * 16}
        told = place.wait(client.post("/holder/correct", form))
        assert told.status == 303
        assert "Waiting" in place.wait(client.get("/holder?lang=en")).text
        id_ = next(iter(place.desk.state.holders.waiting))

        async def named() -> None:
            steps = holder_desk.accepting(place.desk, id_, OFFICE, "", OFFICER)
            for _ in range(3):
                await anext(steps)
            await steps.aclose()

        place.wait(named())
        page = place.wait(client.get("/holder?lang=en")).text
        assert page.count("this certificate is being issued anew") == 2 and RIGHT in page
        key = holder_papers.issued(place.desk.state, person(0))[0]
        assert place.wait(client.get(f"/holder/papers/{_uuid(key)}/json")).status == 409
        assert place.accept().answer.a == "accepted"
        document = place.wait(client.get(f"/holder/papers/{_uuid(key)}/json")).json
        assert document["credentialSubject"]["identifier"][0]["identityHash"] == RIGHT
        assert document["validFrom"] > document["awardedDate"]


def test_a_spectators_server_says_where_holders_pages_are() -> None:
    settings = replace(settings_for(("127.0.0.1",), 8000), role="public", redis="redis://127.0.0.1:1/0")
    app = create_public_app(settings)
    paths = {getattr(route, "path", "") for route in app.routes}
    assert {"/holder", "/shared"} <= paths
    assert not any(path.startswith(("/holder/", "/shared/")) for path in paths)


def test_what_is_enclosed_must_be_a_picture_or_a_pdf(place: Place) -> None:
    client = place.came(1)
    boundary = "x" * 20
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'
        for name, more, value in (
            ("name.zh-CN", "", "新名"), ("file", '; filename="a.exe"\r\nContent-Type: image/png', "MZ...."),
        )
    ]  # fmt: skip
    body = ("".join(parts) + f"--{boundary}--\r\n").encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    told = place.wait(client.ask("POST", "/holder/correct", body, kind))
    assert told.status == 409 and not place.desk.state.holders.waiting
