"""What the demo company sells, as it is set upon tables: oil, cheese, wine, linen, coffee, pasta, a laid table."""

# fmt: off
from __future__ import annotations

from webapp.blueprints.media.services.drawing.canvas import (
    AMBER,
    BLUE,
    DARK_WOOD,
    FOREST,
    HONEY,
    INK,
    LEAF,
    OLIVE,
    PALE,
    SUN,
    WHITE,
    WINE,
    WOOD,
    Canvas,
    Colour,
    around,
    towards,
)
from webapp.blueprints.media.services.drawing.grounds import RUST, stamp
from webapp.blueprints.media.services.drawing.plates import plate, tile
from webapp.blueprints.media.services.drawing.vessels import (
    bottle,
    cup,
    glass_jar,
)

WIDTH, HEIGHT = 1600, 1067


def rolling_hills(canvas: Canvas, foot: float) -> None:
    """The hills of Romagna up to a height, under the sky."""
    canvas.sky("#a9cfe8", "#d6e8ee", "#fbeccb", box=(0, 0, WIDTH, HEIGHT))
    canvas.oval(1240, 220, 90, fill="#fff3cd")
    ranges: tuple[tuple[Colour, float, float], ...] = (("#b9cbb2", 300, 70), ("#a5bd86", 390, 90), ("#8fac62", 490, 80), ("#7b9a4e", 590, 60))
    for place, (colour, height, rise) in enumerate(ranges):
        top = [(x * 160 - 20, height - rise * canvas.chance.random() + foot - 640) for x in range(12)]
        canvas.blob([(-200, HEIGHT), *top, (WIDTH + 200, HEIGHT)], colour)
        for _step in range(5 + place * 2):
            x, y = canvas.chance.uniform(0, WIDTH), height + foot - 640 + 40 + place * 22
            canvas.leaf(x, y + 30, -90, 90 + place * 16, 22 + place * 3, (65, 96, 64, 190))
    for row in range(7):
        y = foot - 20 + row * 26
        for column in range(40):
            canvas.oval(column * 42 + (row % 2) * 20 - row * 4, y, 15 + row, 10 + row * 0.6, fill=("#6d8f43", "#7fa04f")[row % 2])


def oil(canvas: Canvas) -> None:
    """Olive oil, bread and an olive branch before the hills."""
    rolling_hills(canvas, 640)
    canvas.sky(WOOD, "#8d5d38", box=(0, 760, WIDTH, HEIGHT))
    canvas.box(0, 760, WIDTH, 770, (255, 255, 255, 70))
    for step in range(4):
        canvas.stroke([(0, 820 + step * 66), (WIDTH, 812 + step * 70)], (60, 30, 15, 45), 4)
    bottle(canvas, 480, 960, 800, glass="#74822f", label=("OLIO", "Brisighella DOP"), seal=FOREST)
    bottle(canvas, 720, 930, 560, glass="#97a03c", label=("Nuovo", "di frantoio"), seal=AMBER)
    canvas.shadow(1110, 945, 260, 30)
    canvas.oval(1110, 905, 270, 66, fill=WHITE, line=BLUE, width=10)
    canvas.oval(1110, 898, 205, 42, fill="#c9b438")
    canvas.oval(1060, 890, 90, 14, fill=(255, 255, 255, 90))
    for x, y in ((1330, 800), (1420, 850)):
        canvas.shadow(x, y + 84, 130, 16)
        canvas.blob([(x - 120, y + 60), (x - 110, y - 30), (x, y - 66), (x + 110, y - 30), (x + 120, y + 60), (x, y + 84)], "#b97a3c")
        canvas.blob([(x - 98, y + 48), (x - 90, y - 22), (x, y - 50), (x + 90, y - 22), (x + 98, y + 48), (x, y + 66)], "#f4e0b6")
        for _step in range(12):
            canvas.oval(x + canvas.chance.uniform(-70, 70), y + canvas.chance.uniform(-26, 46), 6, 4, fill=(190, 140, 70, 90))
    branch = [(60, 1010), (260, 1000), (420, 1030), (640, 1010), (860, 1035)]
    canvas.stroke(branch, DARK_WOOD, 10)
    for step in range(22):
        x, y = 80 + step * 36, 1006 + (step * 37 % 29)
        canvas.leaf(x, y, (-58 if step % 2 else 52) + step % 5 * 4, 92, 27, (OLIVE, LEAF, FOREST)[step % 3], vein="#c3cf86")
    for x, y in ((170, 1035), (330, 985), (540, 1045), (700, 990), (800, 1050)):
        canvas.oval(x, y, 30, 23, fill="#3c4620")
        canvas.oval(x - 8, y - 8, 8, 5, fill=(255, 255, 255, 110))


def table(canvas: Canvas) -> None:
    """A laid table from above."""
    canvas.sky("#fbf5e6", "#f5ecd6")
    for row in range(5):
        for column in range(7):
            stamp(canvas, column * 250 + (row % 2) * 125, row * 250 + 40, 92, (row + column) % 4, (169, 80, 42, 70))
    for x in (36, 1546):
        canvas.box(x, 0, x + 10, HEIGHT, RUST)
    plate(canvas, 800, 540, 390, "pomegranate")
    plate(canvas, 800, 540, 245, "carnation")
    for x, tines in ((330, True), (1270, False), (1340, False)):
        canvas.shadow(x + 8, 560, 22, 300, 50)
        canvas.stroke([(x, 560), (x, 860)], "#c9ced3", 22)
        if tines:
            canvas.blob([(x - 32, 380), (x + 32, 380), (x + 20, 560), (x - 20, 560)], "#c9ced3")
            for step in range(4):
                canvas.stroke([(x - 30 + step * 20, 390), (x - 30 + step * 20, 260)], "#c9ced3", 10)
        elif x == 1270:
            canvas.blob([(x - 20, 580), (x - 24, 300), (x + 4, 230), (x + 16, 580)], "#d6dade")
        else:
            canvas.oval(x, 330, 38, 66, fill="#c9ced3")
            canvas.oval(x - 4, 324, 26, 50, fill="#dfe3e6")
    canvas.shadow(1250, 150, 96, 96, 70)
    canvas.oval(1250, 145, 96, fill="#e8eef1")
    canvas.oval(1250, 145, 82, fill=WINE)
    canvas.oval(1225, 120, 30, 18, fill=(255, 255, 255, 60))
    plate(canvas, 190, 120, 150, "berettino")
    for bx, by, angle in around(190, 120, 36, 3):
        canvas.blob([towards(bx, by, angle + step * 60, 44) for step in range(6)], "#d9a55a")
        canvas.oval(bx, by, 26, fill="#e8c282")
    canvas.stroke([(480, 990), (620, 960), (800, 985), (980, 955), (1120, 985)], FOREST, 8)
    for step in range(18):
        canvas.leaf(490 + step * 36, 975, (-60 if step % 2 else 60), 74, 24, (OLIVE, LEAF)[step % 2])


def cheese(canvas: Canvas) -> None:
    """Cheeses, honey and walnuts upon a board."""
    canvas.sky("#f6e6d3", "#ecd0b0")
    canvas.sky("#8d5d38", "#6f4629", box=(0, 720, WIDTH, HEIGHT))
    canvas.shadow(780, 960, 640, 46, 110)
    canvas.box(150, 890, 1420, 960, DARK_WOOD, round_by=30)
    canvas.box(150, 872, 1420, 930, "#c08a58", round_by=28)
    canvas.turned(520, [(290, 560), (306, 610), (306, 820), (290, 880)], "#c98a2b")
    canvas.oval(520, 562, 290, 76, fill="#f6dc93")
    canvas.shape([(520, 560), (806, 640), (806, 874), (520, 888)], "#f9e4a6")
    canvas.shape([(520, 560), (520, 888), (360, 880), (372, 610)], "#e9c86f")
    for x, y, r in ((610, 720, 22), (700, 800, 15), (740, 700, 12), (570, 820, 11), (660, 660, 9)):
        canvas.oval(x, y, r, r * 0.8, fill=(160, 110, 40, 90))
    canvas.turned(980, [(140, 720), (150, 750), (150, 860), (138, 884)], "#fdf8ea")
    canvas.oval(980, 722, 140, 38, fill=WHITE)
    for step in range(9):
        canvas.leaf(980 + canvas.chance.uniform(-90, 90), 722 + canvas.chance.uniform(-16, 16), step * 40, 26, 10, FOREST)
    glass_jar(canvas, 1250, 890, 300, AMBER, "miele", lid=HONEY)
    for x, y in ((870, 940), (930, 962), (1080, 950), (1140, 968)):
        canvas.oval(x, y, 34, 28, fill="#b98552")
        canvas.stroke([(x - 26, y), (x, y - 8), (x + 26, y)], DARK_WOOD, 4)
    for row in range(5):
        for place in range(5 - row):
            canvas.oval(270 + (place - (4 - row) / 2) * 52, 900 + row * 38, 28, fill=("#7b2b44", WINE)[(row + place) % 2])
            canvas.oval(262 + (place - (4 - row) / 2) * 52, 892 + row * 38, 7, fill=(255, 255, 255, 90))
    canvas.leaf(270, 890, -150, 130, 80, OLIVE, vein=LEAF)


def wine(canvas: Canvas) -> None:
    """Wine, glasses and grapes in the evening."""
    canvas.sky("#3a2036", "#7a3a44", "#e0925a")
    canvas.oval(1180, 560, 200, fill=(255, 214, 140, 90))
    canvas.oval(1180, 560, 130, fill="#ffd98f")
    canvas.blob([(-100, 760), (250, 620), (600, 690), (950, 600), (1300, 680), (1700, 610), (1700, 1100), (-100, 1100)], "#5a2c3c")
    canvas.sky("#7a4f30", "#54331f", box=(0, 800, WIDTH, HEIGHT))
    canvas.box(0, 800, WIDTH, 809, (255, 220, 170, 90))
    bottle(canvas, 420, 970, 820, glass="#1f2a1a", label=("Sangiovese", "di Romagna"), seal=WINE)
    bottle(canvas, 660, 950, 720, glass="#7e8a3f", label=("Albana", "secca"), seal=HONEY)
    for x, filled in ((960, WINE), (1180, "#e9c766")):
        canvas.shadow(x, 966, 110, 16)
        canvas.turned(x, [(10, 690), (10, 900), (96, 958), (100, 966)], "#d9dde6", round_light=0.25)
        canvas.turned(x, [(104, 420), (126, 510), (108, 610), (46, 676), (9, 696)], "#c9c3cf", round_light=0.15)
        canvas.turned(x, [(126, 530), (108, 610), (46, 676), (9, 694)], filled, round_light=0.3)
        canvas.oval(x, 530, 125, 22, fill="#8a2d45" if filled == WINE else "#f3dc92")
        canvas.stroke([(x - 84, 470), (x - 90, 560), (x - 68, 620)], (255, 255, 255, 120), 10)
    for row in range(7):
        for place in range(8 - row):
            px, py = 1420 + (place - (7 - row) / 2) * 48, 850 + row * 30
            canvas.oval(px, py, 27, fill=("#5d2348", "#76305a", "#4a1c3c")[(row + place) % 3])
            canvas.oval(px - 8, py - 8, 7, fill=(255, 255, 255, 80))
    canvas.leaf(1420, 850, -160, 170, 110, OLIVE, vein=LEAF)
    canvas.leaf(1430, 850, -40, 150, 96, FOREST, vein=LEAF)


def coffee(canvas: Canvas) -> None:
    """Breakfast at the counter."""
    canvas.sky("#fbe7c8", "#f4cf98")
    for column in range(7):
        for row in range(2):
            tile(canvas, column * 268, 130 + row * 268, 262, (2, 5, 0)[(row + column) % 3])
    canvas.box(0, 528, WIDTH, 548, BLUE)
    canvas.sky("#fdf4e0", "#f2ddb8", box=(0, 548, WIDTH, 770))
    canvas.sky("#9b6a42", "#7a4f30", box=(0, 770, WIDTH, HEIGHT))
    canvas.box(0, 762, WIDTH, 780, "#c08a58")
    cup(canvas, 520, 960, 400, "carnation")
    cup(canvas, 1010, 930, 300, "rosette", filled="#b5632a")
    canvas.shadow(1360, 930, 170, 24)
    canvas.turned(1360, [(74, 560), (96, 590), (70, 740), (76, 750), (110, 900), (114, 930)], "#aeb6bd", round_light=0.5)
    canvas.stroke([(1440, 610), (1530, 640), (1500, 740)], INK, 26)
    canvas.shape([(1290, 570), (1246, 600), (1300, 640)], "#aeb6bd")
    canvas.oval(1360, 556, 40, 14, fill=INK)
    canvas.oval(1360, 536, 16, fill=INK)
    for step in range(4):
        x = 450 + step * 56
        canvas.stroke([(x, 650), (x + 26, 590), (x - 14, 530), (x + 18, 450)], (255, 255, 255, 120), 11)
    plate(canvas, 200, 990, 190, "pomegranate")
    for x, y, angle in ((150, 960, 0), (250, 985, 24)):
        canvas.shadow(x, y + 44, 90, 16)
        canvas.blob([(x - 90, y + 30), (x - 50, y - 30), (x + angle, y - 50), (x + 60, y - 24), (x + 92, y + 34), (x, y + 8)], "#d18a3c")
        for step in range(4):
            canvas.stroke([(x - 56 + step * 36, y - 24), (x - 46 + step * 34, y + 16)], "#a8662a", 6)


def pasta(canvas: Canvas) -> None:
    """Fresh pasta upon a floured board."""
    canvas.sky("#f3e3c8", "#e6cda2")
    canvas.box_shadow(90, 80, 1520, 1000)
    canvas.sky("#c99563", "#b37f4d", box=(80, 70, 1510, 990))
    for step in range(7):
        canvas.stroke([(80, 150 + step * 130), (1510, 140 + step * 134)], (90, 50, 25, 40), 4)
    canvas.oval(620, 540, 430, 370, fill=(255, 253, 246, 120))
    canvas.oval(600, 530, 330, 270, fill=(255, 253, 246, 150))
    for nest_x, nest_y in ((430, 400), (760, 380), (470, 690), (800, 680)):
        canvas.shadow(nest_x + 8, nest_y + 12, 135, 118, 70)
        for step in range(26):
            turn = canvas.chance.uniform(0, 360)
            rx, ry = canvas.chance.uniform(50, 122), canvas.chance.uniform(44, 104)
            colour = ("#f2cf74", "#e6b94f", "#f7dc93", "#dcae45")[step % 4]
            canvas.arc(nest_x + canvas.chance.uniform(-12, 12), nest_y + canvas.chance.uniform(-12, 12), rx, ry, turn, turn + 230, colour, 15)
    canvas.shadow(1240, 560, 60, 420, 60)
    canvas.stroke([(1230, 240), (1230, 830)], "#d9a86f", 96, curved=False)
    canvas.stroke([(1230, 150), (1230, 240)], DARK_WOOD, 44, curved=False)
    canvas.stroke([(1230, 830), (1230, 920)], DARK_WOOD, 44, curved=False)
    canvas.stroke([(1206, 250), (1206, 820)], (255, 255, 255, 90), 14, curved=False)
    for x, y in ((1410, 220), (1440, 330), (1380, 420)):
        canvas.shadow(x + 4, y + 8, 52, 62, 50)
        canvas.oval(x, y, 48, 60, fill="#f4e3cf")
        canvas.oval(x - 14, y - 18, 14, 18, fill=(255, 255, 255, 140))
    for step in range(7):
        canvas.leaf(1400, 760, -90 + (step - 3) * 26, 150, 54, (FOREST, OLIVE)[step % 2], vein=LEAF)


def linen(canvas: Canvas) -> None:
    """Linen printed in rust, with the carved wooden stamp."""
    canvas.sky("#dfe7ea", "#c3d0d6")
    for fold, (top, colour) in enumerate(((120, "#e9dfc9"), (160, "#f3ead7"), (200, "#fcf6e8"))):
        if not fold:
            canvas.box_shadow(90, 130, 1090, 1004)
        canvas.box(80 + fold * 10, top, 1080, 1000, colour, round_by=18)
    canvas.box(140, 240, 1050, 256, RUST)
    canvas.box(140, 268, 1050, 275, RUST)
    for row in range(4):
        for column in range(5):
            stamp(canvas, 230 + column * 185, 370 + row * 170, 140, (row + column) % 2 * 2 + (row == 2))
    canvas.box_shadow(1180, 230, 1500, 560)
    canvas.box(1170, 220, 1490, 550, DARK_WOOD, round_by=20)
    canvas.box(1190, 240, 1470, 530, WOOD, round_by=14)
    stamp(canvas, 1330, 380, 240, 0, DARK_WOOD)
    canvas.box_shadow(1190, 650, 1500, 930)
    for step in range(4):
        canvas.box(1180 + step * 6, 640 + step * 70, 1490 - step * 4, 720 + step * 70, (WHITE, PALE, "#fcf6e8", SUN)[step], round_by=26)
        canvas.box(1180 + step * 6, 700 + step * 70, 1490 - step * 4, 712 + step * 70, (RUST, BLUE, RUST, AMBER)[step])
