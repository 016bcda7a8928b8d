"""The demo company fills an empty installation, whole or not at all, and believably."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Callable
from dataclasses import replace
from random import Random
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_security import verify_password
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.rooms.media.makers import make_image
from tests.rooms.website.makers import make_home, show, translate
from webapp.blueprints.accounts.models import User
from webapp.blueprints.catalogue.models import Category, Product
from webapp.blueprints.crm.demo import partita_iva
from webapp.blueprints.crm.models import Customer
from webapp.blueprints.crm.services import is_italian_vat_number
from webapp.blueprints.discovery.services.indexing import refresh_index
from webapp.blueprints.media.models import SiteImage
from webapp.blueprints.sales.demo import SEED, Shop
from webapp.blueprints.sales.models import Order, OrderLine, QuarantinedRow
from webapp.blueprints.website.demo.profile import draw_logo
from webapp.blueprints.website.models import Draft, Page, PageText
from webapp.core import demo, migrations
from webapp.core.changes import Deletion
from webapp.core.clock import utc_now
from webapp.core.company import LANGUAGES, get_company
from webapp.core.db import db, transaction
from webapp.core.room import Room, opened

ROME = ZoneInfo("Europe/Rome")


def count(session: Session, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def goods() -> list[Product]:
    return [
        Product(sku=f"S{number}", name=f"Thing {number}", price=number, category=Category(name="Things"))
        for number in range(1, 20)
    ]


def buyers() -> list[Customer]:
    kinds = ("person", "organisation")
    return [Customer(number=f"C{n}", name=f"Buyer {n}", kind=kinds[n % 2], country="Italy") for n in range(20)]


def test_the_demo_company_is_loaded_into_an_empty_installation_only(fresh_app: Flask) -> None:
    runner = fresh_app.test_cli_runner()
    assert runner.invoke(args=["demo", "sign-in"]).output == ""
    loaded = runner.invoke(args=["demo", "load"])
    assert loaded.exit_code == 0, loaded.output
    assert "owner@demo.bottega.it" in loaded.output

    session = db.session()
    assert get_company(session).name == "Bottega Manfredi"
    owner = session.scalars(select(User).where(User.email == "owner@demo.bottega.it")).one()
    assert verify_password("bottega-demo-2026", owner.password)
    assert {role.name for user in session.scalars(select(User)) for role in user.roles} == {"owner", "staff", "viewer"}
    assert count(session, Product) == 120
    assert count(session, Customer) == 303  # and three who wrote by a form of the public site
    assert 15_000 < count(session, OrderLine) < 30_000
    assert count(session, QuarantinedRow) == 0
    assert set(session.scalars(select(Product.vat_rate).distinct())) == {4, 10, 22}
    assert set(session.scalars(select(Order.kind).distinct())) == {"sale", "cancellation", "return"}
    assert session.scalar(select(func.max(Order.ordered_at))) <= utc_now()
    assert session.scalar(select(func.min(Order.ordered_at))) < utc_now() - dt.timedelta(days=725)
    firms = select(Customer).where(Customer.country == "Italy", Customer.kind == "organisation")
    assert all(is_italian_vat_number(firm.vat_number or "") for firm in session.scalars(firms))
    session.rollback()

    again = runner.invoke(args=["demo", "load"])
    assert again.exit_code == 2
    assert "There is data already" in again.stderr
    quiet = runner.invoke(args=["demo", "load", "--if-empty"])
    assert (quiet.exit_code, quiet.output) == (0, "")
    assert "password bottega-demo-2026" in runner.invoke(args=["demo", "sign-in"]).output


def test_one_record_of_ones_own_keeps_the_demo_out(fresh_app: Flask) -> None:
    with transaction() as session:
        session.add(Customer(number="1", name="The first real customer"))
    assert fresh_app.test_cli_runner().invoke(args=["demo", "load"]).exit_code == 2
    assert fresh_app.test_cli_runner().invoke(args=["demo", "load", "--if-empty"]).output == ""
    assert count(db.session(), Customer) == 1


def test_a_demo_that_fails_in_the_middle_leaves_nothing(fresh_app: Flask) -> None:
    def fail(_session: Session) -> None:
        raise RuntimeError("in the middle")

    rooms: tuple[Room, ...] = fresh_app.extensions["rooms"]
    fresh_app.extensions["rooms"] = tuple(replace(room, demo=fail) if room.name == "sales" else room for room in rooms)
    assert isinstance(fresh_app.test_cli_runner().invoke(args=["demo", "load"]).exception, RuntimeError)
    assert demo.is_empty(db.session())


def test_a_large_demo_has_as_many_pages_and_pictures_more_and_all_are_found(
    app: Flask, session: Session, sign_in: Callable[[str], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    tell = {"website.demo.large.SECTIONS": 2, "website.demo.large.EACH": 3, "media.demo.MANY": 4, "media.demo.PIECE": 2}
    for name, number in tell.items():
        monkeypatch.setattr(f"webapp.blueprints.{name}", number)
    monkeypatch.setitem(app.extensions, "rooms", tuple(replace(room, demo=None) for room in opened()))
    home, _image = make_home(session), make_image(session)
    translate(session, home, "Inizio")
    for language in LANGUAGES:
        show(session, home, language)
    demo.load(session, large=True)
    session.commit()
    images = session.scalars(select(SiteImage).where(SiteImage.collection.like("Archivio %"))).all()
    assert len(images) == 4
    titles = select(Draft.title).join(PageText).join(Page, PageText.page_id == Page.id)
    sections = session.scalars(titles.where(Page.position >= 1000)).all()
    assert len(sections) == 2 * len(LANGUAGES)
    assert refresh_index(session, force=True)
    session.commit()
    editor = sign_in("owner")
    tree = editor.get("/backoffice/site/pages/").text
    assert sum(title in tree for title in sections) == 2
    assert all(image.name in editor.get("/backoffice/site/images/").text for image in images)
    paths = session.scalars(select(PageText.path)).all()
    sitemap = editor.get("/sitemap-1.xml").text
    assert [path for path in paths if f"<loc>http://localhost{path}</loc>" not in sitemap] == []
    assert editor.get(max(paths, key=len)).status_code == 200


def test_reset_asks_first_and_tells_the_etl_of_every_deletion(fresh_app: Flask) -> None:
    rooms: tuple[Room, ...] = fresh_app.extensions["rooms"]
    fresh_app.extensions["rooms"] = tuple(replace(room, demo=None) if room.name == "sales" else room for room in rooms)
    with transaction() as session:
        session.add(Customer(number="1", name="Somebody"))
    runner = fresh_app.test_cli_runner()
    assert runner.invoke(args=["demo", "reset"], input="n\n").exit_code == 1
    assert count(db.session(), Customer) == 1
    assert runner.invoke(args=["demo", "reset", "--yes"]).exit_code == 0
    session = db.session()
    assert count(session, Customer) == 303  # and three who wrote by a form of the public site
    assert count(session, Deletion) == 1


def test_a_database_without_its_tables_is_told(fresh_app: Flask) -> None:
    migrations.take_down("sales")
    for words in (["load"], ["load", "--if-empty"], ["reset", "--yes"], ["sign-in"]):
        refused = fresh_app.test_cli_runner().invoke(args=["demo", *words])
        assert refused.exit_code == 2
        assert "run `bottega db upgrade` first" in refused.stderr


def test_production_is_never_reset(fresh_app: Flask) -> None:
    settings = fresh_app.extensions["settings"]
    fresh_app.extensions["settings"] = replace(settings, environment="production")
    refused = fresh_app.test_cli_runner().invoke(args=["demo", "reset", "--yes"])
    assert refused.exit_code == 2
    assert "This is production" in refused.stderr


def test_the_same_day_has_the_same_sales() -> None:
    now = dt.datetime(2026, 3, 1, 15, 0, tzinfo=ROME)
    first, second = (list(Shop(goods(), buyers(), SEED).rows(now.date(), now)) for _ in range(2))
    assert first == second
    assert all(str(row[1]) < now.isoformat() for row in first)
    assert {row[0] for row in first if str(row[0]).startswith("S")}


@pytest.mark.parametrize("today", [dt.date(2024, 2, 29), dt.date(2026, 1, 1), dt.date(2026, 10, 25)])
def test_two_years_end_on_any_day(today: dt.date) -> None:
    rows = list(Shop(goods(), buyers(), SEED).rows(today, dt.datetime.combine(today, dt.time(23, 59), ROME)))
    assert str(rows[0][1]).startswith(f"{today.year - 2}-{today.month:02}")
    assert max(str(row[1]) for row in rows)[:10] == today.isoformat()


def test_the_shop_is_busier_before_christmas_and_on_saturdays() -> None:
    now = dt.datetime(2026, 3, 1, 15, 0, tzinfo=ROME)
    moments = {
        row[0]: dt.datetime.fromisoformat(str(row[1])) for row in Shop(goods(), buyers(), SEED).rows(now.date(), now)
    }
    months = [sum(moment.month == month for moment in moments.values()) for month in range(1, 13)]
    weekdays = [sum(moment.weekday() == day for moment in moments.values()) for day in range(7)]
    assert max(months) == months[11]
    assert max(weekdays) == weekdays[5]


def test_made_up_vat_numbers_are_valid() -> None:
    dice = Random(7)
    assert partita_iva(764352, "056") == "07643520567"  # the example of the Italian Wikipedia
    for _ in range(200):
        assert is_italian_vat_number(partita_iva(dice.randrange(1, 10**7), "039"))
    with_company_code = "99012340396"
    assert is_italian_vat_number(with_company_code)


def test_the_logo_is_a_png() -> None:
    logo = draw_logo()
    assert logo.startswith(b"\x89PNG\r\n\x1a\n")
    header = logo[12:29]
    assert int.from_bytes(logo[29:33], "big") == zlib.crc32(header)
