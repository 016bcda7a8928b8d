"""The demo company's sites: the shop in corso Mazzini and the workshop, their hours, departments and ways to reach them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from webapp.blueprints.media.public import demo_picture
from webapp.blueprints.places.models import Department, Season, Site, Special, Way
from webapp.core.clock import local_day, utc_now
from webapp.core.company import get_company

MORNING, AFTERNOON = [9 * 60, 12 * 60 + 30], [15 * 60 + 30, 19 * 60 + 30]
SPLIT = [MORNING, AFTERNOON]
USUAL: list[Any] = [[AFTERNOON], SPLIT, SPLIT, SPLIT, SPLIT, [MORNING, [15 * 60 + 30, 20 * 60]], []]
EVENING = [[9 * 60, 12 * 60 + 30], [16 * 60 + 30, 20 * 60]]
SUMMER: list[Any] = [[EVENING[1]], EVENING, EVENING, EVENING, EVENING, [[9 * 60, 13 * 60], [17 * 60, 22 * 60]], []]
BENCH = [[8 * 60 + 30, 12 * 60 + 30], [14 * 60, 18 * 60]]
WORKSHOP: list[Any] = [BENCH, BENCH, BENCH, BENCH, [BENCH[0]], [], []]


def load_demo(session: Session) -> None:
    """Store two sites and what belongs to them."""
    today = local_day(utc_now(), get_company(session).zone)
    shop = Site(
        name_it="Bottega", name_en="The shop", street="Corso Mazzini 61", postcode="48018", city="Faenza (RA)",
        country="Italia", latitude=Decimal("44.286200"), longitude=Decimal("11.882800"), main=True, position=0,
        directions_it="A due passi da piazza del Popolo, dieci minuti a piedi dalla stazione. Si parcheggia in piazzale Pancrazi.",
        directions_en="Two steps from piazza del Popolo, ten minutes on foot from the station. Park in piazzale Pancrazi.",
        week=USUAL, picture_id=demo_picture(session, "arcades"), holiday_rules={"Immacolata Concezione": [[9 * 60 + 30, 12 * 60 + 30], AFTERNOON]},
    )  # fmt: skip
    workshop = Site(
        name_it="Laboratorio", name_en="The workshop", street="Via Granarolo 62", postcode="48018", city="Faenza (RA)",
        country="Italia", latitude=Decimal("44.298600"), longitude=Decimal("11.880900"), position=1,
        directions_it="Dietro la stazione: qui si dipinge, e il venerdì pomeriggio si visita su appuntamento.",
        directions_en="Behind the station: this is where we paint; visits by appointment on Friday afternoons.",
        week=WORKSHOP,
    )  # fmt: skip
    session.add_all((shop, workshop))
    session.flush()
    august = today.year if today < dt.date(today.year, 8, 24) else today.year + 1
    session.add_all(
        (
            Season(
                site_id=shop.id, name_it="Orario estivo", name_en="Summer hours", yearly=True,
                first=dt.date(2026, 6, 1), last=dt.date(2026, 9, 15), week=SUMMER,
            ),
            Special(
                site_id=shop.id, first=dt.date(august, 8, 10), last=dt.date(august, 8, 23),
                words_it="Chiusi per ferie", words_en="Closed for the holidays",
            ),
            Special(
                site_id=workshop.id, first=dt.date(august, 8, 3), last=dt.date(august, 8, 30),
                words_it="I forni riposano", words_en="The kilns have a rest",
            ),
            Special(
                site_id=shop.id, first=dt.date(today.year, 12, 13), last=dt.date(today.year, 12, 13), slots=[[600, 1170]],
                words_it="Domenica d'Avvento: orario continuato", words_en="Advent Sunday: open all day long",
            ),
            Department(
                site_id=shop.id, name_it="Vendita e regali", name_en="Sales and gifts", person="Giulia Manfredi",
                phone="+39 0546 555 0174", email="negozio@demo.bottega.it", position=0,
            ),
            Department(
                site_id=None, name_it="Ordini e spedizioni", name_en="Orders and shipping", person="Luca Bandini",
                phone="+39 0546 555 0175", email="ordini@demo.bottega.it", position=1,
            ),
            Department(
                site_id=workshop.id, name_it="Ceramiche su misura", name_en="Made to measure", person="Elena Zauli",
                phone="+39 0546 555 0176", email="laboratorio@demo.bottega.it", position=2,
            ),
            Way(kind="phone", value="+39 0546 555 0174", label_it="Negozio", label_en="Shop", site_id=shop.id, position=0),
            Way(kind="whatsapp", value="+39 333 555 0174", label_it="Ordini", label_en="Orders", position=1),
            Way(kind="mail", value="negozio@demo.bottega.it", position=2),
            Way(kind="pec", value="bottegamanfredi@pec.demo.bottega.it", position=3),
            Way(kind="instagram", value="https://www.instagram.com/bottegamanfredi.example", position=4),
            Way(kind="facebook", value="https://www.facebook.com/bottegamanfredi.example", position=5),
        )
    )  # fmt: skip
    session.flush()
