"""The ways through the demo company's site. A page that its rooms do not bring is skipped by the menus themselves."""

from __future__ import annotations

from sqlalchemy.orm import Session

from webapp.blueprints.navigation.models import Item, Notice
from webapp.blueprints.navigation.queries import THE_NOTICE
from webapp.core.company import get_company

Words = tuple[str, str, str, str]
SHOP = ("Prodotti", "Products", "/it/prodotti", "/en/products")
PRICES = ("Listino", "Price list", "/it/listino", "/en/price-list")
NEWS = ("Notizie", "News", "/it/notizie", "/en/news")
ABOUT = ("Chi siamo", "About us", "/it/chi-siamo", "/en/about-us")
WORKSHOP = ("Il laboratorio", "The workshop", "/it/laboratorio", "/en/workshop")
MAIN: tuple[tuple[Words, tuple[Words, ...]], ...] = (
    (("Inizio", "Home", "/it", "/en"), ()),
    (SHOP, ()),
    (NEWS, ()),
    (ABOUT, (WORKSHOP, PRICES)),
    (("Dove siamo", "Find us", "/it/dove-siamo", "/en/find-us"), ()),
    (("Contatti", "Contact", "/it/contatti", "/en/contact"), ()),
)
FOOTER: tuple[tuple[Words, tuple[Words, ...]], ...] = (
    (("La bottega", "The shop", "", ""), (SHOP, PRICES, NEWS)),
    (
        ("Vieni a trovarci", "Visit us", "", ""),
        (
            ("Dove siamo e orari", "Where and when", "/it/dove-siamo", "/en/find-us"),
            ("Scrivici", "Write to us", "/it/contatti", "/en/contact"),
            WORKSHOP,
        ),
    ),
)


def load_demo(session: Session) -> None:
    """Store the menus and a notice, and set the titles in a face that suits painted plates."""
    get_company(session).heading_font = "serif"
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
            link_label_it="Leggi tutto",
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
