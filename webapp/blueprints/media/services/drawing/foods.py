"""Good things to eat and drink of the demo shop: flour, oil, cheese, wine and the rest of its larder."""

# fmt: off
from __future__ import annotations

from collections.abc import Callable

from webapp.blueprints.media.services.drawing.canvas import (
    AMBER,
    BLUE,
    BRICK,
    CREAM,
    DARK_WOOD,
    FOREST,
    HONEY,
    INK,
    LEAF,
    OLIVE,
    ROSE,
    SAND,
    SKY,
    SUN,
    TERRACOTTA,
    WHITE,
    WINE,
    WOOD,
    Canvas,
    around,
)
from webapp.blueprints.media.services.drawing.grounds import ground, stamp, table
from webapp.blueprints.media.services.drawing.plates import plate
from webapp.blueprints.media.services.drawing.vessels import bottle, glass_jar


def _sack(canvas: Canvas, look: int) -> None:
    table(canvas, look + 2)
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
    table(canvas, look + 3)
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
    table(canvas, look)
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
    table(canvas, look + 4)
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
    table(canvas, look + 1)
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
    table(canvas, look + 2)
    filled = (AMBER, "#8a4a12", HONEY)[look % 3]
    glass_jar(canvas, 440, 850, 560, filled, "miele", lid=HONEY)
    canvas.stroke([(690, 850), (800, 560)], WOOD, 18)
    canvas.blob([(640, 800), (700, 770), (735, 830), (700, 900), (640, 905), (615, 850)], WOOD)
    for step in range(4):
        canvas.stroke([(628, 812 + step * 24), (722, 806 + step * 24)], DARK_WOOD, 7)
    canvas.oval(680, 905, 90, 18, fill=(230, 150, 40, 190))


def _jam(canvas: Canvas, look: int) -> None:
    table(canvas, look)
    filled, words, lid = (("#d8742a", "pesche", TERRACOTTA), ("#6d1f33", "amarene", ROSE), ("#7d5a1f", "fichi", OLIVE), ("#c9902f", "pere", LEAF))[look % 4]
    glass_jar(canvas, 420, 850, 560, filled, words, lid=lid)
    for x, y, r in ((690, 830, 70), (790, 850, 52)):
        canvas.shadow(x, y + r * 0.85, r, 12)
        canvas.oval(x, y, r, fill=filled)
        canvas.oval(x - r * 0.25, y - r * 0.3, r * 0.3, fill=(255, 255, 255, 60))
        canvas.stroke([(x, y - r), (x + 8, y - r - 24)], FOREST, 7)
        canvas.leaf(x + 6, y - r - 12, -20, r, r * 0.45, LEAF)


def _vinegar(canvas: Canvas, look: int) -> None:
    table(canvas, look)
    bottle(canvas, 480, 850, 700, glass="#2a1a16", label=("Saba", "di mosto") if look % 2 else ("Aceto", "balsamico"), seal=AMBER)


def _cake(canvas: Canvas, look: int) -> None:
    table(canvas, look + 4)
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
    ground(canvas, look + 2)
    plate(canvas, 480, 480, 390, "rosette")
    for place, (x, y, angle) in enumerate(around(480, 480, 120, 7)):
        canvas.shadow(x + 6, y + 8, 62, 62, 60)
        canvas.oval(x, y, 66, 60, fill=("#d9a55a", "#c98a45")[(place + look) % 2])
        canvas.oval(x, y, 52, 46, fill=("#e7bd78", "#d9a05a")[(place + look) % 2])
        for step in range(3):
            canvas.leaf(x - 10 + step * 10, y - 12 + step * 12, angle + step * 60, 30, 15, "#8a5a2b")


FOODS: dict[str, Callable[[Canvas, int], None]] = {
    "flour": _sack, "oil": _oil, "cheese": _cheese, "salami": _salami, "wine": _wine, "honey": _honey, "jam": _jam,
    "vinegar": _vinegar, "cake": _cake, "biscuits": _biscuits,
}
