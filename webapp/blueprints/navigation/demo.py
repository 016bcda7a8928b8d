"""The ways through the demo company's site. A page that its rooms do not bring is skipped by the menus themselves."""

from __future__ import annotations

from sqlalchemy.orm import Session

from webapp.blueprints.navigation.models import Item, Notice
from webapp.blueprints.navigation.queries import THE_NOTICE

Words = tuple[str, str, str, str]
MAIN: tuple[tuple[Words, tuple[Words, ...]], ...] = (
    (("Home", "Home", "/it", "/en"), ()),
    (("Negozio", "Shop", "/it/negozio", "/en/shop"), ()),
    (("Notizie", "News", "/it/notizie", "/en/news"), ()),
    (
        ("Chi siamo", "About us", "/it/chi-siamo", "/en/about-us"),
        (
            ("Il laboratorio", "The workshop", "/it/chi-siamo/laboratorio", "/en/about-us/workshop"),
            ("I produttori", "Our makers", "/it/chi-siamo/produttori", "/en/about-us/makers"),
        ),
    ),
    (("Dove siamo", "Find us", "/it/dove-siamo", "/en/find-us"), ()),
    (("Contatti", "Contacts", "/it/contatti", "/en/contacts"), ()),
)
FOOTER: tuple[tuple[Words, tuple[Words, ...]], ...] = (
    (
        ("La bottega", "The shop", "", ""),
        (
            ("Negozio", "Shop", "/it/negozio", "/en/shop"),
            ("Notizie", "News", "/it/notizie", "/en/news"),
            ("Chi siamo", "About us", "/it/chi-siamo", "/en/about-us"),
        ),
    ),
    (
        ("Venite a trovarci", "Visit us", "", ""),
        (
            ("Dove siamo e orari", "Where and when", "/it/dove-siamo", "/en/find-us"),
            ("Scriveteci", "Write to us", "/it/contatti", "/en/contacts"),
        ),
    ),
)


def load_demo(session: Session) -> None:
    """Store the menus and a notice."""
    place = 0
    for menu, tree in (("main", MAIN), ("footer", FOOTER)):
        for words, below in tree:
            place += 1
            above = _item(menu, words, place)
            session.add(above)
            session.flush()
            for inner in below:
                place += 1
                session.add(_item(menu, inner, place, parent_id=above.id))
    session.add(
        Notice(
            id=THE_NOTICE,
            text_it="Domenica laboratorio aperto: si lavora al tornio con noi.",
            text_en="Open workshop on Sunday: come and try the wheel with us.",
            link_it="/it/notizie",
            link_en="/en/news",
            link_label_it="Leggete tutto",
            link_label_en="Read more",
        )
    )


def _item(menu: str, words: Words, place: int, parent_id: int | None = None) -> Item:
    label_it, label_en, target_it, target_en = words
    return Item(
        menu=menu,
        parent_id=parent_id,
        position=place,
        label_it=label_it,
        label_en=label_en,
        target_it=target_it,
        target_en=target_en,
    )
