"""Sites, hours and contacts are changed by those who may, shown to strangers, and nobody's work is lost."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
import vobject
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.places.makers import USUAL, make_site
from webapp.blueprints.places.demo import load_demo
from webapp.blueprints.places.models import Department, Season, Site, Special, Way
from webapp.blueprints.places.permissions import PlacesPermission
from webapp.blueprints.places.queries.sites import hours_of
from webapp.blueprints.places.services.weeks import read_slots
from webapp.blueprints.places.views.blocks import hours_shown
from webapp.core.clock import local_day, utc_now
from webapp.core.company import get_company
from webapp.core.events import listen
from webapp.core.site import block_kinds, public_pages
from webapp.core.site_events import ClosedToday

SignIn = Callable[[str], FlaskClient]
Fill = Callable[..., Any]
URL = "/backoffice/site/places/"
ENGLISH = {"Accept-Language": "en"}


def week_fields(**days: str) -> dict[str, list[str]]:
    """The fields of a week: `monday="9-12:30 15:30-19:30"`."""
    names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    fields: dict[str, list[str]] = {}
    for number, name in enumerate(names):
        slots = [slot.split("-") for slot in days.get(name, "").split()] or [["", ""]]
        fields[f"day{number}-opens"] = [slot[0] for slot in slots]
        fields[f"day{number}-closes"] = [slot[1] for slot in slots]
    return fields


@pytest.mark.parametrize(
    "path",
    ["", "sites/new", "sites/{id}/edit", "sites/{id}/delete", "sites/{id}/hours/", "sites/{id}/hours/week", "departments/new",
     "ways/new", "sites/{id}/hours/seasons/new", "sites/{id}/hours/exceptions/new", "sites/{id}/hours/holidays"],
)  # fmt: skip
def test_the_back_office_is_closed_to_strangers_and_writing_to_viewers(
    session: Session, sign_in: SignIn, client: FlaskClient, path: str
) -> None:
    site = make_site(session)
    where = URL + path.format(id=site.id)
    assert client.get(where).status_code in (302, 303, 401)
    reads = path in ("", "sites/{id}/hours/")
    assert sign_in("viewer").get(where).status_code == (200 if reads else 403)
    assert sign_in("staff").get(where).status_code == 200


def test_a_viewer_stores_nothing(session: Session, fill: Fill) -> None:
    site = make_site(session)
    for path in (
        "sites/new",
        f"sites/{site.id}/edit",
        f"sites/{site.id}/hours/closed-today",
        f"sites/{site.id}/hours/week",
        "order/sites",
    ):
        assert fill(URL + path, {"name_it": "X"}, "viewer").status_code == 403
    assert session.scalars(select(Special)).all() == []


def test_a_site_is_made_and_its_week_asked_for(session: Session, fill: Fill) -> None:
    answer = fill(URL + "sites/new", {"name_it": "Negozio", "name_en": "", "street": "Corso Mazzini 61", "city": "Faenza",
                                      "latitude": "44.2862", "longitude": "11.8828"})  # fmt: skip
    assert answer.status_code == 303
    site = session.scalars(select(Site)).one()
    assert answer.location.endswith(f"/sites/{site.id}/hours/week")
    assert site.main
    assert (site.name("en"), float(site.latitude)) == ("Negozio", 44.2862)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name_it": " "}, "It needs a name."),
        ({"latitude": "91", "longitude": "1"}, "It must be from -90 to 90."),
        ({"latitude": "44", "longitude": ""}, "Coordinates are two numbers"),
        ({"latitude": "x", "longitude": "1"}, "This is not a number."),
        ({"street": "x" * 201}, "Field cannot be longer than 200 characters."),
    ],
)
def test_what_is_wrong_with_a_site_stands_beside_its_field(
    session: Session, fill: Fill, wrong: dict[str, str], sentence: str
) -> None:
    answer = fill(URL + "sites/new", {"name_it": "Negozio", "latitude": "", "longitude": ""} | wrong)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert session.scalars(select(Site)).all() == []


def test_one_site_is_the_main_one_and_the_next_follows_when_it_goes(session: Session, fill: Fill) -> None:
    first = make_site(session, main=True)
    second = make_site(session, position=1)
    session.commit()
    answer = fill(f"{URL}sites/{second.id}/edit", {"name_it": "Due", "main": "y", "version": str(second.version)})
    assert answer.status_code == 303
    session.expire_all()
    assert (first.main, second.main) == (False, True)
    assert fill(f"{URL}sites/{second.id}/delete", {"version": str(second.version)}).status_code == 303
    session.expire_all()
    assert session.get(Site, first.id).main


def test_a_week_is_stored_as_it_was_typed(session: Session, fill: Fill) -> None:
    site = make_site(session, week=[[]] * 7)
    session.commit()
    fields = week_fields(
        monday="15:30-19:30", tuesday="15.30-1930 9-12:30", saturday="22:00-02:00", sunday="00:00-00:00"
    )
    answer = fill(f"{URL}sites/{site.id}/hours/week", fields | {"version": str(site.version)})
    assert answer.status_code == 303
    session.expire_all()
    assert site.week == [[[930, 1170]], [[540, 750], [930, 1170]], [], [], [], [[1320, 1560]], [[0, 1440]]]


@pytest.mark.parametrize(
    ("day", "sentence"),
    [("9-", "Each time slot needs both times"), ("9-25", "is not a time of day"), ("9-13 12-15", "overlap"),
     ("1-2 3-4 5-6 7-8 9-10 11-12 13-14", "At most 6 time slots"), ("9:60-10", "is not a time of day"), ("٩-10", "is not a time")],
)  # fmt: skip
def test_a_wrong_slot_is_told_beside_its_day_and_nothing_typed_is_lost(
    session: Session, fill: Fill, day: str, sentence: str
) -> None:
    site = make_site(session)
    session.commit()
    fields = week_fields(tuesday=day, friday="8-11")
    answer = fill(f"{URL}sites/{site.id}/hours/week", fields | {"version": str(site.version)})
    assert answer.status_code == 422
    assert sentence in answer.text.split('id="day1-problem"')[1][:200]
    assert 'value="11"' in answer.text
    session.expire_all()
    assert site.week == USUAL


def test_buttons_add_a_slot_and_copy_monday_without_storing(session: Session, fill: Fill) -> None:
    site = make_site(session)
    session.commit()
    fields = week_fields(monday="09:00-12:00", sunday="10:00-11:00") | {"version": str(site.version)}
    more = fill(f"{URL}sites/{site.id}/hours/week", fields | {"add": "0"})
    assert (more.status_code, more.text.count('name="day0-opens"')) == (200, 2)
    copied = fill(f"{URL}sites/{site.id}/hours/week", fields | {"copy": "0"}).text
    assert copied.count('value="09:00"') == 5
    session.expire_all()
    assert site.week == USUAL


def test_the_second_of_two_editors_of_a_week_is_told(session: Session, fill: Fill) -> None:
    site = make_site(session)
    session.commit()
    seen, where = str(site.version), f"{URL}sites/{site.id}/hours/week"
    assert fill(where, week_fields(monday="9-12") | {"version": seen}).status_code == 303
    second = fill(where, week_fields(monday="10-13") | {"version": seen})
    assert second.status_code == 409
    assert "9\N{EN DASH}12" in second.text
    assert 'value="10"' in second.text
    session.expire_all()
    assert site.week[0] == [[540, 720]]


def test_seasons_and_exceptions_are_made_changed_and_deleted(session: Session, fill: Fill) -> None:
    site = make_site(session)
    session.commit()
    base = f"{URL}sites/{site.id}/hours/"
    made = fill(
        base + "seasons/new",
        week_fields(monday="8-12") | {"name_it": "Estate", "first": "2026-06-01", "last": "2026-09-15", "yearly": "y"},
    )
    assert made.status_code == 303
    season = session.scalars(select(Season)).one()
    assert (season.yearly, season.week[0]) == (True, [[480, 720]])
    backwards = {"name_it": "Estate", "first": "2026-09-15", "last": "2026-06-01", "version": str(season.version)}
    assert "lies before the first" in fill(f"{base}seasons/{season.id}/edit", week_fields() | backwards).text
    assert fill(f"{base}seasons/{season.id}/edit", week_fields() | backwards | {"yearly": "y"}).status_code == 303
    assert (
        fill(base + "exceptions/new", {"first": "2026-08-10", "last": "2026-08-23", "words_it": "Ferie"}).status_code
        == 303
    )
    special = session.scalars(select(Special)).one()
    where = f"{base}exceptions/{special.id}/edit"
    assert fill(where, {"first": "2026-08-10", "last": "2028-08-23", "version": "1"}).status_code == 422
    changed = {"first": "2026-08-10", "last": "2026-08-23", "day0-opens": "9", "day0-closes": "12", "version": "1"}
    assert fill(where, changed).status_code == 303
    assert fill(where, changed).status_code == 409
    session.expire_all()
    assert special.slots == [[540, 720]]
    assert fill(f"{base}exceptions/{special.id}/delete", {"version": "2"}).status_code == 303
    assert session.scalars(select(Special)).all() == []


def test_another_season_with_the_hours_of_today_is_told_beside_the_rest_of_the_year(
    app: Flask, session: Session
) -> None:
    today, morning = local_day(utc_now(), get_company(session).zone), [[[540, 780]]] * 7
    site = make_site(session)
    for name, days in (("Adesso", 0), ("Altra", 90)):
        first = today + dt.timedelta(days)
        last = first + dt.timedelta(20)
        session.add(Season(site_id=site.id, name_it=name, first=first, last=last, yearly=False, week=morning))
    session.flush()
    with app.test_request_context():
        shown = hours_shown(site, hours_of(session, site), "it")
    assert shown["season"] == "Adesso"
    assert [each["name"] for each in shown["others"]] == ["Altra", "Resto dell'anno"]


def test_a_season_is_not_reached_through_another_site(session: Session, sign_in: SignIn) -> None:
    one, other = make_site(session), make_site(session)
    season = Season(site_id=one.id, name_it="Estate", first=dt.date(2026, 6, 1), last=dt.date(2026, 7, 1))
    session.add(season)
    session.commit()
    staff = sign_in("staff")
    assert staff.get(f"{URL}sites/{one.id}/hours/seasons/{season.id}/edit").status_code == 200
    assert staff.get(f"{URL}sites/{other.id}/hours/seasons/{season.id}/edit").status_code == 404


def test_closed_today_is_told_to_who_listens_and_holds_at_once(
    app: Flask, session: Session, fill: Fill, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[ClosedToday] = []
    monkeypatch.setitem(app.extensions, "bottega_listeners", {})
    listen(app, ClosedToday, lambda _session, event: heard.append(event))
    site = make_site(session, week=[[[0, 1440]]] * 7, main=True, holiday_country="")
    session.commit()
    assert "Open now" in client.get("/en/find-us").text
    for _again in range(2):
        assert (
            fill(f"{URL}sites/{site.id}/hours/closed-today", {"words_it": "Guasto", "words_en": "A fault"}).status_code
            == 303
        )
    today = local_day(utc_now(), get_company(session).zone)
    special = session.scalars(select(Special)).one()
    assert (special.first, special.last, special.slots) == (today, today, [])
    paths = {"it": "/it/dove-siamo", "en": "/en/find-us"}
    texts = ({"it": "Bottega", "en": "Shop"}, {"it": "Guasto", "en": "A fault"})
    assert heard[0] == ClosedToday(site.id, today, *texts, paths)
    page = client.get("/en/find-us").text
    assert "A fault" in page
    assert "Closed · opens tomorrow at 0:00" in page


def test_what_holds_on_a_holiday_is_chosen_by_its_name(session: Session, fill: Fill, sign_in: SignIn) -> None:
    site = make_site(session)
    session.commit()
    where = f"{URL}sites/{site.id}/hours/holidays"
    page = sign_in("staff").get(where, headers=ENGLISH).text
    keys = {unescape(key): number for number, key in re.findall(r'name="key(\d+)" value="([^"]+)"', page)}
    assert "Immacolata Concezione" in keys
    assert "Immaculate Conception" in page
    number = keys["Immacolata Concezione"]
    fields = {
        f"key{number}": "Immacolata Concezione",
        f"rule{number}": "own",
        "holiday_country": "IT",
        "version": str(site.version),
    }
    assert "Write the times" in fill(where, fields).text
    own = fields | {f"rule{number}-opens": ["9:30"], f"rule{number}-closes": ["12:30"]}
    assert fill(where, own | {"holiday_subdivision": "XX"}).status_code == 422
    assert fill(where, own).status_code == 303
    assert fill(where, own).status_code == 409
    session.expire_all()
    assert site.holiday_rules == {"Immacolata Concezione": [[570, 750]]}


@pytest.mark.parametrize(
    ("kind", "value", "right"),
    [
        ("phone", "+39 0546 123456", True), ("phone", "call me", False), ("mail", "a@b.it", True), ("mail", "a b", False),
        ("instagram", "https://www.instagram.com/x", True), ("instagram", "javascript:alert(1)", False),
        ("web", 'https://x.it/"onclick', False), ("telegram", "@bottega", True), ("alien", "x", False),
    ],
)  # fmt: skip
def test_a_way_to_reach_the_company_is_what_it_says(
    session: Session, fill: Fill, kind: str, value: str, right: bool
) -> None:
    answer = fill(URL + "ways/new", {"kind": kind, "value": value})
    assert answer.status_code == (303 if right else 422)
    assert len(session.scalars(select(Way)).all()) == right


def test_departments_are_kept_in_the_order_of_people(session: Session, fill: Fill) -> None:
    for name in ("Uno", "Due", "Tre"):
        assert fill(URL + "departments/new", {"name_it": name}).status_code == 303
    numbers = [str(each.id) for each in session.scalars(select(Department).order_by(Department.position))]

    def names() -> list[str]:
        return [each.name_it for each in session.scalars(select(Department).order_by(Department.position))]

    assert names() == ["Uno", "Due", "Tre"]
    fill(URL + "order/departments", {"order": [numbers[2], "9" * 30, "x", numbers[0], numbers[1]]})
    session.expire_all()
    assert names() == ["Tre", "Uno", "Due"]
    fill(URL + "order/departments", {"order": [numbers[2], numbers[0], numbers[1]], "move": f"{numbers[0]}:up"})
    session.expire_all()
    assert names() == ["Uno", "Tre", "Due"]
    assert fill(URL + "order/nothing", {}).status_code == 404


def test_strangers_find_hours_contacts_and_the_way_without_a_cookie(session: Session, client: FlaskClient) -> None:
    load_demo(session)
    session.commit()
    answer = client.get("/it/dove-siamo")
    page = answer.text
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert 'href="tel:+3905465550174"' in page
    assert 'href="mailto:negozio@demo.bottega.it"' in page
    assert "https://www.openstreetmap.org/?mlat=44.286200" in page
    assert not re.search(r'<(img|script|iframe|link)[^>]+(src|href)="https?://(?!localhost)', page)
    turns = json.loads(unescape(re.search(r'data-hours="([^"]*)"', page)[1]))
    assert len(turns) > 8
    assert turns[-1][2] == ""
    facts, further = json.loads(page.split('application/ld+json">')[1].split("</script>")[0])["@graph"][:2]
    assert facts["geo"]["latitude"] == 44.2862
    assert facts["openingHoursSpecification"]
    assert facts["sameAs"]
    assert further["address"]["streetAddress"] == "Via Granarolo 62"
    assert further["parentOrganization"]["@id"] == facts["@id"]


def test_a_page_with_hours_says_until_when_it_is_true(app: Flask, session: Session) -> None:
    from flask import g

    load_demo(session)
    session.commit()
    with app.test_request_context("/it/dove-siamo"):
        app.preprocess_request()
        app.dispatch_request()
        assert utc_now() < g.bottega_holds <= utc_now() + dt.timedelta(days=1)


def test_a_language_that_the_company_has_not_is_not_there(session: Session, client: FlaskClient) -> None:
    site = make_site(session)
    get_company(session).languages = "it"
    session.commit()
    assert client.get("/en/find-us").status_code == 404
    assert client.get(f"/en/find-us/site-{site.id}.vcf").status_code == 404
    assert [page.path for page in public_pages(session) if "dove" in page.path or "find" in page.path] == [
        "/it/dove-siamo"
    ]


def test_without_a_site_there_is_no_page_of_sites(session: Session, client: FlaskClient) -> None:
    assert client.get("/it/dove-siamo").status_code == 404
    assert [page for page in public_pages(session) if page.path == "/it/dove-siamo"] == []


def test_contacts_are_given_as_vcards(session: Session, client: FlaskClient) -> None:
    load_demo(session)
    session.commit()
    site = session.scalars(select(Site).where(Site.main)).one()
    answer = client.get(f"/it/dove-siamo/sede-{site.id}.vcf")
    assert answer.content_type == "text/vcard; charset=utf-8"
    card = vobject.readOne(answer.text)
    assert card.tel.value == "+39 0546 555 0174"
    assert card.adr.value.street == "Corso Mazzini 61"
    department = session.scalars(select(Department).where(Department.person == "Elena Zauli")).one()
    card = vobject.readOne(client.get(f"/en/find-us/department-{department.id}.vcf").text)
    assert (card.fn.value, card.title.value) == ("Elena Zauli", "Made to measure")
    assert client.get("/it/dove-siamo/sede-999999.vcf").status_code == 404
    assert client.get("/it/dove-siamo/sede-99999999999999999999.vcf").status_code == 404


def test_a_vcard_cannot_be_broken_out_of(session: Session, client: FlaskClient) -> None:
    department = Department(name_it="A;B,C\nTEL:666", person="Eve\r\nEMAIL:x@y.z")
    session.add(department)
    session.commit()
    card = vobject.readOne(client.get(f"/it/dove-siamo/reparto-{department.id}.vcf").text)
    assert not hasattr(card, "tel")
    assert not hasattr(card, "email")


@pytest.mark.parametrize("name", ["hours", "contacts", "map"])
@pytest.mark.parametrize("site", ["", "all", "0", "999999999", "x", "9" * 30])
def test_each_block_draws_itself_whatever_site_was_chosen(app: Flask, session: Session, name: str, site: str) -> None:
    load_demo(session)
    with app.test_request_context("/it"):
        app.preprocess_request()
        kind = block_kinds()[name]
        values = {"site": site, "title": "Un <titolo>"}
        context = kind.context(session, values, "it")
        html = app.jinja_env.get_template(kind.template).render(
            values=values, language="it", number=7, company=get_company(session), **context
        )
        assert ("Un &lt;titolo&gt;" in html) is (site in ("", "all") or name == "contacts")


@pytest.mark.parametrize("text", ["", "  "])
def test_empty_slots_mean_closed(text: str) -> None:
    assert read_slots([(text, text)]) == ()


def test_rights_are_told_in_words(app: Flask) -> None:
    assert len(PlacesPermission) == 2
