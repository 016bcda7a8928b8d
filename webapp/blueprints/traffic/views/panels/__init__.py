"""The panels of each section, in words, under the filters of the address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l

from webapp.blueprints.traffic.views.asking import Asked
from webapp.blueprints.traffic.views.cards import Panel
from webapp.blueprints.traffic.views.comparing import compared
from webapp.blueprints.traffic.views.panels.answers import classes, path_classes, statuses, ways
from webapp.blueprints.traffic.views.panels.content import contents, missing, paths, redirects
from webapp.blueprints.traffic.views.panels.speed import path_speeds, slowest, speeds
from webapp.blueprints.traffic.views.panels.visitors import agents, campaigns, hours, kinds, networks, sources
from webapp.blueprints.traffic.views.panels.visits import bounces, ends, steps
from webapp.blueprints.traffic.views.periods import over_time

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Maker = Callable[["Session", Asked], Sequence[Panel]]
SECTIONS = {
    "overview": _l("Overview"), "pages": _l("Pages"), "visits": _l("Visits"), "answers": _l("Answers"), "speed": _l("Speed"),
    "sources": _l("Sources"), "visitors": _l("Visitors"),
}  # fmt: skip
MAKERS: dict[str, tuple[tuple[frozenset[str], Maker], ...]] = {
    "overview": (
        (frozenset({"days"}), over_time), (frozenset({"paths"}), paths), (frozenset({"status"}), statuses),
    ),
    "pages": (
        (frozenset({"pages", "files"}), contents), (frozenset({"missing"}), missing), (frozenset({"redirects"}), redirects),
    ),
    "visits": (
        (frozenset({"entry", "exit"}), ends), (frozenset({"bounces"}), bounces), (frozenset({"steps"}), steps),
    ),
    "answers": (
        (frozenset({"classes"}), classes), (frozenset({"path-classes"}), path_classes),
        (frozenset({"method", "protocol", "cache", "host"}), ways),
    ),
    "speed": (
        (frozenset({"speeds"}), speeds), (frozenset({"path-speeds"}), path_speeds), (frozenset({"slowest"}), slowest),
    ),
    "sources": (
        (frozenset({"sites", "engines", "referrers"}), sources), (frozenset({"campaigns"}), campaigns),
    ),
    "visitors": (
        (frozenset({"hours"}), hours), (frozenset({"kinds"}), kinds), (frozenset({"browsers", "systems", "devices"}), agents),
        (frozenset({"networks", "countries"}), networks),
    ),
}  # fmt: skip


def make_panels(session: Session, section: str, asked: Asked) -> list[Panel]:
    """All panels of a section."""
    return [panel for _keys, make in MAKERS[section] for panel in _made(session, make, asked)]


def find_panel(session: Session, section: str, key: str, asked: Asked) -> Panel | None:
    """One panel of a section; None when there is no such one."""
    for keys, make in MAKERS.get(section, ()):
        if key in keys:
            return next((panel for panel in _made(session, make, asked) if panel.key == key), None)
    return None


def _made(session: Session, make: Maker, asked: Asked) -> list[Panel]:
    """The panels beside what they were at the time that they are compared with, in so far as they can be."""
    now = make(session, asked)
    former = asked.former if any(panel.figure for panel in now) else None
    then = {panel.key: panel for panel in make(session, former)} if former else {}
    return [compared(panel, then.get(panel.key)) for panel in now]
