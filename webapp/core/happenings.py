"""What happened at a moment and may explain figures over time, as the room that keeps such marks tells all charts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, current_app

from webapp.core.charts import Mark

HAPPENINGS = "bottega_happenings"
SHAPES = {"deploy": "triangle-down", "note": "circle"}


@dataclass(frozen=True)
class Happening:
    """A version that went live (`deploy`), or a `note`; `title` is the word for it, `url` where more is told."""

    at: dt.datetime
    kind: str
    title: str
    text: str
    url: str

    def on(self, label: str) -> Mark:
        """As a chart draws it over the point with that label."""
        return Mark(label=label, kind=self.title, shape=SHAPES[self.kind], text=self.text, url=self.url)


Tell = Callable[[dt.datetime, dt.datetime], list[Happening]]
"""What happened between two aware moments, the second excluded, as far as the current actor may know."""


def offer_happenings(app: Flask, tell: Tell) -> None:
    """Let every chart ask a room."""
    app.extensions[HAPPENINGS] = tell


def happenings(begin: dt.datetime, end: dt.datetime) -> list[Happening]:
    """What happened between two aware moments, the second excluded; nothing where no room keeps marks."""
    tell: Tell | None = current_app.extensions.get(HAPPENINGS)
    return tell(begin, end) if tell else []
