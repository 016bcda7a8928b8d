"""Pictures of the demo company and its town: the shop, the workshop, the arcades, the hills, the laid table."""

# fmt: off
from __future__ import annotations

from collections.abc import Callable, Mapping

from webapp.blueprints.media.services.drawing.canvas import (
    AMBER,
    BLUE,
    BRICK,
    CLAY,
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
    SUN,
    TERRACOTTA,
    WHITE,
    WINE,
    WOOD,
    Canvas,
    Colour,
    around,
    towards,
)
from webapp.blueprints.media.services.drawing.people import family
from webapp.blueprints.media.services.drawing.plates import plate, tile
from webapp.blueprints.media.services.drawing.tables import (
    HEIGHT,
    WIDTH,
    cheese,
    coffee,
    linen,
    oil,
    pasta,
    rolling_hills,
    table,
    wine,
)
from webapp.blueprints.media.services.drawing.vessels import (
    albarello,
    amphora,
    bowl,
    candlestick,
    jug,
    pot,
    vase,
)


def shop(canvas: Canvas) -> None:
    """The front of the shop: awning, window, door, sign."""
    canvas.sky("#f3d9b6", "#ecc79a", "#e2b585")
    for row in range(14):
        for column in range(12):
            if canvas.chance.random() < 0.16:
                x, y = column * 140 + (row % 2) * 70, row * 70
                canvas.box(x, y, x + 120, y + 46, (150, 90, 50, 26), round_by=4)
    canvas.box(0, 930, WIDTH, HEIGHT, "#b9a88c")
    canvas.box(0, 930, WIDTH, 946, "#d9cbb0")
    for column in range(9):
        canvas.stroke([(column * 210 - 60, HEIGHT), (column * 190 + 40, 946)], (90, 70, 50, 60), 4)
    canvas.box(140, 190, 1460, 930, DEEP, round_by=10)
    canvas.box(156, 206, 1444, 930, BLUE)
    canvas.box(156, 206, 1444, 318, DEEP)
    canvas.text(800, 264, "BOTTEGA  MANFREDI", 64, SUN)
    canvas.text(800, 305, "dal 1974", 18, PALE)
    _shop_window(canvas, 200, 400, 930, 830)
    _door(canvas, 985, 400, 1400, 930)
    for stripe in range(14):
        left = 160 + stripe * 92
        colour = (WHITE, AMBER)[stripe % 2]
        canvas.shape([(left, 320), (left + 92, 320), (left + 92 + (stripe - 6) * 3, 430), (left + (stripe - 7) * 3, 430)], colour)
        canvas.oval(left + 46 + (stripe - 6.5) * 3, 430, 47, 24, fill=colour)
    canvas.box(156, 318, 1450, 330, DEEP)
    canvas.sky("#1c4378", "#163662", box=(156, 836, 960, 930))
    for place in range(6):
        tile(canvas, 222 + place * 134, 883, 84, place)
    for x in (60, 1540):
        pot(canvas, x, 975, 170, TERRACOTTA)
        for step in range(26):
            angle = -155 + canvas.chance.random() * 130
            canvas.leaf(x, 800, angle, 90 + canvas.chance.random() * 80, 34, (FOREST, OLIVE, LEAF)[step % 3])
        for step in range(7):
            px, py = towards(x, 800, -150 + step * 20, 110)
            canvas.oval(px, py, 15, fill=(ROSE, SUN)[step % 2])


def _shop_window(canvas: Canvas, left: float, top: float, right: float, bottom: float) -> None:
    canvas.box(left - 12, top - 12, right + 12, bottom + 8, DEEP)
    canvas.sky("#fbe9c6", "#f5d79c", box=(left, top, right, bottom))
    for shelf in (600, 820):
        canvas.box(left, shelf, right, shelf + 10, WOOD)
    for x, ornament in ((300, "peacock"), (480, "carnation"), (660, "berettino"), (840, "rosette")):
        plate(canvas, x, 518, 74, ornament)
    vase(canvas, 285, 818, 170, "carnation")
    jug(canvas, 430, 818, 150, "pomegranate")
    bowl(canvas, 590, 818, 180, "rosette", fruit=True)
    albarello(canvas, 740, 818, 150)
    amphora(canvas, 860, 818, 185)
    canvas.shape([(left, top), (left + 190, top), (left, top + 330)], (255, 255, 255, 46))
    canvas.shape([(right - 330, bottom), (right - 200, bottom), (right, top + 120), (right, top - 10 + 250)], (255, 255, 255, 36))
    canvas.box((left + right) / 2 - 5, top, (left + right) / 2 + 5, bottom, DEEP)


def _door(canvas: Canvas, left: float, top: float, right: float, bottom: float) -> None:
    canvas.box(left, top, right, bottom, DEEP)
    for x in (left + 16, (left + right) / 2 + 6):
        width = (right - left) / 2 - 22
        canvas.box(x, top + 16, x + width, bottom, "#2a5c9c")
        canvas.sky("#fbe3b6", "#eec98a", box=(round(x + 22), round(top + 44), round(x + width - 22), round(bottom - 170)))
        canvas.shape([(x + 22, top + 44), (x + 100, top + 44), (x + 22, top + 220)], (255, 255, 255, 60))
        canvas.box(x + 22, bottom - 140, x + width - 22, bottom - 30, DEEP, round_by=6)
        canvas.box(x + 30, bottom - 132, x + width - 30, bottom - 38, "#2a5c9c", round_by=5)
    canvas.oval((left + right) / 2 - 16, 720, 10, fill=HONEY)
    canvas.oval((left + right) / 2 + 18, 720, 10, fill=HONEY)
    canvas.box(left + 120, 560, left + 290, 620, CREAM, round_by=8)
    canvas.text(left + 205, 590, "APERTO", 32, BRICK)


def arcades(canvas: Canvas) -> None:
    """The arcades of the square, with the tower behind."""
    canvas.sky("#9cc3e4", "#cfe2ef", "#f8ead0")
    canvas.oval(1330, 210, 78, fill="#fdf2cf")
    for x, y, r in ((300, 170, 60), (380, 150, 80), (470, 175, 60), (1000, 120, 44), (1060, 105, 58), (1120, 124, 40)):
        canvas.oval(x, y, r * 1.3, r * 0.55, fill=(255, 255, 255, 170))
    canvas.box(700, 120, 860, 520, "#c9825a")
    canvas.box(690, 110, 870, 132, BRICK)
    canvas.shape([(700, 110), (780, 30), (860, 110)], BRICK)
    canvas.oval(780, 215, 54, fill=CREAM)
    canvas.oval(780, 215, 54, line=DEEP, width=7)
    canvas.stroke([(780, 215), (780, 178)], DEEP, 6)
    canvas.stroke([(780, 215), (806, 228)], DEEP, 6)
    canvas.box(758, 300, 802, 380, "#7b3d25", round_by=22)
    canvas.sky("#e9b98b", "#dfa678", box=(0, 330, WIDTH, 930))
    canvas.box(0, 322, WIDTH, 342, BRICK)
    for step in range(9):
        x = 30 + step * 182
        canvas.box(x, 380, x + 84, 490, "#f3d9b6", round_by=6)
        canvas.box(x + 8, 388, x + 38, 490, FOREST)
        canvas.box(x + 46, 388, x + 76, 490, FOREST)
    canvas.box(0, 520, WIDTH, 534, "#f3dcc0")
    for step in range(6):
        _arch(canvas, 140 + step * 264)
    canvas.sky("#d9b78e", "#c49c70", box=(0, 930, WIDTH, HEIGHT))
    for step in range(10):
        canvas.stroke([(step * 200 - 180, HEIGHT), (step * 130 + 210, 932)], (120, 80, 50, 60), 4)
    for step in range(6):
        canvas.shape([(82 + step * 264, 932), (20 + step * 264, 932), (step * 264 - 130, HEIGHT), (step * 264 - 20, HEIGHT)], (80, 45, 30, 46))
    for x, colour in ((470, BLUE), (990, AMBER)):
        canvas.shadow(x, 992, 70, 12)
        canvas.stroke([(x, 990), (x, 850)], DARK_WOOD, 9)
        canvas.shape([(x - 110, 852), (x, 790), (x + 110, 852)], colour)
        canvas.box(x - 62, 930, x + 62, 940, WOOD, round_by=4)


def _arch(canvas: Canvas, x: float) -> None:
    canvas.box(x - 96, 700, x + 96, 930, "#8b4f35")
    canvas.oval(x, 700, 96, fill="#8b4f35")
    canvas.sky("#7b4530", "#a3674a", box=(round(x - 84), 700, round(x + 84), 930))
    canvas.oval(x, 702, 84, fill="#7b4530")
    canvas.box(x - 40, 760, x + 40, 930, "#e9c58f", round_by=34)
    canvas.box(x - 32, 770, x + 32, 930, "#f6e0b0", round_by=28)
    canvas.arc(x, 700, 110, 110, 180, 360, "#f3dcc0", 16)
    canvas.box(x - 152, 690, x - 112, 930, "#f3dcc0")
    canvas.box(x - 160, 676, x - 104, 700, "#fbeed8")
    canvas.box(x - 160, 906, x - 104, 930, "#e6cba6")
    canvas.box(x - 126, 700, x - 112, 906, (120, 80, 50, 40))


def workshop(canvas: Canvas) -> None:
    """The wheel, with a vase that grows upon it, and shelves of raw ware."""
    canvas.sky("#f4e6cd", "#ead2ab")
    canvas.box(1050, 90, 1480, 560, "#fdf6e2", round_by=8)
    canvas.sky("#bfdcee", "#e9f2ea", box=(1070, 110, 1460, 540))
    canvas.shape([(1070, 470), (1170, 420), (1300, 455), (1460, 400), (1460, 540), (1070, 540)], LEAF)
    canvas.box(1258, 110, 1272, 540, "#fdf6e2")
    canvas.box(1070, 318, 1460, 332, "#fdf6e2")
    for shelf, sizes in ((330, (150, 190, 130, 170, 120)), (590, (170, 120, 190, 140, 160))):
        canvas.box(80, shelf, 930, shelf + 20, DARK_WOOD)
        for place, size in enumerate(sizes):
            colour = (CLAY, "#e0c9ad", TERRACOTTA)[(place + shelf) % 3]
            (pot if place % 2 else _raw_bowl)(canvas, 170 + place * 165, shelf, size, colour)
    canvas.sky("#a9744a", "#8a5a38", box=(0, 860, WIDTH, HEIGHT))
    canvas.box(0, 860, WIDTH, 868, (255, 255, 255, 60))
    canvas.shadow(880, 985, 440, 46, 110)
    canvas.box(560, 800, 1200, 975, "#6f4a30", round_by=14)
    canvas.box(560, 790, 1200, 830, WOOD, round_by=12)
    canvas.oval(880, 780, 250, 44, fill="#6c747c")
    canvas.oval(880, 768, 250, 44, fill="#9aa3ab")
    canvas.oval(880, 766, 205, 34, fill="#858e96")
    profile = [(112, 420), (122, 436), (86, 480), (170, 600), (176, 660), (128, 740), (120, 768)]
    rings: list[tuple[float, float, Colour]] = [(470 + step * 26, 7, (90, 50, 30, 60)) for step in range(11)]

    def wet(on: Canvas) -> None:
        for top, height, colour in rings:
            on.box(600, top, 1160, top + height, colour)

    canvas.turned(880, profile, "#c47f57", paint=wet, round_light=0.45)
    canvas.oval(880, 422, 112, 22, fill="#8a5436")
    canvas.oval(880, 426, 96, 16, fill="#6f412a")
    canvas.stroke([(830, 470), (800, 560), (790, 640)], (255, 255, 255, 90), 12)
    bowl(canvas, 1360, 960, 210, "carnation")
    for x, angle in ((1290, -70), (1330, -95), (1390, -82)):
        canvas.stroke([(x, 900), towards(x, 900, angle, 190)], WOOD, 13)
        canvas.leaf(*towards(x, 900, angle, 185), angle, 66, 26, INK)
    for x, colour in ((250, BLUE), (360, AMBER), (470, FOREST)):
        canvas.shadow(x, 985, 52, 10)
        canvas.turned(x, [(46, 905), (48, 960), (40, 985)], CREAM)
        canvas.oval(x, 905, 46, 12, fill=colour)


def _raw_bowl(canvas: Canvas, x: float, foot: float, size: float, colour: Colour) -> None:
    top = foot - size * 0.5
    canvas.oval(x, top, size * 0.48, size * 0.09, fill=BRICK)
    canvas.turned(x, [(size * 0.48, top), (size * 0.4, top + size * 0.28), (size * 0.2, foot - 4), (size * 0.2, foot)], colour, round_light=0.4)


def plates(canvas: Canvas) -> None:
    """Painted plates upon blue linen."""
    canvas.sky("#2a5c9c", "#1f4e8c", "#183f73")
    for row in range(8):
        for column in range(12):
            x, y = column * 145 + (row % 2) * 72, row * 145 + 30
            canvas.leaf(x, y, 45, 30, 12, (255, 255, 255, 26))
            canvas.leaf(x, y, 225, 30, 12, (255, 255, 255, 26))
    plate(canvas, 430, 470, 360, "carnation")
    plate(canvas, 1130, 390, 300, "peacock", 8)
    plate(canvas, 1250, 900, 250, "pomegranate")
    plate(canvas, 790, 900, 190, "berettino", 10)
    plate(canvas, 130, 1010, 230, "rosette")
    for x, y, angle in ((760, 120, -20), (800, 660, 35), (1530, 640, 110), (90, 90, 60)):
        for step in range(-2, 3):
            canvas.leaf(x, y, angle + step * 34, 110 - abs(step) * 18, 40, (OLIVE, LEAF)[step % 2], vein=FOREST)


def tiles(canvas: Canvas) -> None:
    """A wall of painted tiles."""
    canvas.sky("#cfc3ac", "#c4b699")
    side = 264
    for row in range(5):
        for column in range(7):
            kind = (0, 5, 2, 0, 4, 5, 3)[(row * 3 + column * 2) % 7]
            tile(canvas, column * 268 + 8, row * 268 - 4, side, kind)
    canvas.shape([(0, 0), (620, 0), (0, 760)], (255, 255, 255, 26))


def hills(canvas: Canvas) -> None:
    """Vineyards and cypresses of the hills above Brisighella."""
    rolling_hills(canvas, 640)
    canvas.sky("#86a552", "#6a8a40", box=(0, 800, WIDTH, HEIGHT))
    for row in range(6):
        y = 800 + row * 48
        for column in range(18):
            x = column * 110 - (row % 2) * 50 - row * 20
            canvas.stroke([(x, y + 34), (x, y - 6)], DARK_WOOD, 6 + row)
            canvas.oval(x, y - 14, 44 + row * 4, 24 + row * 2, fill=("#56793a", "#638842", "#4c6e34")[(row + column) % 3])
            for step in range(3):
                canvas.oval(x - 16 + step * 16, y + 4 + step % 2 * 8, 7 + row * 0.7, fill=WINE)
    canvas.box(1120, 500, 1300, 620, "#f0d3a8")
    canvas.shape([(1100, 505), (1210, 440), (1320, 505)], TERRACOTTA)
    canvas.box(1060, 540, 1125, 620, "#e4c08f")
    canvas.shape([(1050, 545), (1092, 515), (1130, 545)], BRICK)
    for x in (1160, 1240):
        canvas.box(x, 535, x + 26, 570, FOREST)
    canvas.box(1198, 570, 1230, 620, DARK_WOOD, round_by=6)
    for x, height in ((1010, 210), (1370, 240), (1430, 190), (960, 160)):
        canvas.leaf(x, 640, -90, height, 52, "#35573a")


def kiln(canvas: Canvas) -> None:
    """The kiln, open and glowing."""
    canvas.sky("#4a2f2a", "#36221f")
    for row in range(16):
        for column in range(14):
            x, y = column * 124 - (row % 2) * 62, row * 68
            shade = ("#7d4631", "#87503a", "#733f2c", "#8f5740")[canvas.chance.randrange(4)]
            canvas.box(x, y, x + 116, y + 60, shade, round_by=5)
    canvas.oval(800, 560, 470, 450, fill="#2b1a17")
    for bx, by, angle in around(800, 560, 440, 26):
        canvas.shape([towards(bx, by, angle + turn, 62) for turn in (40, 140, 220, 320)], ("#a5634a", "#93563f")[int(angle) % 2])
    for radius, colour in ((390, "#7a2a12"), (350, "#b5471a"), (300, "#dd7422"), (240, "#f29b38"), (170, "#fac05e")):
        canvas.oval(800, 590, radius, radius * 0.95, fill=colour)
    canvas.box(420, 780, 1180, 812, "#4a1d10")
    for x, size, draw in ((560, 230, pot), (1040, 230, pot)):
        draw(canvas, x, 780, size, "#e07b3c")
    vase(canvas, 800, 780, 330, "carnation")
    canvas.box(470, 560, 690, 572, "#4a1d10")
    canvas.box(910, 560, 1130, 572, "#4a1d10")
    for x in (530, 630, 970, 1070):
        _raw_bowl(canvas, x, 560, 90, "#f0a35a")
    canvas.sky("#6a4b39", "#4a3326", box=(0, 930, WIDTH, HEIGHT))
    canvas.oval(800, 1000, 430, 36, fill=(255, 160, 60, 60))
    for _step in range(60):
        px, py = canvas.chance.uniform(500, 1100), canvas.chance.uniform(240, 760)
        canvas.oval(px, py, canvas.chance.uniform(1.5, 4), fill=(255, 226, 150, 200))


def vases(canvas: Canvas) -> None:
    """Vases and jars upon the shelf."""
    canvas.sky("#e7eef4", "#cfdeea")
    canvas.shape([(0, 0), (760, 0), (300, HEIGHT), (0, HEIGHT)], (255, 255, 255, 70))
    canvas.box(0, 900, WIDTH, 950, WOOD)
    canvas.box(0, 900, WIDTH, 910, "#c99563")
    canvas.sky("#b9cbd9", "#a9bdcd", box=(0, 950, WIDTH, HEIGHT))
    canvas.box(0, 950, WIDTH, 972, (20, 25, 45, 46))
    amphora(canvas, 270, 900, 690)
    vase(canvas, 620, 900, 480, "berettino")
    albarello(canvas, 910, 900, 400, "SALVIA")
    candlestick(canvas, 1110, 900, 400)
    vase(canvas, 1370, 900, 560, "carnation")
    for angle, colour in ((-112, ROSE), (-94, AMBER), (-76, SUN), (-126, AMBER), (-60, ROSE)):
        tip_x, tip_y = 1370 + (angle + 93) * 7.4, 170 + abs(angle + 93) * 2.4
        canvas.stroke([(1370, 350), (1362 + (angle + 93) * 3.4, 270), (tip_x, tip_y)], FOREST, 9)
        for px, py, turn in around(tip_x, tip_y, 8, 9):
            canvas.leaf(px, py, turn, 54, 27, colour)
        canvas.oval(tip_x, tip_y, 17, fill=BRICK)
    canvas.shadow(780, 902, 66, 8)
    plate(canvas, 780, 820, 82, "peacock")


SCENES: Mapping[str, Callable[[Canvas], None]] = {
    each.__name__: each for each in (shop, arcades, workshop, plates, tiles, oil, hills, table, cheese, wine, linen, kiln, coffee, vases, pasta, family)
}
