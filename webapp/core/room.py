"""What a room says of itself, and the door through which rooms enter the application."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import click
from flask import Blueprint, Flask, current_app
from flask_admin.base import BaseView
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from flask_smorest import Blueprint as SmorestBlueprint
from sqlalchemy.orm import Session

from webapp.core.jobs import HouseSchedule, TaskKind
from webapp.core.personal import Keeping
from webapp.core.policy import RULES, SHARING, RecordRule, SharingRule
from webapp.core.security import CORE_TITLES, OWNER_ONLY, CorePermission
from webapp.core.site import BlockKind, Drafts, OpensPath, Pages
from webapp.core.stored import Stored

SITE_SECTION = _l("Public site")


class RoomError(Exception):
    """The list of rooms makes no sense; the message says which room and why."""


@dataclass(frozen=True)
class MenuEntry:
    """A line of the back office menu. `order` sorts it; `icon` names a symbol of the sprite.

    Lines of one `section` stand together where its first line stands, folded unless the page is among them.
    """

    label: LazyString
    endpoint: str
    permission: str
    icon: str
    order: int = 50
    section: LazyString | None = None


@dataclass(frozen=True)
class Panel:
    """A fragment that a room offers for a named slot of another room's page, or of a layout; "" as permission: for all.

    `render` takes the slot's context as keywords and returns HTML, or "" when there is nothing to show.
    """

    slot: str
    permission: str
    render: Callable[..., str]


@dataclass(frozen=True)
class Room:
    """The manifest of a room: `webapp.blueprints.<name>.room.room`.

    `titles` says the permissions in words. `grants` gives them to the house's roles for a start (the owner has all);
    those in `owner_only` cannot be given to anybody else. `rules` say whose the records are, `sharing` which of those that
    people share are open to whom. `setup` runs once in the factory: no query, no network.
    `apis` are its addresses below `/api/v1` (`webapp.core.api.ApiBlueprint`).
    `account` are the pages of a person's own account ("" as permission: for everybody signed in).
    `personal` tells what the room stores about a user, as JSON values: what a person's export of their data holds.
    `of_address` tells the same of whoever has an e-mail address, signed in or not (in lower case). `keeps` says what the
    room keeps of visitors and for how long.
    `tasks` are the kinds of long work that it brings, `schedules` those of them that start by the clock.
    `beside` names those of its commands that `bottega run` keeps alive beside the web server.
    `blocks` are the kinds of blocks that it offers to the pages of the public site, `public_pages` its own pages there,
    `drafts` what is written for them and not shown yet.
    `facts` are what it knows of the company for search engines, in a language: properties of schema.org's LocalBusiness.
    `opens_path` says of one path whether a page of it is there, for a room with many of them: menus ask with every page.
    `shows` names the tables whose rows strangers see: a public page is kept until one of them changes.
    `stores` are the cookies and entries that it leaves in visitors' browsers: what is not declared must not be set.
    `uses_images` says where the room shows the image of a number (the room `media`): words and the address where it is
    edited. `holds_images` gives the numbers of all images that it shows but by a foreign key.
    `demo` stores the room's part of the demo company, `demo_large` as much more as the house must bear.
    `demo_note` says what its visitor must know, or "".
    """

    name: str
    title: LazyString
    requires: tuple[str, ...] = ()
    blueprints: tuple[Blueprint, ...] = ()
    apis: tuple[SmorestBlueprint, ...] = ()
    permissions: type[StrEnum] | None = None
    titles: Mapping[Any, LazyString] = field(default_factory=dict)
    owner_only: frozenset[str] = frozenset()
    rules: tuple[RecordRule, ...] = ()
    sharing: tuple[SharingRule, ...] = ()
    grants: Mapping[str, frozenset[str]] = field(default_factory=dict)
    menu: tuple[MenuEntry, ...] = ()
    account: tuple[MenuEntry, ...] = ()
    panels: tuple[Panel, ...] = ()
    personal: Callable[[Session, int], Mapping[str, Any]] | None = None
    of_address: Callable[[Session, str], Mapping[str, Any]] | None = None
    keeps: Callable[[], Iterable[Keeping]] | None = None
    commands: tuple[click.Command, ...] = ()
    admin_views: Callable[[], list[BaseView]] | None = None
    setup: Callable[[Flask], None] | None = None
    tasks: tuple[TaskKind, ...] = ()
    schedules: tuple[HouseSchedule, ...] = ()
    beside: Callable[[], tuple[str, ...]] | None = None
    blocks: tuple[BlockKind, ...] = ()
    public_pages: Pages | None = None
    drafts: Drafts | None = None
    opens_path: OpensPath | None = None
    facts: Callable[[Session, str], Mapping[str, Any]] | None = None
    shows: tuple[str, ...] = ()
    stores: tuple[Stored, ...] = ()
    uses_images: Callable[[Session, int], Iterable[tuple[str, str]]] | None = None
    holds_images: Callable[[Session], Iterable[int]] | None = None
    demo: Callable[[Session], None] | None = None
    demo_large: Callable[[Session], None] | None = None
    demo_note: Callable[[Session], str] | None = None


def load_rooms(names: Iterable[str], package: str = "webapp.blueprints") -> tuple[Room, ...]:
    """The manifests of the named rooms in their order. Raises RoomError for a missing, double or unmet one."""
    rooms: list[Room] = []
    for name in names:
        try:
            room = importlib.import_module(f"{package}.{name}.room").room
        except ModuleNotFoundError as error:
            if error.name not in (f"{package}.{name}", f"{package}.{name}.room"):
                raise
            raise RoomError(
                f"room {name!r} is not there: {package.replace('.', '/')}/{name}/room.py is missing"
            ) from None
        if room.name != name:
            raise RoomError(f"{package}.{name}.room calls itself {room.name!r}; folder and manifest must agree")
        rooms.append(room)
    present = [room.name for room in rooms]
    for room in rooms:
        if present.count(room.name) > 1:
            raise RoomError(f"room {room.name!r} is listed twice")
        if missing := [name for name in room.requires if name not in present]:
            raise RoomError(f"room {room.name!r} requires {', '.join(map(repr, missing))}: add it to ROOMS")
    in_order(rooms)
    return tuple(rooms)


def in_order(rooms: Iterable[Room]) -> tuple[Room, ...]:
    """The rooms, each after those it requires. Raises RoomError when they require each other in a circle."""
    waiting = {room.name: room for room in rooms}
    ordered: list[Room] = []
    while waiting:
        ready = [room for room in waiting.values() if not any(name in waiting for name in room.requires)]
        if not ready:
            raise RoomError(f"these rooms require each other in a circle: {', '.join(sorted(waiting))}")
        ordered += [waiting.pop(room.name) for room in ready]
    return tuple(ordered)


def open_rooms(app: Flask, names: Iterable[str]) -> None:
    """Register the named rooms with the application."""
    rooms = load_rooms(names)
    app.extensions["rooms"] = rooms
    app.extensions["task_kinds"] = {kind.name: kind for room in rooms for kind in room.tasks}
    app.extensions[RULES] = {name: rule for room in rooms for rule in room.rules for name in rule.permissions}
    app.extensions[SHARING] = {name: rule for room in rooms for rule in room.sharing for name in rule.permissions}
    for room in rooms:
        for blueprint in room.blueprints:
            app.register_blueprint(blueprint)
        for command in room.commands:
            app.cli.add_command(command)
    for room in rooms:
        if room.setup:
            room.setup(app)


def opened() -> tuple[Room, ...]:
    """The rooms of the current application."""
    rooms: tuple[Room, ...] = current_app.extensions["rooms"]
    return rooms


def granted_to(role: str) -> frozenset[str]:
    """All permissions that the open rooms grant to a role."""
    return frozenset().union(*(room.grants.get(role, frozenset()) for room in opened()))


def image_uses(session: Session, number: int) -> list[tuple[str, str]]:
    """Where the open rooms show the image of that number: words, and the address where it is edited."""
    return [use for room in opened() if room.uses_images for use in room.uses_images(session, number)]


def held_images(session: Session) -> set[int]:
    """The numbers of the images that the open rooms say they show."""
    return {number for room in opened() if room.holds_images for number in room.holds_images(session)}


@dataclass(frozen=True)
class Right:
    """A permission as the pages of rights show it. `owned`: it may reach some records only."""

    name: str
    title: LazyString | str
    room: LazyString | str
    owned: bool
    owner_only: bool


def rights() -> tuple[Right, ...]:
    """All permissions of the floor and of the open rooms, in their order."""
    rules = current_app.extensions[RULES]
    found = [
        Right(each.value, CORE_TITLES[each], _l("The house"), owned=False, owner_only=each in OWNER_ONLY)
        for each in CorePermission
    ]
    for room in opened():
        for each in room.permissions or ():
            title = room.titles.get(each, each.value)
            found.append(Right(each.value, title, room.title, each.value in rules, each in room.owner_only))
    return tuple(found)
