"""Publishing: at once, by the clock, and not any more; revisions are compared and restored; previews expire."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import func, select
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
from webapp.blueprints.website.models import Page, PreviewLink, Publication, Revision
from webapp.blueprints.website.queries.revisions import list_revisions
from webapp.blueprints.website.queries.shown import find_shown
from webapp.blueprints.website.services.drafts import MOST_REVISIONS
from webapp.blueprints.website.services.publishing import do_what_is_due, plan
from webapp.core.clock import utc_now
from webapp.core.security import SYSTEM
from webapp.core.site import public_pages

SignIn = Callable[[str], FlaskClient]
HOUR = dt.timedelta(hours=1)


def plan_page(session: Session, page: Page, publish_at: dt.datetime | None, expire_at: dt.datetime | None) -> None:
    version = draft_of(session, page).draft.version
    plan(
        session, by=SYSTEM, page_id=page.id, language="en", version=version, publish_at=publish_at, expire_at=expire_at
    )  # fmt: skip
    session.commit()


def words_at(session: Session, moment: dt.datetime) -> str | None:
    shown = find_shown(session, "/en/about-us", now=moment)
    return shown.blocks[0]["values"]["text"] if shown else None


def test_a_draft_is_seen_by_nobody_until_it_is_published(session: Session, client: FlaskClient) -> None:
    page = make_page(session, blocks=[text_block("First words")])
    assert client.get("/en/about-us").status_code == 404
    path = show(session, page)
    assert "First words" in client.get(path).text
    write(session, page, blocks=[text_block("Second words")], title="Another title")
    assert "First words" in client.get(path).text
    assert "Second words" not in client.get(path).text
    show(session, page)
    assert "Second words" in client.get(path).text


def test_a_page_tells_search_engines_its_place_and_its_translations(session: Session, client: FlaskClient) -> None:
    page = make_page(session, title="About us", description="Who we are", menu_title="We", blocks=[text_block()])
    show(session, make_home(session))
    translate(session, page, "Chi siamo")
    show(session, page)
    alone = client.get("/en/about-us").text
    assert "hreflang" not in alone
    assert re.search(r'<a href="/it"\s+lang="it"', alone)
    show(session, page, "it")
    html = client.get("/en/about-us").text
    assert '<link rel="canonical" href="http://localhost/en/about-us"' in html
    assert re.search(r'hreflang="it"\s+href="http://localhost/it/chi-siamo"', html)
    assert '<meta name="description"\n          content="Who we are"' in html
    assert '"BreadcrumbList"' in html
    assert re.search(r'aria-current="page">We</li>', html)
    assert html.count("<h1") == 1


def test_a_page_is_shared_with_its_first_picture_else_with_a_drawn_one(session: Session, client: FlaskClient) -> None:
    photo = make_image(session)
    hero = {"id": "h1", "kind": "hero", "values": {"title": "Plates", "picture": photo.id}}
    gone = text_block(picture=photo.id + 1000)
    for title, blocks, folder in (("Plates", [gone, hero], "media"), ("Words", [gone], "og")):
        path = show(session, make_page(session, title, blocks=blocks))
        found = re.search(
            rf'<meta property="og:image" content="http://localhost(/{folder}/[^"]+)"', client.get(path).text
        )
        assert found, title
        with client.get(found[1]) as answer:
            assert (answer.status_code, answer.mimetype.partition("/")[0]) == (200, "image")


def test_a_planned_page_appears_at_its_moment_and_goes_at_its_other(session: Session) -> None:
    page = make_page(session, blocks=[text_block("Old")])
    show(session, page)
    write(session, page, blocks=[text_block("New")])
    now = utc_now()
    plan_page(session, page, now + HOUR, now + 2 * HOUR)
    write(session, page, blocks=[text_block("Later thoughts")])
    instant = dt.timedelta(microseconds=1)
    assert words_at(session, now) == "Old"
    assert words_at(session, now + HOUR - instant) == "Old"
    assert words_at(session, now + HOUR) == "New"
    shown = find_shown(session, "/en/about-us", now=now)
    assert shown is not None
    assert (shown.until(now), shown.until(now + HOUR), shown.until(now + 2 * HOUR)) == (
        now + HOUR,
        now + 2 * HOUR,
        None,
    )
    assert words_at(session, now + 2 * HOUR - instant) == "New"
    assert words_at(session, now + 2 * HOUR) is None


def test_the_task_writes_down_what_is_due_once(session: Session) -> None:
    page = make_page(session, blocks=[text_block("New")])
    now = utc_now()
    plan_page(session, page, now + HOUR, now + 2 * HOUR)
    assert do_what_is_due(session, now=now) == (0, 0)
    assert do_what_is_due(session, now=now + HOUR) == (1, 0)
    assert do_what_is_due(session, now=now + HOUR) == (0, 0)
    session.commit()
    publication = draft_of(session, page).publication
    assert publication is not None
    assert (publication.next_id, publication.publish_at) == (None, None)
    assert words_at(session, now) == "New"
    assert do_what_is_due(session, now=now + 3 * HOUR) == (0, 1)
    session.commit()
    assert words_at(session, now) is None


def test_a_plan_that_was_slept_through_ends_with_nothing_shown(session: Session) -> None:
    page = make_page(session, blocks=[text_block("New")])
    now = utc_now()
    plan_page(session, page, now + HOUR, now + 2 * HOUR)
    assert do_what_is_due(session, now=now + 9 * HOUR) == (1, 1)
    assert words_at(session, now + 9 * HOUR) is None


def test_plans_are_made_in_the_company_s_time_and_checked(session: Session, sign_in: SignIn) -> None:
    page, staff = make_page(session, blocks=[text_block()]), sign_in("staff")
    headers = {"Accept-Language": "en"}

    def try_plan(publish_at: str, expire_at: str) -> tuple[int, str]:
        fields = open_editor(staff, page) | {"publish_at": publish_at, "expire_at": expire_at, "plan": "1"}
        answer = staff.post(f"{EDITOR}/{page.id}/en/", data=fields, headers=headers)
        return answer.status_code, answer.text

    assert try_plan("2031-07-01T09:00", "2031-12-01T09:00")[0] == 303
    publication = session.get_one(Publication, draft_of(session, page).text.id, populate_existing=True)
    assert publication.publish_at == dt.datetime(2031, 7, 1, 7, tzinfo=dt.UTC)
    assert publication.expire_at == dt.datetime(2031, 12, 1, 8, tzinfo=dt.UTC)
    assert 'value="2031-07-01T09:00"' in staff.get(f"{EDITOR}/{page.id}/en/").text
    for publish_at, expire_at, sentence in (
        ("2001-01-01T00:00", "", "This moment is over"),
        ("2031-07-01T09:00", "2031-07-01T09:00", "The end must be later than now"),
        ("", "2001-01-01T00:00", "The end must be later than now"),
        ("tomorrow", "", "This is not a day and time"),
        ("0001-01-01T00:00", "", "This is not a day and time"),
    ):
        status, text = try_plan(publish_at, expire_at)
        assert (status, sentence in text) == (422, True), publish_at
        assert f'value="{publish_at}"' in text
    assert try_plan("", "")[0] == 303
    session.expire_all()
    assert draft_of(session, page).publication.publish_at is None


def test_a_page_is_taken_off_and_published_again(session: Session, sign_in: SignIn) -> None:
    page, staff = make_page(session, blocks=[text_block()]), sign_in("staff")
    path = show(session, page)
    assert post(staff, f"/{page.id}/en/unpublish").status_code == 303
    assert staff.get(path).status_code == 404
    assert post(staff, f"/{page.id}/en/unpublish").status_code == 303
    show(session, page)
    assert staff.get(path).status_code == 200


def test_an_old_editor_does_not_publish_what_another_wrote(session: Session, sign_in: SignIn) -> None:
    page, staff = make_page(session, blocks=[text_block("Mine")]), sign_in("staff")
    fields = open_editor(staff, page)
    write(session, page, blocks=[text_block("Theirs")])
    assert staff.post(f"{EDITOR}/{page.id}/en/", data=fields | {"publish": "1"}).status_code == 409
    assert staff.get("/en/about-us").status_code == 404


def test_revisions_say_who_changed_what_and_are_restored(session: Session, sign_in: SignIn) -> None:
    page = make_page(
        session, blocks=[text_block("The green plate is painted by hand", "b1"), text_block("Old end", "b2")]
    )
    write(
        session,
        page,
        blocks=[text_block("The blue plate is painted by hand", "b1"), text_block("New end", "b3", side="end")],
    )
    staff = sign_in("staff")
    first = list_revisions(session, draft_of(session, page).text.id)[-1]
    html = staff.get(f"{EDITOR}/{page.id}/en/revisions/?old={first.id}", headers={"Accept-Language": "en"}).text
    assert "<del>green </del><ins>blue </ins>" in html
    assert "Block Text, added" in html
    assert "Block Text, removed" in html
    assert "Where the picture stands: Picture at the end" in html
    version = draft_of(session, page).draft.version
    assert post(staff, f"/{page.id}/en/revisions/{first.id}/restore", version=str(version - 1)).status_code == 409
    assert post(staff, f"/{page.id}/en/revisions/{first.id}/restore", version=str(version)).status_code == 303
    assert draft_of(session, page).draft.blocks == first.blocks
    assert list_revisions(session, draft_of(session, page).text.id)[0].by_name == "The staff"


def test_a_revision_of_another_page_is_not_there(session: Session, sign_in: SignIn) -> None:
    page, other = make_page(session), make_page(session, "Other", description="Other words")
    foreign = list_revisions(session, draft_of(session, other).text.id)[0].id
    staff = sign_in("staff")
    assert staff.get(f"{EDITOR}/{page.id}/en/revisions/?old={foreign}").status_code == 404
    assert post(staff, f"/{page.id}/en/revisions/{foreign}/restore", version="1").status_code == 404
    assert post(staff, f"/{page.id}/en/revisions/{foreign}/keep", keep="1").status_code == 404


def test_old_revisions_are_let_go_of_but_not_kept_or_shown_ones(session: Session, sign_in: SignIn) -> None:
    page = make_page(session, "Number 0", description="The first one")
    text = draft_of(session, page).text.id
    kept = list_revisions(session, text)[-1].id
    assert (
        post(sign_in("staff"), f"/{page.id}/en/revisions/{kept}/keep", keep="1", note="the first one").status_code
        == 303
    )
    write(session, page, title="The shown one")
    show(session, page)
    for number in range(MOST_REVISIONS + 3):
        write(session, page, title=f"Number {number}")
    titles = [revision.title for revision in list_revisions(session, text)]
    assert len(titles) == MOST_REVISIONS + 2
    assert titles[-2:] == ["The shown one", "Number 0"]


def test_saving_the_same_again_makes_no_revision(session: Session) -> None:
    page = make_page(session, title="Once")
    for _ in range(3):
        write(session, page, title="Once")
    assert session.scalar(select(func.count()).where(Revision.text_id == draft_of(session, page).text.id)) == 1


def test_a_preview_shows_the_draft_to_who_has_the_link_until_it_ends(
    session: Session, sign_in: SignIn, client: FlaskClient
) -> None:
    page, staff = make_page(session, blocks=[text_block("Secret words")]), sign_in("staff")
    answer = staff.post(f"{EDITOR}/{page.id}/en/", data=open_editor(staff, page) | {"preview": "1"})
    link = re.search(r'href="http://localhost(/en/preview/[^"]+)"', answer.text)
    assert link
    seen = client.get(link[1])
    assert "Secret words" in seen.text
    assert seen.headers["Cache-Control"] == "no-store"
    assert "noindex" in seen.headers["X-Robots-Tag"]
    assert "noindex" in seen.text
    assert "canonical" not in seen.text
    stored = session.scalars(select(PreviewLink)).one()
    assert link[1].rpartition("/")[2] not in stored.token_hash
    assert client.get(link[1].replace("/en/preview", "/it/anteprima")).status_code == 404
    assert client.get("/en/preview/guessed").status_code == 404
    stored.expires_at = utc_now() - HOUR
    session.commit()
    assert client.get(link[1]).status_code == 404
    stored.expires_at = utc_now() + HOUR
    session.commit()
    assert client.get(link[1]).status_code == 200
    post(staff, f"/{page.id}/en/previews/end")
    assert client.get(link[1]).status_code == 404


def test_published_pages_are_found_by_the_site_s_search_and_map(session: Session) -> None:
    page = make_page(session, title="About us", description="Who we are", blocks=[text_block("We **paint** plates")])
    hidden = make_page(session, "Hidden")
    translate(session, page, "Chi siamo")
    path = show(session, page)
    show(session, page, "it")
    found = {each.path: each for each in public_pages(session) if each.kind == "page"}
    assert draft_of(session, hidden).text.path not in found
    assert found[path].text == "We **paint** plates"
    assert found[path].others == {"it": "/it/chi-siamo", "en": path}


def test_facts_of_rooms_join_those_of_the_company(session: Session, client: FlaskClient) -> None:
    show(session, make_home(session))
    html = client.get("/en").text
    assert '"@type": "LocalBusiness"' in html
    assert "BreadcrumbList" not in html
