"""The journal tells who did what; the reports tell what grew old, leads nowhere or lacks words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import lazy_gettext
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from tests.rooms.catalogue.makers import make_category
from tests.rooms.editorial.makers import RunHere, send
from tests.rooms.navigation.makers import make_item
from tests.rooms.news.makers import make_article
from tests.rooms.shopfront.makers import make_good
from tests.rooms.website.makers import make_home, make_page, show, write
from webapp.blueprints.editorial.models import FoundLink, JournalEntry
from webapp.blueprints.editorial.queries import last_check, old_pages
from webapp.blueprints.editorial.services import Link, judge, keep_findings, links_of
from webapp.blueprints.editorial.tasks import check_links
from webapp.blueprints.navigation.services import delete_item
from webapp.blueprints.news.models import State as NewsState
from webapp.blueprints.news.services.articles import Wording
from webapp.blueprints.shopfront.models import Shelf
from webapp.blueprints.shopfront.services import ShelfValues, Text, update_shelf
from webapp.blueprints.website.public import Publication, unpublish
from webapp.core.clock import utc_now
from webapp.core.room import Room
from webapp.core.security import SYSTEM
from webapp.core.site import PageDraft, PublicPage

SignIn = Callable[[str], FlaskClient]
URL = "/backoffice/site/reports"
NOW = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
PAGE = PublicPage("/en/shop/cups", "en", "Cups", "page", NOW)


def deeds(session: Session) -> list[tuple[str, str]]:
    session.expire_all()
    return [(entry.deed, entry.title) for entry in session.scalars(select(JournalEntry).order_by(JournalEntry.id))]


def text_block(words: str) -> list[dict[str, object]]:
    return [{"id": "b1", "kind": "text", "values": {"title": "", "text": words, "picture": None, "side": ""}}]


def test_writing_publishing_and_taking_off_are_written_into_the_journal(session: Session) -> None:
    home = make_home(session)
    write(session, home, title="Hello")
    show(session, home)
    unpublish(session, by=SYSTEM, page_id=home.id, language="en")
    told = deeds(session)
    assert ("saved", "Hello") in told
    assert ("published", "Hello") in told
    assert told[-1] == ("taken off", "Hello")
    assert {entry.by_name for entry in session.scalars(select(JournalEntry))} == {"system"}


def test_other_rooms_of_the_site_are_in_the_journal_too(session: Session) -> None:
    item = make_item(session, label_it="Negozio")
    delete_item(session, by=SYSTEM, item_id=item.id, version=item.version)
    assert deeds(session)[-1] == ("deleted", "Negozio")


def test_what_was_undone_was_not_done(session: Session) -> None:
    item = make_item(session)
    session.commit()
    delete_item(session, by=SYSTEM, item_id=item.id, version=item.version)
    session.rollback()
    assert deeds(session) == []


def test_the_journal_says_whose_deed_it_was_when_it_was_the_houses(session: Session, sign_in: SignIn) -> None:
    session.add(JournalEntry(by_name="system", part="page", deed="published", title="One"))
    session.commit()
    for address in (f"{URL}/", f"{URL}/?format=csv"):
        told = sign_in("staff").get(address, headers={"Accept-Language": "en"}).text
        assert "Bottega itself" in told
        assert "system" not in told


def test_the_journal_is_filtered_and_exported(session: Session, sign_in: SignIn) -> None:
    session.add(JournalEntry(by_name="Ada", part="page", deed="published", title="One"))
    session.add(JournalEntry(by_name="=cmd()", part="menu", deed="deleted", title="Two"))
    session.commit()
    staff = sign_in("staff")
    page = staff.get(f"{URL}/?part=menu", headers={"Accept-Language": "en"}).text
    assert "Two" in page
    assert "One" not in page
    export = staff.get(f"{URL}/?format=csv&q=ada", headers={"Accept-Language": "en"})
    assert "One" in export.text
    assert "Two" not in export.text


def test_pages_that_grew_old_are_told_the_oldest_first(session: Session) -> None:
    ages = (400, 100, 800)
    pages = [PublicPage(f"/en/{age}", "en", str(age), "page", NOW - dt.timedelta(days=age)) for age in ages]
    found, count = old_pages(session, pages, NOW - dt.timedelta(days=365))
    assert ([each.page.title for each in found], count) == (["800", "400"], 2)
    assert found[0].page_id is None


def test_staff_choose_how_old_and_find_the_editor(session: Session, sign_in: SignIn) -> None:
    page = make_page(session, "Long ago")
    show(session, make_home(session))
    show(session, page)
    staff = sign_in("staff")
    session.execute(update(Publication).values(published_at=utc_now() - dt.timedelta(days=200)))
    session.commit()
    assert f"/backoffice/site/pages/{page.id}/en/" in staff.get(f"{URL}/old?months=6").text
    for months in ("12", "", "abc", "99999999999999999999", f"3{'0' * 6000}", f"003{'0' * 20}", "-6"):
        answer = staff.get(f"{URL}/old?months={months}")
        assert answer.status_code == 200
        assert f"/backoffice/site/pages/{page.id}/en/" not in answer.text


def test_links_are_read_from_the_main_part_with_their_words() -> None:
    html = (
        '<nav><a href="/menu">Menu</a></nav><main><p>See <a href="/en/a?x=1&amp;y=2">the <b>first</b>\n one</a> '
        '<a href="/b"><img alt="A cup" src="/x.webp"></a><a name="no">x</a><a href>y</a></main><a href="/foot">f</a>'
    )
    assert links_of(html) == [Link("/en/a?x=1&y=2", "the first one"), Link("/b", "A cup")]


@pytest.mark.parametrize(
    ("target", "state"),
    [
        ("/en/here", None),
        ("/en/here?x=1#top", None),
        ("#top", None),
        ("", None),
        ("plates", "broken"),
        ("../here", None),
        ("/en/gone", "broken"),
        ("https://our.shop/en/gone", "broken"),
        ("https://our.shop/en/here", None),
        ("https://elsewhere.example/en/here", "outside"),
        ("//elsewhere.example/x", "outside"),
        ("mailto:a@b.example", None),
        ("tel:+39", None),
        ("http://[broken", "broken"),
    ],
)
def test_a_link_is_judged_by_where_it_leads(target: str, state: str | None) -> None:
    known = {"/en/here", "/en/shop/cups"}
    found = judge(PAGE, [Link(target, "words")], ["our.shop"], lambda path: path in known)
    assert [each.state for each in found] == ([state] if state else [])


def test_the_task_looks_through_all_public_pages_and_counts(app: Flask, session: Session) -> None:
    home, page = make_home(session), make_page(session, "Shop")
    links = "[good](/en/shop) [gone](/en/gone-for-good) [out](https://elsewhere.example/x)"
    write(session, home, blocks=text_block(links))
    show(session, home)
    show(session, page)
    run = RunHere(session)
    result = check_links(run, {})
    assert (result["broken"], result["outside"], result["failed"]) == (1, 1, 0)
    broken = session.scalars(select(FoundLink).where(FoundLink.state == "broken")).one()
    assert (broken.path, broken.target, broken.words) == ("/en", "/en/gone-for-good", "gone")
    again = check_links(run, {})
    assert again["broken"] == 1
    assert len(session.scalars(select(FoundLink)).all()) == 2


def test_links_of_drafts_are_looked_at_too_and_marked(app: Flask, session: Session, sign_in: SignIn) -> None:
    home, page = make_home(session), make_page(session, "Coming")
    write(session, home, blocks=text_block("[gone](/en/gone)"))
    show(session, home)
    write(session, home, blocks=text_block("[gone](/en/gone) [lost](/en/lost)"))
    write(session, page, blocks=text_block("[here](/en) [to itself](/en/coming) [lost](/en/lost)"))
    body = "[nowhere](/en/nowhere)"
    make_article(session, "Kiln", words={"en": Wording("Kiln", body=body)}, state=NewsState.DRAFT)
    make_article(
        session, "Later", words={"en": Wording("Later", body=body)}, publish_at=utc_now() + dt.timedelta(days=1)
    )
    check_links(RunHere(session), {})
    found = {(each.path, each.target, each.draft) for each in session.scalars(select(FoundLink))}
    assert found == {
        ("/en", "/en/gone", False),
        ("/en", "/en/lost", True),
        ("/en/coming", "/en/lost", True),
        ("/en/news/kiln", "/en/nowhere", True),
        ("/en/news/later", "/en/nowhere", True),
    }
    staff = sign_in("staff")
    report = staff.get(f"{URL}/links?standing=draft", headers={"Accept-Language": "en"}).text
    assert "/en/lost" in report
    assert "/en/gone" not in report
    number = session.scalars(select(FoundLink.id).where(FoundLink.path == "/en/coming")).one()
    assert staff.get(f"{URL}/links/{number}").location == f"/backoffice/site/pages/{page.id}/en/"


def test_links_of_products_and_categories_that_are_not_shown_are_looked_at_as_drafts(
    app: Flask, session: Session
) -> None:
    said = "[the other one](/en/products/saucer) [nowhere](/en/nowhere)"
    cup = make_good(
        session, words={"en": Text(name="Cup", description=said)}, shown=False, category=make_category(session)
    )
    make_good(session, words={"en": Text(name="Saucer")}, shown=False)
    shelf = session.scalars(select(Shelf)).one()
    words = {"en": Text(name="For tea", description="[lost](/en/lost)")}
    update_shelf(session, by=SYSTEM, shelf_id=shelf.id, version=shelf.version, values=ShelfValues(words))
    check_links(RunHere(session), {})
    found = {(each.path, each.target, each.draft, each.edit) for each in session.scalars(select(FoundLink))}
    office = "/backoffice/site/shopfront"
    assert found == {
        ("/en/products/cup", "/en/nowhere", True, f"{office}/products/{cup.product_id}"),
        ("/en/products/category/for-tea", "/en/lost", True, f"{office}/categories/{shelf.id}/edit"),
    }


def test_a_draft_that_cannot_be_drawn_is_told_and_keeps_no_other_from_being_looked_at(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> str:
        raise RuntimeError

    other = PublicPage("/en/b", "en", "B", "page", NOW)
    drafts = [PageDraft(PAGE, broken), PageDraft(other, lambda: '<a href="/gone">gone</a>')]
    room = Room(name="broken", title=lazy_gettext("Broken"), drafts=lambda _session: drafts)
    monkeypatch.setitem(app.extensions, "rooms", (*app.extensions["rooms"], room))
    run = RunHere(session)
    assert check_links(run, {})["failed"] == 1
    (warning,) = (line for line in run.told if line.startswith("warning: "))
    assert PAGE.path in warning
    assert session.scalars(select(FoundLink.path)).all() == [other.path]


def test_a_found_link_leads_to_where_it_is_mended(session: Session, sign_in: SignIn) -> None:
    home = make_home(session)
    elsewhere = PublicPage("/en/news/one", "en", "One", "article", NOW)
    found = judge(PublicPage("/en", "en", "Home", "page", NOW), [Link("/en/gone", "x")], [], lambda _path: False)
    found += judge(elsewhere, [Link("/en/gone", "x")], [], lambda _path: False)
    keep_findings(session, found, pages=2, links=2, failed=0)
    session.commit()
    staff = sign_in("staff")
    first, second = session.scalars(select(FoundLink).order_by(FoundLink.path)).all()
    assert staff.get(f"{URL}/links/{first.id}").location == f"/backoffice/site/pages/{home.id}/en/"
    assert staff.get(f"{URL}/links/{second.id}").location == "/en/news/one"
    assert staff.get(f"{URL}/links/{10**15}").status_code == 404
    page = staff.get(f"{URL}/links?state=broken", headers={"Accept-Language": "en"}).text
    assert "2 lead nowhere" in page
    check = last_check(session)
    assert check
    assert (check.pages, check.broken, check.outside) == (2, 2, 0)


def test_articles_and_products_are_in_the_reports_and_lead_to_where_they_are_written(
    session: Session, sign_in: SignIn
) -> None:
    body = "Look at [the old list](/en/gone-for-good)."
    article = make_article(session, "Kiln", words={"en": Wording("Kiln", body=body)})
    good = make_good(session, words={"en": Text(name="Cup", description=body)})
    check_links(RunHere(session), {})
    found = {each.path: each.edit for each in session.scalars(select(FoundLink).where(FoundLink.state == "broken"))}
    news, shop = f"/backoffice/site/news/{article.id}/edit", f"/backoffice/site/shopfront/products/{good.product_id}"
    assert (found["/en/news/kiln"], found["/en/products/cup"]) == (news, shop)
    staff = sign_in("staff")
    number = session.scalars(select(FoundLink.id).where(FoundLink.path == "/en/news/kiln")).first()
    assert staff.get(f"{URL}/links/{number}").location == news
    long_ago = utc_now() - dt.timedelta(days=900)
    session.execute(text("UPDATE news_articles SET updated_at = :at, publish_at = :at"), {"at": long_ago})
    session.execute(text("UPDATE shopfront_goods SET updated_at = :at"), {"at": long_ago})
    session.execute(text("UPDATE catalogue_products SET updated_at = :at"), {"at": long_ago})
    session.commit()
    page = staff.get(f"{URL}/old").text
    assert news in page
    assert shop in page


def test_staff_have_the_links_checked_and_viewers_do_not(session: Session, sign_in: SignIn) -> None:
    assert send(sign_in("staff"), f"{URL}/links").status_code == 303
    viewer = sign_in("viewer")
    assert send(viewer, f"{URL}/links").status_code == 403
    for path in ("/", "/old", "/links", "/pictures"):
        assert viewer.get(URL + path).status_code == 403


def test_every_report_has_its_page_though_nothing_was_done(sign_in: SignIn) -> None:
    staff = sign_in("staff")
    for path in ("/", "/old", "/links", "/pictures"):
        assert staff.get(URL + path).status_code == 200
