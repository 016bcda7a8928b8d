"""What panels of hits by one text have in common."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from webapp.blueprints.traffic.queries.figures import Share
from webapp.blueprints.traffic.queries.groups import Group
from webapp.blueprints.traffic.queries.narrowing import NONE, exact
from webapp.blueprints.traffic.views.asking import Asked
from webapp.blueprints.traffic.views.cards import SHOWN, Column, Panel, table


def usual() -> tuple[Column, Column, Column]:
    """The columns of what is counted."""
    return Column(_("Hits"), "hits"), Column(_("Visitors"), "visitors"), Column(_("Bytes"), "bytes", "bytes")


def shares(asked: Asked, key: str, titles: tuple[str, str], name: str, found: Sequence[Share], **also: str) -> Panel:
    """The hits by one text."""
    rows = [
        (asked.way(**{name: exact(each.text, each.id)}, **also), (each.text, each.hits, each.visitors, each.bytes))
        for each in found
    ]
    return table(key, titles[0], (Column(titles[1], name, "text"), *usual()), rows, figure="hits")


def groups(
    asked: Asked, key: str, titles: tuple[str, str], name: str, found: Sequence[Group], *, most: int = SHOWN
) -> Panel:
    """The hits by what texts mean."""
    rows = [
        (asked.way(**{name: each.name or NONE}), (each.name, each.hits, each.visitors, each.bytes)) for each in found
    ]
    return table(key, titles[0], (Column(titles[1], name, "text"), *usual()), rows, figure="hits", most=most)
