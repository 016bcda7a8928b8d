"""Vessels seen from the side: vases, jars, cups, bottles, each turned on the wheel and painted."""

# ruff: noqa: PLR0917 - where, how large and in which colour reads best in that order
# fmt: off
from __future__ import annotations

from collections.abc import Callable

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
    OLIVE,
    SKY,
    TERRACOTTA,
    WHITE,
    WINE,
    Canvas,
    Colour,
)
from webapp.blueprints.media.services.drawing.plates import MIDDLES

Paint = Callable[[Canvas], None]


def bands(x: float, half: float, *stripes: tuple[float, float, Colour]) -> Paint:
    """Stripes around a vessel: each from a height over some units in a colour."""

    def paint(canvas: Canvas) -> None:
        for top, height, colour in stripes:
            canvas.box(x - half, top, x + half, top + height, colour)

    return paint


def together(*paints: Paint) -> Paint:
    """One coat of paint over the other."""

    def paint(canvas: Canvas) -> None:
        for each in paints:
            each(canvas)

    return paint


def emblem(ornament: str, x: float, y: float, size: float) -> Paint:
    """One of the ornaments of plates, upon a vessel."""

    def paint(canvas: Canvas) -> None:
        MIDDLES[ornament](canvas, x, y, size)

    return paint


def vase(canvas: Canvas, x: float, foot: float, size: float, ornament: str = "carnation") -> None:
    """A round vase; `size` is its height."""
    top = foot - size
    ground: Colour = SKY if ornament == "berettino" else WHITE
    canvas.shadow(x, foot, size * 0.36, size * 0.06)
    profile = [(0.15, 0), (0.17, 0.02), (0.12, 0.08), (0.11, 0.16), (0.3, 0.34), (0.38, 0.52), (0.33, 0.74), (0.2, 0.92), (0.21, 1.0)]
    canvas.oval(x, top, size * 0.16, size * 0.025, fill=DEEP)
    stripes = bands(
        x,
        size,
        (top, size * 0.03, BLUE),
        (top + size * 0.17, size * 0.02, AMBER),
        (top + size * 0.21, size * 0.012, BLUE),
        (top + size * 0.83, size * 0.02, BLUE),
        (top + size * 0.87, size * 0.014, AMBER),
        (top + size * 0.96, size * 0.05, BLUE),
    )
    paint = together(stripes, emblem(ornament, x, top + size * 0.52, size * 0.27))
    canvas.turned(x, [(r * size, top + y * size) for r, y in profile], ground, paint=paint)


def amphora(canvas: Canvas, x: float, foot: float, size: float) -> None:
    """An amphora with two handles."""
    top = foot - size
    canvas.shadow(x, foot, size * 0.3, size * 0.05)
    for side in (-1, 1):
        way = [
            (x + side * size * 0.1, top + size * 0.1),
            (x + side * size * 0.3, top + size * 0.1),
            (x + side * size * 0.33, top + size * 0.3),
            (x + side * size * 0.24, top + size * 0.42),
        ]
        canvas.stroke(way, BLUE, size * 0.045)
    profile = [(0.15, 0), (0.16, 0.03), (0.1, 0.1), (0.1, 0.22), (0.28, 0.4), (0.29, 0.55), (0.18, 0.82), (0.1, 0.93), (0.17, 1.0)]
    stripes = bands(
        x,
        size,
        (top, size * 0.035, BLUE),
        (top + size * 0.24, size * 0.02, AMBER),
        (top + size * 0.3, size * 0.012, BLUE),
        (top + size * 0.7, size * 0.012, BLUE),
        (top + size * 0.74, size * 0.02, AMBER),
        (top + size * 0.95, size * 0.06, BLUE),
    )
    paint = together(stripes, emblem("peacock", x, top + size * 0.5, size * 0.19))
    canvas.turned(x, [(r * size, top + y * size) for r, y in profile], CREAM, paint=paint)


def albarello(canvas: Canvas, x: float, foot: float, size: float, words: str = "") -> None:
    """A pharmacist's jar, drawn in at the waist, with a scroll."""
    top = foot - size
    canvas.shadow(x, foot, size * 0.3, size * 0.05)
    canvas.oval(x, top, size * 0.21, size * 0.03, fill=DEEP)
    profile = [(0.22, 0), (0.23, 0.03), (0.19, 0.09), (0.27, 0.16), (0.24, 0.5), (0.27, 0.85), (0.2, 0.93), (0.23, 1.0)]

    def paint(on: Canvas) -> None:
        bands(
            x,
            size,
            (top, size * 0.03, BLUE),
            (top + size * 0.15, size * 0.02, AMBER),
            (top + size * 0.85, size * 0.02, AMBER),
            (top + size * 0.96, size * 0.05, BLUE),
        )(on)
        for step in range(5):
            for side, lift in ((-1, 0.28), (1, 0.28), (-1, 0.76), (1, 0.76)):
                on.leaf(x + side * size * 0.045 * step, top + size * lift, -90 + side * (30 + 8 * step), size * 0.12, size * 0.05, BLUE)
        on.box(x - size * 0.3, top + size * 0.42, x + size * 0.3, top + size * 0.6, HONEY)
        on.box(x - size * 0.3, top + size * 0.435, x + size * 0.3, top + size * 0.585, CREAM)
        if words:
            on.text(x, top + size * 0.51, words, size * 0.085, INK)

    canvas.turned(x, [(r * size, top + y * size) for r, y in profile], WHITE, paint=paint)


def cup(canvas: Canvas, x: float, foot: float, size: float, ornament: str = "carnation", *, filled: Colour = "#4a2c1a") -> None:
    """A cup upon its saucer; `size` is its width."""
    canvas.shadow(x, foot + size * 0.02, size * 0.85, size * 0.13)
    canvas.oval(x, foot, size * 0.82, size * 0.13, fill="#e8dfcc")
    canvas.oval(x, foot - size * 0.02, size * 0.82, size * 0.125, fill=WHITE, line=BLUE, width=size * 0.02)
    canvas.oval(x, foot - size * 0.02, size * 0.42, size * 0.06, fill="#ece4d4")
    canvas.arc(x + size * 0.5, foot - size * 0.38, size * 0.2, size * 0.19, -110, 110, WHITE, size * 0.085)
    canvas.arc(x + size * 0.5, foot - size * 0.38, size * 0.2, size * 0.19, -110, 110, "#d8d0c0", size * 0.02)
    top = foot - size * 0.68
    profile = [(0.5, 0), (0.48, 0.2), (0.42, 0.42), (0.28, 0.62), (0.24, 0.66)]
    stripes = bands(x, size, (top, size * 0.045, BLUE), (top + size * 0.07, size * 0.018, AMBER), (top + size * 0.58, size * 0.03, BLUE))
    paint = together(stripes, emblem(ornament, x, top + size * 0.33, size * 0.2))
    canvas.turned(x, [(r * size, top + y * size) for r, y in profile], WHITE, paint=paint, round_light=0.22)
    canvas.oval(x, top, size * 0.5, size * 0.1, fill=WHITE)
    canvas.oval(x, top + size * 0.005, size * 0.46, size * 0.085, fill="#e6dccb")
    canvas.oval(x, top + size * 0.02, size * 0.42, size * 0.068, fill=filled)


def mug(canvas: Canvas, x: float, foot: float, size: float, ornament: str = "pomegranate") -> None:
    """A mug without a saucer; `size` is its height."""
    top = foot - size
    canvas.shadow(x, foot, size * 0.5, size * 0.07)
    canvas.arc(x + size * 0.42, foot - size * 0.5, size * 0.24, size * 0.27, -100, 100, WHITE, size * 0.1)
    canvas.arc(x + size * 0.42, foot - size * 0.5, size * 0.24, size * 0.27, -100, 100, "#d8d0c0", size * 0.02)
    stripes = bands(x, size, (top + size * 0.03, size * 0.05, AMBER), (top + size * 0.1, size * 0.02, BLUE), (top + size * 0.9, size * 0.05, BLUE))
    paint = together(stripes, emblem(ornament, x, top + size * 0.52, size * 0.28))
    canvas.turned(x, [(size * 0.42, top), (size * 0.41, top + size * 0.5), (size * 0.36, foot)], WHITE, paint=paint)
    canvas.oval(x, top, size * 0.42, size * 0.08, fill="#e9e0cf")
    canvas.oval(x, top + size * 0.01, size * 0.37, size * 0.06, fill=DARK_WOOD)


def teapot(canvas: Canvas, x: float, foot: float, size: float, ornament: str = "rosette") -> None:
    """A teapot; `size` is its height."""
    top = foot - size * 0.82
    canvas.shadow(x, foot, size * 0.6, size * 0.07)
    canvas.arc(x - size * 0.52, foot - size * 0.42, size * 0.26, size * 0.28, 90, 280, BLUE, size * 0.075)
    spout = [(x + size * 0.4, foot - size * 0.22), (x + size * 0.62, foot - size * 0.38), (x + size * 0.78, foot - size * 0.72)]
    canvas.stroke(spout, WHITE, size * 0.13)
    canvas.stroke([spout[1], spout[2]], "#e4dac6", size * 0.05)
    canvas.oval(x + size * 0.785, foot - size * 0.735, size * 0.065, size * 0.035, fill=BLUE)
    profile = [(0.22, 0), (0.4, 0.12), (0.54, 0.4), (0.46, 0.68), (0.3, 0.8), (0.31, 0.82)]
    stripes = bands(x, size, (top + size * 0.06, size * 0.025, AMBER), (top + size * 0.1, size * 0.015, BLUE), (top + size * 0.72, size * 0.03, BLUE))
    paint = together(stripes, emblem(ornament, x, top + size * 0.42, size * 0.26))
    canvas.turned(x, [(r * size, top + y * size) for r, y in profile], WHITE, paint=paint)
    canvas.turned(x, [(size * 0.03, top - size * 0.1), (size * 0.15, top - size * 0.06), (size * 0.25, top + size * 0.015)], WHITE)
    canvas.oval(x, top - size * 0.13, size * 0.055, fill=AMBER)


def jug(canvas: Canvas, x: float, foot: float, size: float, ornament: str = "carnation") -> None:
    """A jug with a handle; `size` is its height."""
    top = foot - size
    canvas.shadow(x, foot, size * 0.34, size * 0.05)
    canvas.arc(x + size * 0.22, top + size * 0.36, size * 0.24, size * 0.27, -95, 95, BLUE, size * 0.06)
    canvas.shape([(x - size * 0.14, top + size * 0.02), (x - size * 0.3, top - size * 0.02), (x - size * 0.13, top + size * 0.16)], WHITE)
    profile = [(0.19, 0), (0.16, 0.1), (0.15, 0.2), (0.3, 0.46), (0.31, 0.62), (0.22, 0.88), (0.18, 0.94), (0.22, 1.0)]
    stripes = bands(
        x,
        size,
        (top, size * 0.03, BLUE),
        (top + size * 0.22, size * 0.02, AMBER),
        (top + size * 0.26, size * 0.012, BLUE),
        (top + size * 0.84, size * 0.02, AMBER),
        (top + size * 0.96, size * 0.05, BLUE),
    )
    paint = together(stripes, emblem(ornament, x, top + size * 0.54, size * 0.22))
    canvas.turned(x, [(r * size, top + y * size) for r, y in profile], WHITE, paint=paint)
    canvas.oval(x, top, size * 0.19, size * 0.028, fill="#e4dac6")


def bowl(canvas: Canvas, x: float, foot: float, size: float, ornament: str = "pomegranate", *, fruit: bool = False) -> None:
    """A wide bowl; `size` is its width."""
    top = foot - size * 0.46
    canvas.shadow(x, foot, size * 0.36, size * 0.06)
    canvas.oval(x, top, size * 0.5, size * 0.1, fill="#e9e0cf")
    canvas.oval(x, top + size * 0.008, size * 0.465, size * 0.085, fill="#d9cdb6")
    if fruit:
        for dx, dy, colour in ((-0.24, -0.03, AMBER), (-0.08, -0.09, TERRACOTTA), (0.1, -0.06, HONEY), (0.26, -0.02, OLIVE), (0.02, -0.02, AMBER)):
            canvas.oval(x + dx * size, top + dy * size, size * 0.115, fill=colour)
            canvas.oval(x + dx * size - size * 0.035, top + dy * size - size * 0.035, size * 0.03, fill=(255, 255, 255, 90))
        canvas.leaf(x - size * 0.06, top - size * 0.2, -20, size * 0.16, size * 0.07, FOREST)
    profile = [(0.5, 0), (0.47, 0.14), (0.36, 0.32), (0.2, 0.41), (0.19, 0.46)]
    stripes = bands(x, size, (top, size * 0.035, BLUE), (top + size * 0.055, size * 0.014, AMBER), (top + size * 0.37, size * 0.02, BLUE))
    emblems = [emblem(ornament, x + step * size * 0.27, top + size * 0.2, size * 0.115) for step in (-1, 0, 1)]
    canvas.turned(x, [(r * size, top + y * size) for r, y in profile], WHITE, paint=together(stripes, *emblems))


def bottle(canvas: Canvas, x: float, foot: float, size: float, *, glass: Colour, label: tuple[str, str] | None = None, seal: Colour = WINE) -> None:
    """A bottle of wine or oil; `size` is its height, `label` two lines."""
    top = foot - size
    canvas.shadow(x, foot, size * 0.16, size * 0.03)
    profile = [(0.038, 0), (0.04, 0.03), (0.036, 0.05), (0.036, 0.26), (0.06, 0.32), (0.12, 0.4), (0.125, 0.5), (0.125, 0.97), (0.115, 1.0)]

    def paint(on: Canvas) -> None:
        on.box(x - size * 0.06, top, x + size * 0.06, top + size * 0.14, seal)
        if label:
            on.box(x - size * 0.14, top + size * 0.54, x + size * 0.14, top + size * 0.86, CREAM)
            on.box(x - size * 0.14, top + size * 0.56, x + size * 0.14, top + size * 0.567, AMBER)
            on.box(x - size * 0.14, top + size * 0.833, x + size * 0.14, top + size * 0.84, AMBER)
            on.text(x, top + size * 0.64, label[0], size * 0.04 * min(1, 9 / len(label[0])), INK)
            on.text(x, top + size * 0.79, label[1], size * 0.022, BRICK)
            for angle in (-150, -30, 150, 30):
                on.leaf(x, top + size * 0.72, angle, size * 0.06, size * 0.025, OLIVE)
            on.oval(x, top + size * 0.72, size * 0.016, fill=WINE)

    canvas.turned(x, [(r * size, top + y * size) for r, y in profile], glass, paint=paint, round_light=0.45)
    canvas.stroke([(x - size * 0.085, top + size * 0.43), (x - size * 0.09, top + size * 0.92)], (255, 255, 255, 70), size * 0.016)


def glass_jar(canvas: Canvas, x: float, foot: float, size: float, filled: Colour, words: str, lid: Colour = AMBER) -> None:
    """A jar of honey or jam with a lid of cloth."""
    top = foot - size
    canvas.shadow(x, foot, size * 0.4, size * 0.06)
    profile = [(0.3, 0.2), (0.38, 0.28), (0.39, 0.6), (0.38, 0.95), (0.34, 1.0)]

    def paint(on: Canvas) -> None:
        on.box(x - size * 0.5, top + size * 0.2, x + size * 0.5, top + size * 0.3, (255, 255, 255, 110))
        on.box(x - size * 0.28, top + size * 0.46, x + size * 0.28, top + size * 0.82, CREAM, round_by=size * 0.03)
        on.box(x - size * 0.25, top + size * 0.49, x + size * 0.25, top + size * 0.79, WHITE, round_by=size * 0.02)
        on.text(x, top + size * 0.63, words, size * 0.1, INK)
        on.box(x - size * 0.12, top + size * 0.71, x + size * 0.12, top + size * 0.72, AMBER)

    canvas.turned(x, [(r * size, top + y * size) for r, y in profile], filled, paint=paint, round_light=0.35)
    frill = [(0.3, 0.0), (0.33, 0.1), (0.35, 0.16), (0.42, 0.24)]
    checks = [(top + size * step, size * 0.03, (255, 255, 255, 120)) for step in (0.02, 0.08, 0.14, 0.2)]
    canvas.turned(x, [(r * size, top + y * size) for r, y in frill], lid, paint=bands(x, size, *checks), round_light=0.25)
    canvas.box(x - size * 0.345, top + size * 0.145, x + size * 0.345, top + size * 0.17, BRICK, round_by=size * 0.01)
    canvas.stroke([(x - size * 0.3, top + size * 0.4), (x - size * 0.3, top + size * 0.85)], (255, 255, 255, 90), size * 0.03)


def candlestick(canvas: Canvas, x: float, foot: float, size: float) -> None:
    """A candlestick with its candle."""
    top = foot - size
    canvas.shadow(x, foot, size * 0.26, size * 0.04)
    canvas.box(x - size * 0.045, top - size * 0.12, x + size * 0.045, top + size * 0.32, CREAM)
    canvas.leaf(x, top - size * 0.11, -90, size * 0.16, size * 0.08, HONEY)
    canvas.leaf(x, top - size * 0.11, -90, size * 0.09, size * 0.04, WHITE)
    profile = [(0.1, 0.3), (0.13, 0.33), (0.06, 0.4), (0.05, 0.5), (0.12, 0.58), (0.05, 0.68), (0.07, 0.8), (0.22, 0.94), (0.24, 1.0)]
    stripes = bands(
        x,
        size,
        (top + size * 0.3, size * 0.04, BLUE),
        (top + size * 0.56, size * 0.05, AMBER),
        (top + size * 0.84, size * 0.02, BLUE),
        (top + size * 0.95, size * 0.06, BLUE),
    )
    canvas.turned(x, [(r * size, top + y * size) for r, y in profile], WHITE, paint=stripes)


def pot(canvas: Canvas, x: float, foot: float, size: float, colour: Colour = CLAY) -> None:
    """A pot of raw clay; `size` is its height."""
    top = foot - size
    canvas.shadow(x, foot, size * 0.34, size * 0.05)
    profile = [(0.26, 0), (0.28, 0.04), (0.2, 0.12), (0.36, 0.42), (0.34, 0.68), (0.2, 0.95), (0.2, 1.0)]
    rings = bands(x, size, *((top + size * step, size * 0.012, (90, 50, 30, 45)) for step in (0.2, 0.34, 0.48, 0.62, 0.76)))
    canvas.oval(x, top, size * 0.26, size * 0.045, fill=BRICK)
    canvas.turned(x, [(r * size, top + y * size) for r, y in profile], colour, paint=rings, round_light=0.4)
