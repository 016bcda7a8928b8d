"""A canvas for flat art: shapes in the picture's own units, drawn twice as large and made smaller at the end.

Pillow is imported where it is used: a web process at rest does not carry it.
"""

# ruff: noqa: PLR0917 - where, how large and in which colour reads best in that order
from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image as Pictures

Point = tuple[float, float]
Colour = str | tuple[int, ...]

BLUE, DEEP, SKY, PALE = "#1f4e8c", "#14345f", "#7fa6cf", "#dce8f3"
AMBER, HONEY, SUN = "#d97b0b", "#f0b040", "#f8d68a"
CREAM, SAND, WHITE, STONE = "#fbf3e2", "#ecdcbd", "#fffdf8", "#d6c6a8"
TERRACOTTA, BRICK, CLAY = "#b9562f", "#8f3f22", "#cf8b62"
OLIVE, LEAF, FOREST = "#7d8a3c", "#9db25a", "#41603a"
WINE, ROSE, INK, WOOD, DARK_WOOD = "#6d1f33", "#c9566a", "#22303f", "#a9744a", "#7a4f30"


class Canvas:
    """A picture under way, `width` by `height` units; `seed` makes its chances the same each time."""

    def __init__(self, width: int, height: int, *, seed: int = 0, fine: int = 2) -> None:
        from PIL import Image as Pictures
        from PIL import ImageDraw

        self.width, self.height, self.fine = width, height, fine
        self.picture: Pictures.Image = Pictures.new("RGB", (width * fine, height * fine))
        self._pen = ImageDraw.Draw(self.picture, "RGBA")
        self.chance = random.Random(seed)  # noqa: S311 - where leaves fall is no secret

    def finished(self) -> Pictures.Image:
        """The picture in its own size."""
        return self.picture.reduce(self.fine)

    # --- plain shapes ---

    def sky(self, *colours: Colour, box: tuple[float, float, float, float] | None = None) -> None:
        """Fill all, or a box, with colours that run into each other from the top to the bottom."""
        from PIL import Image as Pictures

        left, top, right, bottom = self._scaled(box or (0, 0, self.width, self.height))
        strip = Pictures.new("RGB", (1, len(colours)))
        for place, colour in enumerate(colours):
            strip.putpixel((0, place), with_alpha(colour)[:3])
        run = strip.resize((1, max(1, bottom - top)), Pictures.Resampling.BICUBIC)
        self.picture.paste(run.resize((max(1, right - left), max(1, bottom - top))), (left, top))

    def oval(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float | None = None,
        *,
        fill: Colour | None = None,
        line: Colour | None = None,
        width: float = 0,
    ) -> None:
        """An ellipse about a point."""
        ry = rx if ry is None else ry
        box = self._scaled((x - rx, y - ry, x + rx, y + ry))
        self._pen.ellipse(box, fill=fill, outline=line, width=round(width * self.fine))

    def box(self, left: float, top: float, right: float, bottom: float, fill: Colour, *, round_by: float = 0) -> None:
        """A rectangle, with rounded corners or without."""
        scaled = self._scaled((left, top, right, bottom))
        if round_by:
            self._pen.rounded_rectangle(scaled, round_by * self.fine, fill=fill)
        else:
            self._pen.rectangle(scaled, fill=fill)

    def shape(self, points: Sequence[Point], fill: Colour) -> None:
        """A polygon."""
        self._pen.polygon([(x * self.fine, y * self.fine) for x, y in points], fill=fill)

    def blob(self, points: Sequence[Point], fill: Colour) -> None:
        """A closed curve through the points."""
        self.shape(smooth(points), fill)

    def stroke(self, points: Sequence[Point], colour: Colour, width: float, *, curved: bool = True) -> None:
        """A line through the points, with round ends."""
        way = smooth(points, closed=False) if curved and len(points) > 2 else list(points)
        scaled = [(x * self.fine, y * self.fine) for x, y in way]
        self._pen.line(scaled, fill=colour, width=max(1, round(width * self.fine)), joint="curve")
        if width > 3:
            for x, y in (way[0], way[-1]):
                self.oval(x, y, width / 2, fill=colour)

    def arc(
        self, x: float, y: float, rx: float, ry: float, start: float, end: float, colour: Colour, width: float
    ) -> None:
        """A part of an ellipse; degrees clockwise from three o'clock."""
        box = self._scaled((x - rx, y - ry, x + rx, y + ry))
        self._pen.arc(box, start, end, fill=colour, width=max(1, round(width * self.fine)))

    def slice(self, x: float, y: float, radius: float, start: float, end: float, fill: Colour) -> None:
        """A slice of a disc; degrees clockwise from three o'clock."""
        self._pen.pieslice(self._scaled((x - radius, y - radius, x + radius, y + radius)), start, end, fill=fill)

    def leaf(
        self, x: float, y: float, angle: float, length: float, width: float, fill: Colour, *, vein: Colour | None = None
    ) -> None:
        """A leaf or petal from a point in a direction (degrees, 0 to the right, clockwise)."""
        self.shape(leaf_points(x, y, angle, length, width), fill)
        if vein:
            self.stroke([(x, y), towards(x, y, angle, length * 0.85)], vein, max(1.0, width * 0.08), curved=False)

    def shadow(self, x: float, y: float, rx: float, ry: float, strength: int = 60) -> None:
        """A soft shadow on the ground."""
        steps = 16
        for step in range(steps):
            grown = 1.12 - 0.3 * step / steps
            self.oval(x, y, rx * grown, ry * grown, fill=(20, 25, 45, strength // steps + 1))

    def box_shadow(self, left: float, top: float, right: float, bottom: float, *, strength: int = 90) -> None:
        """A soft shadow of something square."""
        steps = 12
        for step in range(steps):
            grown = (right - left) * 0.035 * (1 - step / steps)
            box = (left - grown, top - grown, right + grown, bottom + grown)
            self.box(*box, (20, 25, 45, strength // steps + 1), round_by=grown + 4)

    def text(self, x: float, y: float, words: str, size: float, fill: Colour) -> None:
        """Words about a point, in the font that Pillow brings."""
        from PIL import ImageFont

        font = ImageFont.load_default(size * self.fine)
        self._pen.text((x * self.fine, y * self.fine), words, fill=fill, font=font, anchor="mm")

    # --- turned on the wheel ---

    def turned(
        self,
        x: float,
        profile: Sequence[Point],
        fill: Colour,
        *,
        paint: Callable[[Canvas], None] | None = None,
        round_light: float = 0.3,
    ) -> None:
        """A body of revolution, `profile` being its half width at each height, from the top to the bottom.

        `paint` draws upon it, and nothing beside it; light comes from the left.
        """
        from PIL import Image as Pictures
        from PIL import ImageDraw

        half = smooth([(radius, y) for radius, y in profile], closed=False)
        outline = [(x + radius, y) for radius, y in half] + [(x - radius, y) for radius, y in reversed(half)]
        xs, ys = [px for px, _ in outline], [py for _, py in outline]
        box = self._scaled((min(xs) - 1, min(ys) - 1, max(xs) + 1, max(ys) + 1))
        size = (box[2] - box[0], box[3] - box[1])
        mask = Pictures.new("L", size)
        moved = [(px * self.fine - box[0], py * self.fine - box[1]) for px, py in outline]
        ImageDraw.Draw(mask).polygon(moved, fill=255)
        margin = max(4, size[1] // 12)
        rows = (0, max(0, box[1] - margin), self.picture.width, min(self.picture.height, box[3] + margin))
        before = self.picture.crop(rows)
        self.shape(outline, fill)
        if paint:
            paint(self)
        self._shade(box, round_light)
        after = self.picture.crop(box)
        self.picture.paste(before, rows[:2])
        self.picture.paste(after, box[:2], mask)

    def clipped(self, points: Sequence[Point], paint: Callable[[Canvas], None]) -> None:
        """What `paint` draws inside of a polygon, and nothing of it outside."""
        from PIL import Image as Pictures
        from PIL import ImageDraw

        xs, ys = [px for px, _ in points], [py for _, py in points]
        box = self._scaled((min(xs), min(ys), max(xs) + 1, max(ys) + 1))
        mask = Pictures.new("L", (box[2] - box[0], box[3] - box[1]))
        moved = [(px * self.fine - box[0], py * self.fine - box[1]) for px, py in points]
        ImageDraw.Draw(mask).polygon(moved, fill=255)
        whole = self.picture.copy()
        paint(self)
        inside = self.picture.crop(box)
        self.picture.paste(whole)
        self.picture.paste(inside, box[:2], mask)

    def _shade(self, box: tuple[int, int, int, int], strength: float) -> None:
        from PIL import Image as Pictures

        width, height = box[2] - box[0], box[3] - box[1]
        stops = (0.35, 0.0, 0.1, 0.45, 1.0)
        dark = Pictures.new("L", (len(stops), 1))
        for place, stop in enumerate(stops):
            dark.putpixel((place, 0), round(255 * strength * stop))
        mask = dark.resize((width, 1), Pictures.Resampling.BICUBIC).resize((width, height))
        self.picture.paste(with_alpha(INK)[:3], box, mask)

    def _scaled(self, box: Sequence[float]) -> tuple[int, int, int, int]:
        left, top, right, bottom = (round(value * self.fine) for value in box)
        return left, top, right, bottom


def with_alpha(colour: Colour, alpha: int = 255) -> tuple[int, ...]:
    """A colour as numbers, with how much of it covers what lies below (0 to 255)."""
    if isinstance(colour, tuple):
        return colour
    return (int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16), alpha)


def towards(x: float, y: float, angle: float, distance: float) -> Point:
    """The point at a distance in a direction (degrees, 0 to the right, clockwise)."""
    return x + math.cos(math.radians(angle)) * distance, y + math.sin(math.radians(angle)) * distance


def around(x: float, y: float, radius: float, count: int, start: float = 0) -> list[tuple[float, float, float]]:
    """Points on a circle at equal distances, each with the direction from the middle to it."""
    angles = [start + 360 * step / count for step in range(count)]
    return [(*towards(x, y, angle, radius), angle) for angle in angles]


def leaf_points(x: float, y: float, angle: float, length: float, width: float, steps: int = 14) -> list[Point]:
    """The outline of a leaf from a point in a direction."""
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    along = [step / steps for step in range(steps + 1)]
    upper = [(t * length, math.sin(math.pi * t**0.8) * width / 2) for t in along]
    lower = [(t, -w) for t, w in reversed(upper)]
    return [(x + t * cos - w * sin, y + t * sin + w * cos) for t, w in upper + lower]


def smooth(points: Sequence[Point], *, closed: bool = True, steps: int = 10) -> list[Point]:
    """A curve through the points (Catmull-Rom), as a polygon."""
    count = len(points)
    way: list[Point] = []
    for place in range(count if closed else count - 1):
        if closed:
            p0, p1, p2, p3 = (points[(place + step - 1) % count] for step in range(4))
        else:
            p0, p1 = points[max(place - 1, 0)], points[place]
            p2, p3 = points[place + 1], points[min(place + 2, count - 1)]
        for step in range(steps):
            t = step / steps
            way.append((_between(t, p0[0], p1[0], p2[0], p3[0]), _between(t, p0[1], p1[1], p2[1], p3[1])))
    return way if closed else [*way, points[-1]]


def _between(t: float, a: float, b: float, c: float, d: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)


Draw = Callable[..., Any]
