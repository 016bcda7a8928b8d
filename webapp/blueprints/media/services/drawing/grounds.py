"""What the goods of the demo shop stand upon, and what Romagna prints on linen."""

# ruff: noqa: PLR0917 - where, how large and in which colour reads best in that order
# fmt: off
from __future__ import annotations

from webapp.blueprints.media.services.drawing.canvas import CREAM, PALE, SAND, WOOD, Canvas, Colour, around

SIDE = 960
GROUNDS: tuple[tuple[Colour, Colour], ...] = ((CREAM, SAND), (PALE, "#bed2e6"), ("#fbe9cf", "#f1cf9a"), ("#e9ecd8", "#cfd6ae"), ("#f6e3da", "#e7c1ae"))
RUST = "#a9502a"
FLOOR = 690


def ground(canvas: Canvas, look: int) -> None:
    """A coloured ground alone."""
    top, bottom = GROUNDS[look % len(GROUNDS)]
    canvas.sky(top, top, bottom)


def table(canvas: Canvas, look: int) -> None:
    """A wooden table before a coloured ground."""
    ground(canvas, look)
    canvas.sky(WOOD, "#94623b", box=(0, FLOOR, SIDE, SIDE))
    canvas.box(0, FLOOR, SIDE, FLOOR + 6, (255, 255, 255, 60))
    for step in range(4):
        canvas.stroke([(0, FLOOR + 55 + step * 62), (SIDE, FLOOR + 48 + step * 66)], (60, 30, 15, 40), 3)


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
