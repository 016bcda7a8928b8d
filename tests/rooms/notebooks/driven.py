"""Wishes and what a keeper makes of them, step by step, in a test's own hands."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from tests.rooms.notebooks.engines import MemorySpawner
from tests.rooms.notebooks.stores import MemoryImages, MemoryVolumes
from webapp.blueprints.notebooks.gateways.driving import Driver
from webapp.blueprints.notebooks.gateways.hands import Hands
from webapp.blueprints.notebooks.gateways.reconciler import Reconciler
from webapp.blueprints.notebooks.models import Notebook, NotebookStep
from webapp.blueprints.notebooks.ports import Guest
from webapp.core.db import db, transaction
from webapp.core.security import SYSTEM, Actor


def hands_with(spawner: MemorySpawner) -> Hands:
    return Hands(spawner, MemoryImages("image:1"), MemoryVolumes(), guests=(Guest("front", "front"),))


def wish(verb: Callable[..., object], slug: str, by: Actor = SYSTEM) -> None:
    with transaction() as session:
        verb(session, by=by, slug=slug)
    db.session.remove()


def row(slug: str) -> Notebook:
    db.session.remove()
    return db.session.scalars(select(Notebook).where(Notebook.slug == slug)).one()


def steps(slug: str) -> list[tuple[str, bool | None]]:
    notebook = row(slug)
    mine = select(NotebookStep).where(
        NotebookStep.notebook_id == notebook.id, NotebookStep.generation == notebook.generation
    )
    return [(step.step, step.ok) for step in db.session.scalars(mine.order_by(NotebookStep.id))]


def drive(house: Flask, spawner: MemorySpawner, slug: str) -> None:
    Driver(house, hands_with(spawner)).settle(row(slug).id)
    db.session.remove()


def go_round(house: Flask, spawner: MemorySpawner) -> bool:
    """One round of a reconciler, to the end of what it begins."""
    reconciler = Reconciler(house, lambda _app: hands_with(spawner))
    went = reconciler.go_round()
    reconciler.settle_all()
    return went
