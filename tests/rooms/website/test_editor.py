"""The editor: blocks are added, moved and removed without a script, nothing typed is lost, two editors are told apart."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy.orm import Session

from tests.rooms.media.makers import make_image
from tests.rooms.website.makers import (
    EDITOR,
    draft_of,
    make_home,
    make_page,
    open_editor,
    post,
    show,
    text_block,
    translate,
    write,
)
from webapp.blueprints.website.models import Page
from webapp.blueprints.website.queries.pictures import list_held, list_uses, pictures_of
from webapp.blueprints.website.queries.shown import list_links
from webapp.blueprints.website.services.blocks import is_link

SignIn = Callable[[str], FlaskClient]
KINDS = ("hero", "text", "cards", "embed", "quote", "table", "notice", "buttons")


def kinds_of(session: Session, page: Page) -> list[str]:
    return [block["kind"] for block in draft_of(session, page).draft.blocks]


def test_every_own_kind_is_added_filled_in_and_shown(session: Session, sign_in: SignIn) -> None:
    page, staff = make_page(session), sign_in("staff")
    for kind in KINDS:
        fields = open_editor(staff, page) | {"add": kind}
        assert staff.post(f"{EDITOR}/{page.id}/en/", data=fields).status_code == 303
    assert kinds_of(session, page) == list(KINDS)
    fields = open_editor(staff, page)
    filled = {
        name: ["https://example.org/a" if name.endswith("link") else f"Words of {name}"] if values == [""] else values
        for name, values in fields.items()
        if not name.endswith(("picture", "side", "tone", "style", "sort", "where"))
    }
    answer = staff.post(f"{EDITOR}/{page.id}/en/", data=filled | {"publish": "1"}, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    shown = staff.get("/en/about-us").text
    for block in draft_of(session, page).draft.blocks:
        assert f"block-{block['kind']}" in shown
        assert f"Words of {block['id']}" in shown


def test_blocks_are_moved_doubled_and_removed_by_buttons(session: Session, sign_in: SignIn) -> None:
    blocks = [text_block("One", "b1"), text_block("Two", "b2"), text_block("Three", "b3")]
    page, staff = make_page(session, blocks=blocks), sign_in("staff")

    def press(**button: str) -> list[str]:
        answer = staff.post(f"{EDITOR}/{page.id}/en/", data=open_editor(staff, page) | button)
        assert answer.status_code == 303
        return [block["values"]["text"] for block in draft_of(session, page).draft.blocks]

    assert press(move="b3:up") == ["One", "Three", "Two"]
    assert press(move="b3:up") == ["Three", "One", "Two"]
    assert press(move="b3:up") == ["Three", "One", "Two"]
    assert press(duplicate="b1") == ["Three", "One", "One", "Two"]
    assert press(remove="b3") == ["One", "One", "Two"]
    assert len({block["id"] for block in draft_of(session, page).draft.blocks}) == 3
    for nonsense in ("b9:up", "b1:sideways", ":", "b1", "b1:up:up"):
        press(move=nonsense)
    press(remove_row="b1:text:0")
    press(add_row="b9:cards")


def test_the_order_in_which_blocks_were_dropped_is_kept(session: Session, sign_in: SignIn) -> None:
    page, staff = make_page(session, blocks=[text_block("One", "b1"), text_block("Two", "b2")]), sign_in("staff")
    fields = open_editor(staff, page) | {"order": ["b2", "b1", "b2", "../x"]}
    staff.post(f"{EDITOR}/{page.id}/en/", data=fields)
    assert [block["id"] for block in draft_of(session, page).draft.blocks] == ["b2", "b1"]


def test_lines_of_a_list_are_added_moved_and_removed(session: Session, sign_in: SignIn) -> None:
    rows = [{"cells": "a|1"}, {"cells": "b|2"}]
    table = {"id": "t1", "kind": "table", "values": {"title": "T", "head": "", "rows": rows, "note": ""}}
    page, staff = make_page(session, blocks=[table]), sign_in("staff")

    def press(**button: str | list[str]) -> list[str]:
        staff.post(f"{EDITOR}/{page.id}/en/", data=open_editor(staff, page) | button)
        return [row["cells"] for row in draft_of(session, page).draft.blocks[0]["values"]["rows"]]

    assert press(move_row="t1:rows:1:up") == ["b|2", "a|1"]
    assert press(add_row="t1:rows") == ["b|2", "a|1", ""]
    dragged = {"t1-rows-rows": ["2", "1", "0"]}
    assert press(move_row="t1:rows:0:up", **dragged) == ["", "b|2", "a|1"]
    assert press(remove_row="t1:rows:0", **dragged) == ["a|1", "b|2"]
    assert press(add_row="t1:rows") == ["a|1", "b|2", ""]
    assert press(remove_row="t1:rows:1") == ["a|1", ""]
    assert press(remove_row="t1:rows:99") == ["a|1", ""]


def test_what_is_wrong_is_told_where_it_is_and_nothing_typed_is_lost(session: Session, sign_in: SignIn) -> None:
    hero = {"id": "h1", "kind": "hero", "values": {"title": "Hello"}}
    page, staff = make_page(session, blocks=[hero]), sign_in("staff")
    fields = open_editor(staff, page) | {
        "h1-link": "javascript:alert(1)", "h1-title": "x" * 121, "title": "y" * 151, "h1-text": "my new words",
    }  # fmt: skip
    answer = staff.post(f"{EDITOR}/{page.id}/en/", data=fields, headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    assert "Block 1 (Opening), Link: Write a page of this site as /en/about" in answer.text
    assert "At most 120 characters." in answer.text
    assert "At most 150 characters." in answer.text
    assert 'value="javascript:alert(1)"' in answer.text
    assert "my new words" in answer.text
    assert draft_of(session, page).draft.blocks[0]["values"]["title"] == "Hello"


def test_what_is_shown_elsewhere_says_where_and_loads_nothing_of_it(session: Session, sign_in: SignIn) -> None:
    clip = {
        "id": "e1",
        "kind": "embed",
        "values": {"title": "The kiln", "link": "https://www.known.org@other.example/a"},
    }
    page, staff = make_page(session, blocks=[clip]), sign_in("staff")
    shown = staff.get(show(session, page), headers={"Accept-Language": "en"}).text.partition("<main")[2]
    assert re.search(r'href="https://www.known.org@other.example/a"\s+rel="noopener noreferrer"', shown)
    assert "Open at other.example" in shown
    assert not re.search(r"<(iframe|embed|object|video)|src=\"https?:", shown)
    for wrong in ("/en/kiln", "mailto:a@b.it", '<iframe src="https://other.example/a"></iframe>'):
        fields = open_editor(staff, page) | {"e1-link": wrong}
        answer = staff.post(f"{EDITOR}/{page.id}/en/", data=fields, headers={"Accept-Language": "en"})
        assert answer.status_code == 422
        assert "Block 1 (Video or map elsewhere), Address at the other site: Write the address" in answer.text
        assert str(escape(wrong)) in answer.text


@pytest.mark.parametrize(
    "link",
    ["/en/about", "/it?a=1#b", "#top", "https://example.org/x?y=1", "mailto:a@b.it", "tel:+39-0546.1", "tel:0546(1)2"],
)
def test_links_lead_to_this_site_over_tls_to_mail_and_telephones(link: str) -> None:
    assert is_link(link)


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "data:text/html,x", "//evil.example",
        "/\\evil.example", "http://example.org", "https://", "https:///x", "https://a b.it", "mailto:nobody", "tel:abc",
        "vbscript:x", "/a\nb", "https://[::1", "ftp://a.it/x", "about us", '/x"onclick=1', "https://localhost", "\x00/x",
    ],
)  # fmt: skip
def test_other_links_are_refused(link: str) -> None:
    assert not is_link(link)


def test_a_second_editor_sees_what_the_first_wrote_and_loses_nothing(session: Session, sign_in: SignIn) -> None:
    page, staff = make_page(session, blocks=[text_block("Above\nThe old words of the page", "b1")]), sign_in("staff")
    fields = open_editor(staff, page)
    write(session, page, title="Their title", blocks=[text_block("Above\nThe new words of the page", "b1")])
    mine = fields | {"title": "My title", "b1-text": "Above\r\nThe brave words of the page"}
    answer = staff.post(f"{EDITOR}/{page.id}/en/", data=mine, headers={"Accept-Language": "en"})
    assert answer.status_code == 409
    assert "<del>Their</del>" in answer.text.replace("Their ", "Their")
    assert "Above\nThe <del>new </del><ins>brave </ins>words" in answer.text
    assert "The brave words of the page" in answer.text
    assert draft_of(session, page).draft.title == "Their title"
    again = staff.post(f"{EDITOR}/{page.id}/en/", data=mine | {"version": str(draft_of(session, page).draft.version)})
    assert again.status_code == 303
    assert draft_of(session, page).draft.title == "My title"


def test_autosave_answers_with_the_version_and_makes_no_revision(session: Session, sign_in: SignIn) -> None:
    page, staff = make_page(session), sign_in("staff")
    fields = open_editor(staff, page) | {"title": "Saved by itself", "autosave": "1"}
    answer = staff.post(f"{EDITOR}/{page.id}/en/", data=fields)
    assert answer.json["version"] == draft_of(session, page).draft.version
    assert draft_of(session, page).draft.title == "Saved by itself"
    assert "Saved by itself" not in staff.get(f"{EDITOR}/{page.id}/en/revisions/").text.partition("<h2")[2]
    assert staff.post(f"{EDITOR}/{page.id}/en/", data=fields).status_code == 409
    wrong = fields | {"version": str(answer.json["version"]), "title": ""}
    assert staff.post(f"{EDITOR}/{page.id}/en/", data=wrong).status_code == 422


def test_a_block_of_a_closed_room_is_told_kept_and_not_shown(session: Session, sign_in: SignIn) -> None:
    stranger = {"id": "x1", "kind": "closed_room", "values": {"deep": [1, {"a": "kept"}]}}
    page, staff = make_page(session, blocks=[stranger, text_block("Hello")]), sign_in("staff")
    fields = open_editor(staff, page)
    answer = staff.post(f"{EDITOR}/{page.id}/en/", data=fields | {"t1-text": "Good evening", "publish": "1"})
    assert answer.status_code == 303
    assert draft_of(session, page).draft.blocks[0] == stranger
    shown = staff.get("/en/about-us").text
    assert "Good evening" in shown
    assert "closed_room" not in shown


def test_an_unfinished_draft_is_saved_and_not_published(session: Session, sign_in: SignIn) -> None:
    page, staff = make_page(session, blocks=[text_block("", "b1")]), sign_in("staff")
    fields = open_editor(staff, page) | {"title": "Nearly done", "publish": "1"}
    answer = staff.post(f"{EDITOR}/{page.id}/en/", data=fields, headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    assert "Block 1 (Text), Text: Fill this in." in answer.text
    assert draft_of(session, page).draft.title == "Nearly done"
    assert staff.get("/en/about-us").status_code == 404


def test_hostile_words_stay_words(session: Session, sign_in: SignIn) -> None:
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    blocks = [
        {"id": "h1", "kind": "hero", "values": {"title": evil, "text": evil, "link": "/en", "link_text": evil}},
        text_block(f"{evil}\n\n[x](javascript:alert(1)) ![p](https://evil.example/x.png) [m](mailto:a@b.it) a@b.it", "b2"),
        {"id": "q1", "kind": "quote", "values": {"text": evil, "author": evil}},
        {"id": "t1", "kind": "table", "values": {"title": evil, "head": f"{evil}|b", "rows": [{"cells": evil}]}},
    ]  # fmt: skip
    page = make_page(session, blocks=blocks, title=evil[:60], description=evil)
    path = show(session, page)
    stranger = sign_in("viewer")
    shown = stranger.get(path).text
    for words in ("<script>alert", "<img", 'href="javascript:'):
        assert words not in shown.partition("<main")[2].partition("</main")[0]
    assert 'href="mailto:a@b.it"' in shown


def test_the_other_language_stands_beside_and_its_blocks_can_be_copied(session: Session, sign_in: SignIn) -> None:
    page, staff = make_page(session, blocks=[text_block("English words", "b1")]), sign_in("staff")
    translate(session, page, "Chi siamo")
    before = open_editor(staff, page, "it")
    assert "About us" in staff.get(f"{EDITOR}/{page.id}/it/").text
    post(staff, f"/{page.id}/it/take-over", version=before["version"])
    assert draft_of(session, page, "it").draft.blocks[0]["values"]["text"] == "English words"
    write(session, page, "it", blocks=[text_block("Parole italiane", "b1")])
    beside = staff.get(f"{EDITOR}/{page.id}/it/").text
    assert '<div class="site-said">English words</div>' in beside
    stale = post(staff, f"/{page.id}/it/take-over", version=before["version"])
    assert stale.status_code == 409
    assert draft_of(session, page, "it").draft.blocks[0]["values"]["text"] == "Parole italiane"


def test_a_page_is_begun_in_the_other_language(session: Session, sign_in: SignIn) -> None:
    page, staff = make_page(session, blocks=[text_block("English words", "b1")]), sign_in("staff")
    assert staff.get(f"{EDITOR}/{page.id}/it/").status_code == 200
    assert post(staff, f"/{page.id}/it/start", title=" ").status_code == 422
    begun = post(staff, f"/{page.id}/it/start", title="Chi siamo", copy_blocks="y")
    assert begun.status_code == 303
    written = draft_of(session, page, "it")
    assert written.text.path == "/it/chi-siamo"
    assert written.draft.blocks[0]["values"]["text"] == "English words"
    assert post(staff, f"/{page.id}/it/start", title="Ancora").status_code == 409


def test_who_else_edits_a_page_is_told(session: Session, sign_in: SignIn) -> None:
    page = make_page(session)
    staff, owner = sign_in("staff"), sign_in("owner")
    assert post(staff, f"/{page.id}/en/here").text.count("alert") == 0
    told = post(owner, f"/{page.id}/en/here").text
    assert "edits this page since" in told
    assert "edits this page since" in owner.get(f"{EDITOR}/{page.id}/en/", headers={"Accept-Language": "en"}).text


def test_a_picture_that_a_page_shows_is_told_and_kept(session: Session, sign_in: SignIn) -> None:
    shown, free = make_image(session), make_image(session, colour=(200, 90, 9))
    hero = {"id": "a", "kind": "hero", "values": {"title": "Plates", "picture": shown.id}}
    cards = {"id": "b", "kind": "cards", "values": {"cards": [{"title": "One", "picture": shown.id}]}}
    page = make_page(session, blocks=[hero, cards])
    assert list(pictures_of([hero, cards])) == [shown.id, shown.id]
    assert list_uses(session, shown.id) == [("About us", page.id, "en")]
    assert list_uses(session, free.id) == []
    assert list_held(session) >= {shown.id}
    owner = sign_in("owner")
    assert f"/backoffice/site/pages/{page.id}/en/" in owner.get(f"/backoffice/site/images/{shown.id}/").text


def test_links_are_suggested_up_to_a_number_the_nearest_to_the_start_page_first(session: Session) -> None:
    far = make_page(session, "A far one", below=(near := make_page(session, "Near")))
    for page in (make_home(session), near, far):
        show(session, page)
    make_page(session, "A draft")
    found = list_links(session, "en", most=10)
    assert found == [("/en", "Home"), ("/en/near", "Near"), ("/en/near/a-far-one", "A far one")]
    assert list_links(session, "en", most=2) == found[:2]
    assert list_links(session, "it", most=10) == []


def test_the_editor_suggests_pages_of_the_tree_and_of_other_rooms(session: Session, sign_in: SignIn) -> None:
    page = make_page(session)
    show(session, make_home(session))
    suggested = sign_in("staff").get(f"{EDITOR}/{page.id}/en/").text.partition('id="site-links"')[2]
    assert '<option value="/en">Home</option>' in suggested.partition("</datalist>")[0]
