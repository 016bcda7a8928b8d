"""Painted maiolica seen from above, and its ornaments: carnation, peacock's feather, pomegranate, berettino, rosette."""

# ruff: noqa: PLR0917 - where, how large and in which colour reads best in that order
# fmt: off
from __future__ import annotations

from webapp.blueprints.media.services.drawing.canvas import (
    AMBER,
    BLUE,
    CREAM,
    DEEP,
    FOREST,
    HONEY,
    LEAF,
    OLIVE,
    PALE,
    SKY,
    TERRACOTTA,
    WHITE,
    WINE,
    Canvas,
    around,
    towards,
)

ORNAMENTS = ("carnation", "peacock", "pomegranate", "berettino", "rosette")


def plate(canvas: Canvas, x: float, y: float, radius: float, ornament: str = "carnation", turn: float = 0) -> None:
    """A plate with its rim, its well and an ornament of Faenza."""
    blue_ground = ornament == "berettino"
    ground, shade = (SKY, "#6e97c2") if blue_ground else (WHITE, "#efe8d9")
    canvas.shadow(x + radius * 0.04, y + radius * 0.06, radius * 0.99, radius * 0.99, 120)
    canvas.oval(x, y, radius, fill=shade)
    canvas.oval(x - radius * 0.012, y - radius * 0.012, radius * 0.985, fill=ground)
    canvas.oval(x, y, radius * 0.95, line=DEEP if blue_ground else BLUE, width=radius * 0.02)
    _rim(canvas, x, y, radius, ornament, turn)
    canvas.oval(x, y, radius * 0.625, fill=shade)
    canvas.oval(x + radius * 0.012, y + radius * 0.012, radius * 0.61, fill=ground)
    canvas.oval(x, y, radius * 0.6, line=AMBER if not blue_ground else WHITE, width=radius * 0.014)
    MIDDLES[ornament](canvas, x, y, radius * 0.55, turn)
    canvas.arc(x, y, radius * 0.9, radius * 0.9, 205, 250, (255, 255, 255, 120), radius * 0.02)


def _rim(canvas: Canvas, x: float, y: float, radius: float, ornament: str, turn: float) -> None:
    if ornament == "peacock":
        for px, py, angle in around(x, y, radius * 0.79, 16, turn):
            feather(canvas, px, py, angle, radius * 0.135)
        return
    if ornament == "berettino":
        for px, py, angle in around(x, y, radius * 0.79, 12, turn):
            canvas.leaf(*towards(px, py, angle + 90, -radius * 0.14), angle + 68, radius * 0.2, radius * 0.07, DEEP)
            canvas.leaf(*towards(px, py, angle + 90, -radius * 0.04), angle + 130, radius * 0.13, radius * 0.05, WHITE)
            canvas.oval(px, py, radius * 0.025, fill=WHITE)
        return
    colours = {"carnation": (BLUE, AMBER), "pomegranate": (OLIVE, TERRACOTTA), "rosette": (AMBER, BLUE)}[ornament]
    for place, (px, py, angle) in enumerate(around(x, y, radius * 0.785, 18, turn)):
        if place % 3:
            canvas.leaf(*towards(px, py, angle + 90, -radius * 0.1), angle + 76, radius * 0.19, radius * 0.065, colours[0])
        else:
            canvas.oval(px, py, radius * 0.052, fill=colours[1])
            canvas.oval(px, py, radius * 0.024, fill=CREAM)


def carnation(canvas: Canvas, x: float, y: float, size: float, turn: float = 0) -> None:
    """A carnation with two leaves, as Faenza paints it."""
    canvas.stroke([(x, y + size * 0.82), (x - size * 0.06, y + size * 0.4), (x, y)], FOREST, size * 0.05)
    canvas.leaf(x - size * 0.03, y + size * 0.62, 205 + turn * 0.1, size * 0.62, size * 0.2, FOREST, vein=LEAF)
    canvas.leaf(x - size * 0.03, y + size * 0.52, -25 - turn * 0.1, size * 0.62, size * 0.2, FOREST, vein=LEAF)
    for ring, (colour, length, width) in enumerate(((BLUE, 0.62, 0.3), (TERRACOTTA, 0.5, 0.25), (AMBER, 0.36, 0.2))):
        for step in range(9):
            angle = -170 + 20 * step + (ring % 2) * 6
            canvas.leaf(x, y + size * 0.06, angle, size * length, size * width, colour)
    canvas.blob([(x - size * 0.16, y), (x, y + size * 0.24), (x + size * 0.16, y), (x, y - size * 0.05)], FOREST)


def peacock(canvas: Canvas, x: float, y: float, size: float, turn: float = 0) -> None:
    """A star of peacock's feathers."""
    for px, py, angle in around(x, y, size * 0.6, 10, turn + 18):
        feather(canvas, px, py, angle, size * 0.3)
    for px, py, angle in around(x, y, size * 0.27, 6, turn):
        feather(canvas, px, py, angle, size * 0.2)
    canvas.oval(x, y, size * 0.1, fill=AMBER)


def feather(canvas: Canvas, x: float, y: float, angle: float, size: float) -> None:
    """The eye of a peacock's feather."""
    base = towards(x, y, angle, -size)
    canvas.leaf(*base, angle, size * 2.1, size * 1.25, BLUE)
    canvas.leaf(*towards(*base, angle, size * 0.35), angle, size * 1.6, size * 0.85, OLIVE)
    canvas.oval(*towards(x, y, angle, size * 0.22), size * 0.36, fill=AMBER)
    canvas.oval(*towards(x, y, angle, size * 0.26), size * 0.19, fill=DEEP)


def pomegranate(canvas: Canvas, x: float, y: float, size: float, turn: float = 0) -> None:
    """A pomegranate that has burst, between its leaves."""
    for angle, length in ((-152, 0.95), (-28, 0.95), (152, 0.85), (28, 0.85), (125, 0.75), (55, 0.75)):
        canvas.leaf(x, y + size * 0.05, angle + turn * 0.05, size * length, size * 0.26, OLIVE, vein=LEAF)
    for lift in (-26, 0, 26):
        canvas.leaf(x, y - size * 0.3, -90 + lift, size * 0.42, size * 0.16, TERRACOTTA)
    canvas.oval(x, y, size * 0.46, size * 0.47, fill=TERRACOTTA)
    canvas.oval(x - size * 0.07, y - size * 0.08, size * 0.36, fill="#c96a3d")
    canvas.leaf(x, y - size * 0.38, 90, size * 0.74, size * 0.42, CREAM)
    for row in range(5):
        for side in (-1, 0, 1):
            if side and row in (0, 4):
                continue
            canvas.oval(x + side * size * 0.095, y - size * 0.22 + row * size * 0.11, size * 0.045, fill=WINE)


def berettino(canvas: Canvas, x: float, y: float, size: float, turn: float = 0) -> None:
    """Leaves in dark blue and white upon light blue."""
    for px, py, angle in around(x, y, size * 0.12, 8, turn):
        canvas.leaf(px, py, angle, size * 0.72, size * 0.26, DEEP)
        canvas.leaf(px, py, angle, size * 0.5, size * 0.1, PALE)
    for px, py, _angle in around(x, y, size * 0.8, 8, turn + 22.5):
        canvas.oval(px, py, size * 0.07, fill=WHITE)
        canvas.oval(px, py, size * 0.035, fill=DEEP)
    canvas.oval(x, y, size * 0.17, fill=HONEY)
    canvas.oval(x, y, size * 0.08, fill=DEEP)


def rosette(canvas: Canvas, x: float, y: float, size: float, turn: float = 0) -> None:
    """A rose window of petals."""
    for count, colour, length, width in ((12, BLUE, 0.86, 0.24), (12, AMBER, 0.62, 0.18), (6, TERRACOTTA, 0.4, 0.2)):
        for step in range(count):
            canvas.leaf(x, y, turn + 360 * step / count + (15 if colour == AMBER else 0), size * length, size * width, colour)
    canvas.oval(x, y, size * 0.15, fill=CREAM)
    canvas.oval(x, y, size * 0.09, fill=BLUE)


MIDDLES = {"carnation": carnation, "peacock": peacock, "pomegranate": pomegranate, "berettino": berettino, "rosette": rosette}


def tile(canvas: Canvas, x: float, y: float, side: float, kind: int) -> None:
    """A square tile about a point, one of six."""
    half = side / 2
    ground = (WHITE, CREAM, PALE, WHITE, CREAM, SKY)[kind % 6]
    canvas.box(x - half, y - half, x + half, y + half, ground)
    if kind % 6 == 0:
        for turn, (cx, cy) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
            corner_x, corner_y = x - cx * half, y - cy * half
            for radius, colour in ((0.62, BLUE), (0.5, WHITE), (0.4, AMBER), (0.2, BLUE)):
                canvas.slice(corner_x, corner_y, half * radius, 90 * turn, 90 * turn + 90, colour)
        rosette(canvas, x, y, half * 0.55)
    elif kind % 6 == 1:
        carnation(canvas, x, y - half * 0.15, half * 0.85)
    elif kind % 6 == 2:
        berettino(canvas, x, y, half * 0.88)
    elif kind % 6 == 3:
        peacock(canvas, x, y, half * 0.85)
    elif kind % 6 == 4:
        pomegranate(canvas, x, y, half * 0.82)
    else:
        for angle in (45, 135, 225, 315):
            canvas.leaf(x, y, angle, half * 1.25, half * 0.5, DEEP)
            canvas.leaf(x, y, angle, half * 0.95, half * 0.22, PALE)
        for angle in (0, 90, 180, 270):
            canvas.leaf(x, y, angle, half * 0.9, half * 0.3, WHITE)
        canvas.oval(x, y, half * 0.18, fill=HONEY)
    canvas.box(x - half, y - half, x + half, y - half + side * 0.012, (255, 255, 255, 130))
    canvas.box(x - half, y + half - side * 0.014, x + half, y + half, (20, 25, 45, 28))
