"""Goods of the demo shop, each upon a coloured ground: ceramics, linen and books, beside those to eat and drink."""

# fmt: off
from __future__ import annotations

from collections.abc import Callable, Mapping

from webapp.blueprints.media.services.drawing.canvas import (
    AMBER,
    BLUE,
    CREAM,
    DARK_WOOD,
    DEEP,
    FOREST,
    HONEY,
    OLIVE,
    ROSE,
    SUN,
    TERRACOTTA,
    WHITE,
    WINE,
    Canvas,
    around,
)
from webapp.blueprints.media.services.drawing.foods import FOODS
from webapp.blueprints.media.services.drawing.grounds import RUST, ground, stamp, table
from webapp.blueprints.media.services.drawing.people import portrait
from webapp.blueprints.media.services.drawing.plates import ORNAMENTS, plate, tile
from webapp.blueprints.media.services.drawing.vessels import (
    albarello,
    amphora,
    bowl,
    candlestick,
    cup,
    jug,
    mug,
    teapot,
    vase,
)


def _plate(canvas: Canvas, look: int) -> None:
    ground(canvas, look + 1)
    plate(canvas, 480, 470, 380, ORNAMENTS[look % len(ORNAMENTS)], look * 7)


def _bowl(canvas: Canvas, look: int) -> None:
    table(canvas, look)
    bowl(canvas, 480, 800, 660, ("pomegranate", "carnation", "rosette")[look % 3], fruit=look % 2 == 0)


def _stand(canvas: Canvas, look: int) -> None:
    table(canvas, look + 2)
    canvas.shadow(480, 800, 160, 26)
    canvas.turned(480, [(50, 560), (30, 640), (36, 740), (130, 800)], WHITE)
    canvas.oval(480, 560, 330, 60, fill="#e3d9c6")
    canvas.oval(480, 548, 330, 58, fill=WHITE, line=BLUE, width=7)
    canvas.oval(480, 545, 270, 42, line=AMBER, width=4)
    for place, (x, y, colour) in enumerate(((370, 505, ROSE), (480, 490, HONEY), (590, 505, TERRACOTTA), (425, 440, AMBER), (535, 440, ROSE))):
        canvas.oval(x, y, 62, 50, fill=colour)
        canvas.oval(x, y - 14, 50, 26, fill=(255, 255, 255, 80 + place * 8))


def _vase(canvas: Canvas, look: int) -> None:
    table(canvas, look)
    if look % 3 == 0:
        for angle, colour in ((-110, ROSE), (-92, AMBER), (-74, HONEY), (-125, AMBER), (-58, ROSE)):
            tip_x, tip_y = 480 + (angle + 92) * 7, 170 + abs(angle + 92) * 2.2
            canvas.stroke([(480, 330), (470 + (angle + 92) * 3, 260), (tip_x, tip_y)], FOREST, 8)
            for px, py, around_angle in around(tip_x, tip_y, 8, 9):
                canvas.leaf(px, py, around_angle, 46, 24, colour)
            canvas.oval(tip_x, tip_y, 15, fill=SUN)
        vase(canvas, 480, 840, 560, "carnation")
    elif look % 3 == 1:
        amphora(canvas, 480, 850, 690)
    else:
        vase(canvas, 480, 850, 640, "berettino")


def _albarello(canvas: Canvas, look: int) -> None:
    table(canvas, look + 1)
    albarello(canvas, 480, 850, 660, ("SALVIA", "TIMO", "MIRTO")[look % 3])


def _candle(canvas: Canvas, look: int) -> None:
    table(canvas, look + 3)
    candlestick(canvas, 480, 850, 600)


def _tile(canvas: Canvas, look: int) -> None:
    ground(canvas, look + 2)
    canvas.box_shadow(152, 156, 832, 836)
    canvas.box(140, 140, 820, 820, "#d8cdb7", round_by=14)
    if look % 3 == 2:
        canvas.box(150, 150, 810, 810, WHITE, round_by=10)
        canvas.box(190, 190, 770, 770, BLUE, round_by=8)
        canvas.box(202, 202, 758, 758, WHITE, round_by=6)
        for x, y, angle in around(480, 480, 250, 16):
            canvas.leaf(x, y, angle + 80, 70, 26, OLIVE if int(angle) % 45 else AMBER)
        canvas.text(480, 480, "61", 260, DEEP)
        return
    tile(canvas, 480, 480, 660, (5, 0, 2, 3)[look % 4])


def _cup(canvas: Canvas, look: int) -> None:
    table(canvas, look + 1)
    cup(canvas, 470, 800, 480, ("carnation", "rosette", "peacock")[look % 3], filled=("#4a2c1a", "#b5632a", "#4a2c1a")[look % 3])
    for step in range(3):
        x = 400 + step * 70
        canvas.stroke([(x, 420), (x + 22, 370), (x - 12, 320), (x + 14, 265)], (255, 255, 255, 110), 9)


def _mug(canvas: Canvas, look: int) -> None:
    table(canvas, look)
    mug(canvas, 450, 830, 480, ("pomegranate", "rosette")[look % 2])


def _teapot(canvas: Canvas, look: int) -> None:
    table(canvas, look + 2)
    teapot(canvas, 440, 830, 520, ("rosette", "carnation")[look % 2])


def _jug(canvas: Canvas, look: int) -> None:
    table(canvas, look)
    jug(canvas, 460, 850, 640, ("carnation", "pomegranate")[look % 2])


def _cloth(canvas: Canvas, look: int) -> None:
    ground(canvas, look + 3)
    canvas.box_shadow(162, 226, 820, 812)
    for fold in range(3):
        top = 210 + fold * 34
        canvas.box(150 + fold * 10, top, 810 - fold * 4, 800, ("#e9dfc9", "#f2e9d6", "#fbf5e6")[fold], round_by=16)
    inside = [(170, 278), (802, 278), (802, 800), (170, 800)]

    def printed(on: Canvas) -> None:
        on.box(200, 300, 772, 312, RUST)
        on.box(200, 322, 772, 328, RUST)
        for row in range(3):
            for column in range(4):
                stamp(on, 262 + column * 150, 420 + row * 160, 118, look + (row + column) % 2 * 2)

    canvas.clipped(inside, printed)
    canvas.box(150, 210, 165, 800, (120, 90, 60, 22))


def _towel(canvas: Canvas, look: int) -> None:
    ground(canvas, look + 1)
    canvas.box(120, 130, 840, 152, DARK_WOOD, round_by=11)
    canvas.box_shadow(282, 160, 704, 814)
    body = [(270, 140), (690, 140), (700, 800), (480, 818), (262, 800)]
    canvas.shape(body, "#fbf5e6")
    for top in (640, 668, 684):
        canvas.box(266, top, 696, top + (14 if top == 640 else 6), RUST if look % 2 else BLUE)
    stamp(canvas, 480, 420, 300, look, RUST if look % 2 else DEEP)
    canvas.shape([(270, 140), (330, 140), (318, 806), (262, 800)], (120, 90, 60, 28))
    canvas.shape([(600, 140), (640, 140), (650, 806), (600, 810)], (120, 90, 60, 18))


def _cushion(canvas: Canvas, look: int) -> None:
    ground(canvas, look)
    canvas.box_shadow(214, 236, 768, 784)
    canvas.blob([(190, 200), (480, 230), (770, 200), (745, 480), (770, 770), (480, 742), (190, 770), (215, 480)], "#f7efdd")
    canvas.blob([(230, 240), (480, 262), (730, 240), (708, 480), (730, 730), (480, 708), (230, 730), (252, 480)], "#fcf6e8")
    for x, y in ((370, 360), (590, 360), (370, 570), (590, 570)):
        stamp(canvas, x, y, 150, look + 1)


def _book(canvas: Canvas, look: int) -> None:
    table(canvas, look + 1)
    cover, ink = ((BLUE, SUN), (TERRACOTTA, CREAM), (FOREST, SUN), (WINE, SUN))[look % 4]
    canvas.box_shadow(256, 240, 716, 840)
    canvas.shape([(250, 220), (290, 200), (720, 200), (690, 220)], "#efe6d2")
    canvas.shape([(690, 220), (720, 200), (720, 812), (690, 832)], "#dccfb4")
    canvas.box(246, 218, 694, 834, cover, round_by=10)
    canvas.box(246, 218, 286, 834, (0, 0, 0, 40), round_by=8)
    canvas.box(316, 258, 664, 794, ink, round_by=6)
    canvas.box(322, 264, 658, 788, cover, round_by=5)
    stamp(canvas, 490, 470, 230, look, ink)
    canvas.box(370, 660, 610, 668, ink)
    canvas.box(410, 690, 570, 696, ink)


GOODS: Mapping[str, Callable[[Canvas, int], None]] = FOODS | {
    "plate": _plate, "bowl": _bowl, "stand": _stand, "vase": _vase, "albarello": _albarello, "candlestick": _candle,
    "tile": _tile, "cup": _cup, "mug": _mug, "teapot": _teapot, "jug": _jug, "cloth": _cloth, "towel": _towel,
    "cushion": _cushion, "book": _book, "portrait": portrait,
}
