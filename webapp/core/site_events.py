"""What the rooms of the public site announce of themselves: to whoever keeps a journal, and to whoever tells visitors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp.core.events import announce
from webapp.core.security import SYSTEM, Actor


@dataclass(frozen=True)
class SiteChanged:
    """Somebody changed a part of the public site: a menu, the notice. `part` and `deed` are codes, `path` the address if it has one.

    `part`: page, menu, notice, image, gallery, article, author, tag, site, contact, hours, form, message, product, category,
    redirect, promotion, words, installed, push, topic, public (the site as a whole). `deed`: created, changed, deleted, ordered,
    moved, published, taken off, sent, stopped, closed, opened. What strangers see of a page is told by events of its own.
    """

    by: Actor
    part: str
    deed: str
    title: str
    path: str = ""


@dataclass(frozen=True)
class ClosedToday:
    """A site of the company stays closed on the `day` that is today there, otherwise than planned.

    Texts, "" where untold, and the `paths` of the page with the hours are by language.
    """

    site_id: int
    day: dt.date
    names: Mapping[str, str]
    words: Mapping[str, str]
    paths: Mapping[str, str]


@dataclass(frozen=True)
class WhatCameOut:
    """A question: what came out for the public after a moment and until another one, and is still there (UTC)."""

    after: dt.datetime
    until: dt.datetime


@dataclass(frozen=True)
class CameOut:
    """An answer to it, by language. `cause` tells it apart from all others, for good."""

    cause: str
    titles: Mapping[str, str]
    words: Mapping[str, str]
    paths: Mapping[str, str]


def tell_of_change(session: Session, *, by: Actor, part: str, deed: str, title: object, path: str = "") -> None:
    """Announce SiteChanged in the caller's transaction, unless the house itself did it: a command, a task, a demo."""
    if by != SYSTEM:
        announce(session, SiteChanged(by, part, deed, str(title), path))
