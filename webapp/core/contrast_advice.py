"""What is told beside a company's colour: how well it reads, and what the house does where it does not."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import format_decimal
from flask_babel import gettext as _

from webapp.core.branding_css import (
    BLACK,
    DARK_CARD,
    EDGE_CONTRAST,
    ON_DARK,
    ON_LIGHT,
    TEXT_CONTRAST,
    WHITE,
    Colour,
    contrast,
    ink_upon,
    parse_colour,
    readable,
    to_hex,
)
from webapp.core.company import COLOUR


@dataclass(frozen=True)
class Advice:
    """One sentence about a colour; `weak` when the colour alone would not do, and the house helps."""

    sentence: str
    weak: bool


def advise(text: str) -> list[Advice]:
    """What there is to say of a colour written as #rrggbb; nothing of what is none.

    As a ground for words (a button), as words on a light and on a dark page, and as a shape beside them. The bounds are
    those of WCAG 2.2, criteria 1.4.3 (text, 4.5:1) and 1.4.11 (parts of controls, 3:1).
    """
    if not COLOUR.fullmatch(text):
        return []
    colour = parse_colour(text)
    return [_as_ground(colour), *_as_words(colour), *_as_shape(colour)]


def _as_ground(colour: Colour) -> Advice:
    white = contrast(WHITE, colour)
    if ink_upon(colour) == WHITE:
        return Advice(_("Buttons: white words on it, contrast %(ratio)s.", ratio=_ratio(white)), weak=False)
    return Advice(
        _(
            "Buttons: white words on it would have a contrast of %(white)s only (%(least)s is needed), so they are black: %(black)s.",
            white=_ratio(white),
            least=_ratio(TEXT_CONTRAST),
            black=_ratio(contrast(BLACK, colour)),
        ),
        weak=True,
    )


def _as_words(colour: Colour) -> list[Advice]:
    return [
        _words(_("Links on light pages"), colour, WHITE, ON_LIGHT),
        _words(_("Links on dark pages"), colour, DARK_CARD, ON_DARK),
    ]


def _words(where: str, colour: Colour, ground: Colour, least: float) -> Advice:
    ratio, used = contrast(colour, ground), readable(colour, ground, least)
    if used == colour:
        return Advice(_("%(where)s: as it is, contrast %(ratio)s.", where=where, ratio=_ratio(ratio)), weak=False)
    return Advice(
        _(
            "%(where)s: it has a contrast of %(ratio)s only, so words are written in %(colour)s: %(better)s.",
            where=where,
            ratio=_ratio(ratio),
            colour=to_hex(used),
            better=_ratio(contrast(used, ground)),
        ),
        weak=ratio < TEXT_CONTRAST,
    )


def _as_shape(colour: Colour) -> list[Advice]:
    faint = [
        (name, contrast(colour, ground))
        for name, ground in ((_("light"), WHITE), (_("dark"), DARK_CARD))
        if contrast(colour, ground) < EDGE_CONTRAST
    ]
    return [
        Advice(
            _(
                "On %(name)s pages a button in it hardly stands out (%(ratio)s, %(least)s is needed), so it gets an edge.",
                name=name,
                ratio=_ratio(ratio),
                least=_ratio(EDGE_CONTRAST),
            ),
            weak=True,
        )
        for name, ratio in faint
    ]


def _ratio(value: float) -> str:
    return f"{format_decimal(int(value * 10) / 10, format='#0.0')}:1"  # cut, not rounded: 4.49 is not 4.5
