"""Goods of the demo shop, each upon a coloured ground: ceramics, linen, oil, cheese, wine and the rest of its catalogue."""

# ruff: noqa: PLR0917 - where, how large and in which colour reads best in that order
# fmt: off
from __future__ import annotations

from collections.abc import Callable, Mapping

from webapp.blueprints.media.services.drawing.canvas import (
    AMBER,
    BLUE,
    BRICK,
    CREAM,
    DARK_WOOD,
    DEEP,
    FOREST,
    HONEY,
    INK,
    LEAF,
    OLIVE,
    PALE,
    ROSE,
    SAND,
    SKY,
    SUN,
    TERRACOTTA,
    WHITE,
    WINE,
    WOOD,
    Canvas,
    Colour,
    around,
)
from webapp.blueprints.media.services.drawing.people import portrait
from webapp.blueprints.media.services.drawing.plates import ORNAMENTS, plate, tile
from webapp.blueprints.media.services.drawing.vessels import (
    albarello,
    amphora,
    bottle,
    bowl,
    candlestick,
    cup,
    glass_jar,
    jug,
    mug,
    teapot,
    vase,
)

SIDE = 960
GROUNDS: tuple[tuple[Colour, Colour], ...] = ((CREAM, SAND), (PALE, "#bed2e6"), ("#fbe9cf", "#f1cf9a"), ("#e9ecd8", "#cfd6ae"), ("#f6e3da", "#e7c1ae"))
RUST = "#a9502a"
FLOOR = 690


def _ground(canvas: Canvas, look: int) -> None:
    top, bottom = GROUNDS[look % len(GROUNDS)]
    canvas.sky(top, top, bottom)


def _table(canvas: Canvas, look: int) -> None:
    _ground(canvas, look)
    canvas.sky(WOOD, "#94623b", box=(0, FLOOR, SIDE, SIDE))
    canvas.box(0, FLOOR, SIDE, FLOOR + 6, (255, 255, 255, 60))
    for step in range(4):
        canvas.stroke([(0, FLOOR + 55 + step * 62), (SIDE, FLOOR + 48 + step * 66)], (60, 30, 15, 40), 3)


def _plate(canvas: Canvas, look: int) -> None:
    _ground(canvas, look + 1)
    plate(canvas, 480, 470, 380, ORNAMENTS[look % len(ORNAMENTS)], look * 7)


def _bowl(canvas: Canvas, look: int) -> None:
    _table(canvas, look)
    bowl(canvas, 480, 800, 660, ("pomegranate", "carnation", "rosette")[look % 3], fruit=look % 2 == 0)


def _stand(canvas: Canvas, look: int) -> None:
    _table(canvas, look + 2)
    canvas.shadow(480, 800, 160, 26)
    canvas.turned(480, [(50, 560), (30, 640), (36, 740), (130, 800)], WHITE)
    canvas.oval(480, 560, 330, 60, fill="#e3d9c6")
    canvas.oval(480, 548, 330, 58, fill=WHITE, line=BLUE, width=7)
    canvas.oval(480, 545, 270, 42, line=AMBER, width=4)
    for place, (x, y, colour) in enumerate(((370, 505, ROSE), (480, 490, HONEY), (590, 505, TERRACOTTA), (425, 440, AMBER), (535, 440, ROSE))):
        canvas.oval(x, y, 62, 50, fill=colour)
        canvas.oval(x, y - 14, 50, 26, fill=(255, 255, 255, 80 + place * 8))


def _vase(canvas: Canvas, look: int) -> None:
    _table(canvas, look)
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
    _table(canvas, look + 1)
    albarello(canvas, 480, 850, 660, ("SALVIA", "TIMO", "MIRTO")[look % 3])


def _candle(canvas: Canvas, look: int) -> None:
    _table(canvas, look + 3)
    candlestick(canvas, 480, 850, 600)


def _tile(canvas: Canvas, look: int) -> None:
    _ground(canvas, look + 2)
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
    _table(canvas, look + 1)
    cup(canvas, 470, 800, 480, ("carnation", "rosette", "peacock")[look % 3], filled=("#4a2c1a", "#b5632a", "#4a2c1a")[look % 3])
    for step in range(3):
        x = 400 + step * 70
        canvas.stroke([(x, 420), (x + 22, 370), (x - 12, 320), (x + 14, 265)], (255, 255, 255, 110), 9)


def _mug(canvas: Canvas, look: int) -> None:
    _table(canvas, look)
    mug(canvas, 450, 830, 480, ("pomegranate", "rosette")[look % 2])


def _teapot(canvas: Canvas, look: int) -> None:
    _table(canvas, look + 2)
    teapot(canvas, 440, 830, 520, ("rosette", "carnation")[look % 2])


def _jug(canvas: Canvas, look: int) -> None:
    _table(canvas, look)
    jug(canvas, 460, 850, 640, ("carnation", "pomegranate")[look % 2])


def stamp(canvas: Canvas, x: float, y: float, size: float, kind: int, colour: Colour = RUST) -> None:
    """What Romagna prints on linen in rust: a bunch of grapes, an ear of corn, a carnation, a pine cone."""
    kind %= 4
    if kind == 0:
        for row in range(5):
            for place in range(5 - row):
                canvas.oval(x + (place - (4 - row) / 2) * size * 0.2, y - size * 0.2 + row * size * 0.17, size * 0.1, fill=colour)
        canvas.leaf(x, y - size * 0.28, -150, size * 0.45, size * 0.28, colour)
        canvas.leaf(x, y - size * 0.28, -30, size * 0.45, size * 0.28, colour)
    elif kind == 1:
        canvas.stroke([(x, y + size * 0.6), (x, y - size * 0.4)], colour, size * 0.045)
        for step in range(5):
            for side in (-50, -130):
                canvas.leaf(x, y + size * (0.2 - step * 0.15), side, size * 0.28, size * 0.12, colour)
        canvas.leaf(x, y - size * 0.4, -90, size * 0.28, size * 0.12, colour)
    elif kind == 2:
        for step in range(7):
            canvas.leaf(x, y, -180 + 30 * step, size * 0.45, size * 0.17, colour)
        canvas.stroke([(x, y), (x, y + size * 0.55)], colour, size * 0.05)
        canvas.leaf(x, y + size * 0.5, -150, size * 0.32, size * 0.12, colour)
        canvas.leaf(x, y + size * 0.5, -30, size * 0.32, size * 0.12, colour)
    else:
        for px, py, angle in around(x, y, size * 0.06, 8):
            canvas.leaf(px, py, angle, size * 0.42, size * 0.16, colour)
        canvas.oval(x, y, size * 0.1, fill=CREAM)


def _cloth(canvas: Canvas, look: int) -> None:
    _ground(canvas, look + 3)
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
    _ground(canvas, look + 1)
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
    _ground(canvas, look)
    canvas.box_shadow(214, 236, 768, 784)
    canvas.blob([(190, 200), (480, 230), (770, 200), (745, 480), (770, 770), (480, 742), (190, 770), (215, 480)], "#f7efdd")
    canvas.blob([(230, 240), (480, 262), (730, 240), (708, 480), (730, 730), (480, 708), (230, 730), (252, 480)], "#fcf6e8")
    for x, y in ((370, 360), (590, 360), (370, 570), (590, 570)):
        stamp(canvas, x, y, 150, look + 1)


def _sack(canvas: Canvas, look: int) -> None:
    _table(canvas, look + 2)
    colour = ("#e2c790", "#cfd8e2", "#e6cdb9")[look % 3]
    canvas.shadow(480, 830, 260, 36)
    canvas.shape([(300, 330), (660, 330), (700, 830), (262, 830)], colour)
    canvas.shape([(300, 330), (660, 330), (640, 270), (322, 270)], "#b9986a")
    for step in range(9):
        canvas.shape([(310 + step * 39, 270), (330 + step * 39, 248), (350 + step * 39, 270)], "#b9986a")
    canvas.oval(480, 560, 130, fill=CREAM)
    canvas.oval(480, 560, 118, line=BRICK, width=5)
    stamp(canvas, 480, 550, 140, 1, BRICK)
    for step in range(26):
        x, y = 250 + canvas.chance.random() * 480, 830 + canvas.chance.random() * 60
        canvas.leaf(x, y, canvas.chance.random() * 360, 34, 15, ("#e9c877", "#f0d89b")[step % 2])
    canvas.shape([(300, 330), (350, 330), (330, 830), (262, 830)], (60, 40, 20, 30))


def _oil(canvas: Canvas, look: int) -> None:
    _table(canvas, look + 3)
    bottle(canvas, 420, 850, 720, glass=("#6f7d2c", "#8d9434", "#55651f")[look % 3], label=("OLIO", "Brisighella"), seal=FOREST)
    canvas.shadow(680, 845, 110, 18)
    canvas.oval(680, 812, 115, 40, fill=WHITE, line=BLUE, width=6)
    canvas.oval(680, 806, 88, 24, fill="#c9b23a")
    canvas.stroke([(560, 860), (650, 905), (800, 880)], DARK_WOOD, 8)
    for x, y, angle in ((590, 872, -60), (640, 898, 60), (690, 902, -50), (740, 895, 40), (780, 886, -40)):
        canvas.leaf(x, y, angle, 80, 24, OLIVE, vein=LEAF)
    for x, y in ((625, 915), (715, 880), (760, 910)):
        canvas.oval(x, y, 22, 17, fill="#3f4a1e")
        canvas.oval(x - 6, y - 6, 6, 4, fill=(255, 255, 255, 90))


def _board(canvas: Canvas) -> None:
    canvas.shadow(480, 805, 380, 40)
    canvas.box(110, 740, 850, 800, DARK_WOOD, round_by=26)
    canvas.box(110, 730, 850, 778, "#c08a58", round_by=22)


def _cheese(canvas: Canvas, look: int) -> None:
    _table(canvas, look)
    _board(canvas)
    rind, paste = (("#c98a2b", "#f6dc93"), ("#8c6a45", "#f3e6c2"), ("#e8dcc0", "#fffaf0"))[look % 3]
    canvas.turned(400, [(240, 520), (252, 560), (252, 700), (240, 740)], rind)
    canvas.oval(400, 522, 240, 62, fill=paste)
    canvas.shape([(400, 520), (640, 560), (640, 735), (400, 748)], paste)
    canvas.shape([(400, 520), (400, 748), (290, 742), (300, 560)], "#e7c979" if look % 3 == 0 else "#e6d8b4")
    for x, y, r in ((480, 620, 16), (550, 680, 11), (590, 610, 9), (450, 690, 8), (520, 590, 7)):
        canvas.oval(x, y, r, r * 0.8, fill=(160, 110, 40, 90))
    canvas.shape([(660, 740), (800, 735), (690, 600)], paste)
    canvas.shape([(660, 740), (690, 600), (672, 596), (640, 742)], rind)
    canvas.stroke([(150, 700), (250, 690)], INK, 10)
    for row in range(4):
        for place in range(4 - row):
            canvas.oval(740 + (place - (3 - row) / 2) * 40 + 50, 800 + row * 30, 21, fill=WINE)


def _salami(canvas: Canvas, look: int) -> None:
    _table(canvas, look + 4)
    _board(canvas)
    meat = ("#8f2f2b", "#a8453c", "#c9807a")[look % 3]
    canvas.stroke([(200, 700), (420, 655), (620, 660)], "#d9b7a2", 120)
    canvas.stroke([(200, 700), (420, 655), (620, 660)], meat, 104)
    for step in range(5):
        x = 250 + step * 85
        canvas.stroke([(x, 600 + abs(2 - step) * 5), (x + 12, 740)], SAND, 6)
    for x, y in ((700, 690), (770, 715), (640, 715)):
        canvas.oval(x, y, 62, 56, fill="#d9b7a2")
        canvas.oval(x, y, 55, 49, fill=meat)
        for step in range(9):
            canvas.oval(x + canvas.chance.uniform(-38, 38), y + canvas.chance.uniform(-34, 34), 6 + step % 3, fill="#f3ddd0")


def _wine(canvas: Canvas, look: int) -> None:
    _table(canvas, look + 1)
    white = look % 3 == 1
    label = (("Sangiovese", "di Romagna"), ("Albana", "secca"), ("Riserva", "Modigliana"))[look % 3]
    bottle(canvas, 370, 850, 740, glass="#7e8a3f" if white else "#27331f", label=label, seal=HONEY if white else WINE)
    canvas.shadow(650, 852, 90, 16)
    canvas.turned(650, [(10, 640), (9, 800), (80, 846), (84, 852)], "#e9eef2", round_light=0.2)
    canvas.turned(650, [(92, 400), (110, 480), (96, 570), (40, 630), (8, 645)], "#edf2f5", round_light=0.12)
    canvas.turned(650, [(111, 500), (96, 570), (40, 630), (8, 643)], SUN if white else WINE, round_light=0.3)
    canvas.oval(650, 500, 110, 20, fill="#f3e2a4" if white else "#8a2d45")
    canvas.stroke([(578, 450), (572, 530), (590, 580)], (255, 255, 255, 130), 9)


def _honey(canvas: Canvas, look: int) -> None:
    _table(canvas, look + 2)
    filled = (AMBER, "#8a4a12", HONEY)[look % 3]
    glass_jar(canvas, 440, 850, 560, filled, "miele", lid=HONEY)
    canvas.stroke([(690, 850), (800, 560)], WOOD, 18)
    canvas.blob([(640, 800), (700, 770), (735, 830), (700, 900), (640, 905), (615, 850)], WOOD)
    for step in range(4):
        canvas.stroke([(628, 812 + step * 24), (722, 806 + step * 24)], DARK_WOOD, 7)
    canvas.oval(680, 905, 90, 18, fill=(230, 150, 40, 190))


def _jam(canvas: Canvas, look: int) -> None:
    _table(canvas, look)
    filled, words, lid = (("#d8742a", "pesche", TERRACOTTA), ("#6d1f33", "amarene", ROSE), ("#7d5a1f", "fichi", OLIVE), ("#c9902f", "pere", LEAF))[look % 4]
    glass_jar(canvas, 420, 850, 560, filled, words, lid=lid)
    for x, y, r in ((690, 830, 70), (790, 850, 52)):
        canvas.shadow(x, y + r * 0.85, r, 12)
        canvas.oval(x, y, r, fill=filled)
        canvas.oval(x - r * 0.25, y - r * 0.3, r * 0.3, fill=(255, 255, 255, 60))
        canvas.stroke([(x, y - r), (x + 8, y - r - 24)], FOREST, 7)
        canvas.leaf(x + 6, y - r - 12, -20, r, r * 0.45, LEAF)


def _vinegar(canvas: Canvas, look: int) -> None:
    _table(canvas, look)
    bottle(canvas, 480, 850, 700, glass="#2a1a16", label=("Saba", "di mosto") if look % 2 else ("Aceto", "balsamico"), seal=AMBER)


def _cake(canvas: Canvas, look: int) -> None:
    _table(canvas, look + 4)
    canvas.shadow(480, 820, 330, 40)
    canvas.oval(480, 800, 340, 62, fill=WHITE, line=BLUE, width=7)
    canvas.turned(480, [(230, 560), (262, 610), (262, 740), (236, 790)], ("#c98a45", "#7a4a2b", "#d9a55a")[look % 3])
    canvas.oval(480, 565, 232, 70, fill=("#e2b06a", "#93603a", "#ecc27f")[look % 3])
    canvas.oval(480, 560, 84, 24, fill=("#a86d30", "#5d3620", "#b9823a")[look % 3])
    for step in range(44):
        x, y = 480 + canvas.chance.uniform(-205, 205), 562 + canvas.chance.uniform(-48, 48)
        if abs(x - 480) > 95:
            canvas.box(x, y, x + 13, y + 9, (WHITE, ROSE, SUN, SKY)[step % 4] if look % 3 == 2 else WHITE, round_by=3)


def _biscuits(canvas: Canvas, look: int) -> None:
    _ground(canvas, look + 2)
    plate(canvas, 480, 480, 390, "rosette")
    for place, (x, y, angle) in enumerate(around(480, 480, 120, 7)):
        canvas.shadow(x + 6, y + 8, 62, 62, 60)
        canvas.oval(x, y, 66, 60, fill=("#d9a55a", "#c98a45")[(place + look) % 2])
        canvas.oval(x, y, 52, 46, fill=("#e7bd78", "#d9a05a")[(place + look) % 2])
        for step in range(3):
            canvas.leaf(x - 10 + step * 10, y - 12 + step * 12, angle + step * 60, 30, 15, "#8a5a2b")


def _book(canvas: Canvas, look: int) -> None:
    _table(canvas, look + 1)
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


GOODS: Mapping[str, Callable[[Canvas, int], None]] = {
    "plate": _plate,
    "bowl": _bowl,
    "stand": _stand,
    "vase": _vase,
    "albarello": _albarello,
    "candlestick": _candle,
    "tile": _tile,
    "cup": _cup,
    "mug": _mug,
    "teapot": _teapot,
    "jug": _jug,
    "cloth": _cloth,
    "towel": _towel,
    "cushion": _cushion,
    "flour": _sack,
    "oil": _oil,
    "cheese": _cheese,
    "salami": _salami,
    "wine": _wine,
    "honey": _honey,
    "jam": _jam,
    "vinegar": _vinegar,
    "cake": _cake,
    "biscuits": _biscuits,
    "book": _book,
    "portrait": portrait,
}
