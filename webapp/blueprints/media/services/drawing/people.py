"""The people of the demo shop: the family behind the counter, and portraits of those who write."""

# fmt: off
from __future__ import annotations

from typing import NamedTuple

from webapp.blueprints.media.services.drawing.canvas import (
    AMBER,
    BLUE,
    CREAM,
    DARK_WOOD,
    DEEP,
    FOREST,
    INK,
    PALE,
    SAND,
    STONE,
    SUN,
    TERRACOTTA,
    WHITE,
    WINE,
    WOOD,
    Canvas,
    Colour,
)
from webapp.blueprints.media.services.drawing.plates import plate, tile
from webapp.blueprints.media.services.drawing.vessels import bottle, bowl, jug, vase


class Person(NamedTuple):
    """How somebody looks."""

    skin: Colour
    hair: Colour
    shirt: Colour
    apron: Colour
    long_hair: bool = False
    beard: bool = False
    glasses: bool = False


CATERINA = Person("#f0c8a4", "#5b3423", WHITE, BLUE, long_hair=True)
PIETRO = Person("#e6b68c", "#3a2c26", "#7f97ad", DEEP, beard=True)
GRANDMOTHER = Person("#f1cdb0", "#dcdcdc", WINE, CREAM, long_hair=False, glasses=True)


def person(canvas: Canvas, x: float, foot: float, size: float, who: Person) -> None:
    """Somebody from the waist up; `size` is the height from there."""
    head_x, head_y, head = x, foot - size * 0.76, size * 0.145
    if who.long_hair:
        canvas.blob(
            [
                (x - size * 0.18, head_y - size * 0.05),
                (x, head_y - size * 0.21),
                (x + size * 0.18, head_y - size * 0.05),
                (x + size * 0.2, head_y + size * 0.25),
                (x, head_y + size * 0.2),
                (x - size * 0.2, head_y + size * 0.25),
            ],
            who.hair,
        )
    canvas.blob(
        [
            (x - size * 0.3, foot + size * 0.1),
            (x - size * 0.34, foot - size * 0.3),
            (x - size * 0.24, foot - size * 0.52),
            (x, foot - size * 0.57),
            (x + size * 0.24, foot - size * 0.52),
            (x + size * 0.34, foot - size * 0.3),
            (x + size * 0.3, foot + size * 0.1),
        ],
        who.shirt,
    )
    canvas.box(x - size * 0.06, head_y + size * 0.06, x + size * 0.06, foot - size * 0.5, who.skin, round_by=size * 0.03)
    canvas.shape([(x - size * 0.075, foot - size * 0.56), (x + size * 0.075, foot - size * 0.56), (x, foot - size * 0.47)], who.skin)
    for side in (-1, 1):
        canvas.stroke([(x + side * size * 0.12, foot - size * 0.55), (x + side * size * 0.1, foot - size * 0.36)], who.apron, size * 0.035, curved=False)
    canvas.box(x - size * 0.16, foot - size * 0.38, x + size * 0.16, foot + size * 0.08, who.apron, round_by=size * 0.025)
    canvas.box(x - size * 0.075, foot - size * 0.27, x + size * 0.075, foot - size * 0.16, (255, 255, 255, 60), round_by=size * 0.02)
    canvas.oval(head_x, head_y, head, head * 1.16, fill=who.skin)
    for side in (-1, 1):
        canvas.oval(head_x + side * head * 0.98, head_y + head * 0.1, head * 0.16, head * 0.24, fill=who.skin)
        canvas.oval(head_x + side * head * 0.55, head_y + head * 0.42, head * 0.2, head * 0.13, fill=(220, 90, 70, 60))
    if who.beard:
        canvas.blob(
            [
                (x - head * 0.98, head_y + head * 0.2),
                (x - head * 0.5, head_y + head * 0.5),
                (x, head_y + head * 0.36),
                (x + head * 0.5, head_y + head * 0.5),
                (x + head * 0.98, head_y + head * 0.2),
                (x + head * 0.62, head_y + head * 1.16),
                (x, head_y + head * 1.36),
                (x - head * 0.62, head_y + head * 1.16),
            ],
            who.hair,
        )
    fringe = head * (0.98 if not who.long_hair else 1.05)
    canvas.blob(
        [
            (x - fringe, head_y - head * 0.1),
            (x - head * 0.8, head_y - head * 1.05),
            (x, head_y - head * 1.42),
            (x + head * 0.8, head_y - head * 1.05),
            (x + fringe, head_y - head * 0.1),
            (x + head * 0.5, head_y - head * 0.66),
            (x - head * 0.3, head_y - head * 0.72),
        ],
        who.hair,
    )
    if not who.long_hair and not who.beard:
        canvas.oval(x, head_y - head * 1.45, head * 0.5, head * 0.4, fill=who.hair)
    for side in (-1, 1):
        canvas.oval(head_x + side * head * 0.38, head_y + head * 0.06, head * 0.075, head * 0.1, fill=INK)
        canvas.arc(
            head_x + side * head * 0.38, head_y - head * 0.12, head * 0.2, head * 0.12, 200, 340, who.hair if who.hair != "#dcdcdc" else "#a9a9a9", head * 0.07
        )
        if who.glasses:
            canvas.oval(head_x + side * head * 0.38, head_y + head * 0.06, head * 0.27, line=DARK_WOOD, width=head * 0.06)
    canvas.arc(head_x, head_y + head * 0.18, head * 0.1, head * 0.14, 20, 150, (150, 80, 60, 150), head * 0.05)
    canvas.arc(head_x, head_y + head * 0.42, head * 0.34, head * 0.26, 20, 160, "#a8483c" if not who.beard else "#c98b76", head * 0.09)


def family(canvas: Canvas) -> None:
    """Three generations behind the counter."""
    canvas.sky("#fbeed6", "#f3d9ab")
    for shelf in (250, 520):
        canvas.box(60, shelf, 1540, shelf + 18, WOOD)
        canvas.box(60, shelf + 18, 1540, shelf + 26, (60, 30, 15, 50))
    for place, ornament in enumerate(("carnation", "peacock", "berettino", "rosette", "pomegranate", "carnation", "berettino")):
        plate(canvas, 190 + place * 204, 158, 84, ornament)
    for x in (130, 1330):
        vase(canvas, x, 520, 190, "carnation" if x < 800 else "berettino")
        jug(canvas, x + 130, 520, 170)
    bottle(canvas, 560, 520, 220, glass="#74822f", label=("OLIO", "nuovo"), seal=FOREST)
    bottle(canvas, 1050, 520, 220, glass="#27331f", label=("Vino", "rosso"), seal=WINE)
    person(canvas, 430, 850, 640, CATERINA)
    person(canvas, 1160, 850, 680, PIETRO)
    person(canvas, 800, 870, 580, GRANDMOTHER)
    canvas.box(0, 830, 1600, 880, "#c99563")
    canvas.box(0, 874, 1600, 890, (60, 30, 15, 90))
    canvas.sky(BLUE, DEEP, box=(0, 890, 1600, 1067))
    for place in range(10):
        tile(canvas, 80 + place * 160, 980, 120, (0, 5, 2)[place % 3])
    bowl(canvas, 220, 836, 200, "rosette", fruit=True)
    canvas.box(1370, 760, 1540, 834, STONE, round_by=12)
    canvas.box(1390, 730, 1520, 770, SAND, round_by=10)
    canvas.box(1405, 740, 1505, 760, PALE)


def portrait(canvas: Canvas, look: int) -> None:
    """A portrait, before a coloured ground."""
    who, top, bottom = ((CATERINA, SUN, AMBER), (PIETRO, PALE, "#8fb0d2"), (GRANDMOTHER, "#f6e3da", TERRACOTTA))[look % 3]
    canvas.sky(top, top, bottom)
    canvas.oval(480, 520, 400, fill=(255, 255, 255, 70))
    person(canvas, 480, 900, 860, who)
