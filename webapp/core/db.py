"""The session, the one transaction at the edge, and the columns that every record carries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Engine, Identity, MetaData, event, func, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column

from webapp.core.embedded import EmbeddedPostgres
from webapp.core.settings import Settings

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """What all models of all rooms share: one metadata, one naming convention."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {dt.datetime: DateTime(timezone=True), int: BigInteger}


AFTER_COMMIT = "bottega_after_commit"
db = SQLAlchemy(metadata=Base.metadata, disable_autonaming=True)


class Numbered:
    """A table with a numeric key given by the database."""

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, sort_order=-10)


class Editable(Numbered):
    """A record that people edit: when it was made and changed (UTC), and a version against lost updates.

    `version` counts the saves; a save that started from an older version is refused (`StaleDataError`). A record whose
    class is not `counts_as_data` is the house's own: an installation that has nothing else is still empty.
    """

    counts_as_data: ClassVar[bool] = True

    version: Mapped[int] = mapped_column(server_default=text("1"), sort_order=90)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now(), sort_order=91)
    updated_at: Mapped[dt.datetime] = mapped_column(server_default=func.now(), onupdate=func.now(), sort_order=92)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - SQLAlchemy calls it with the class
        return {"version_id_col": cls.__table__.c.version}  # type: ignore[attr-defined]  # the models have it


def connect_databases(app: Flask, settings: Settings) -> None:
    """Bind the application to its two databases. Connects to nothing; the embedded server starts on first use."""
    server = EmbeddedPostgres(settings.instance / "postgres") if settings.embedded else None
    bottega = server.url("bottega") if server else settings.database_url
    gold = server.url("gold") if server else settings.gold_database_url
    app.config["SQLALCHEMY_DATABASE_URI"] = bottega
    app.config["SQLALCHEMY_BINDS"] = {"gold": gold}
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "pool_pre_ping": True,
        "hide_parameters": True,  # an error is logged with its statement: not with what people wrote
        "connect_args": {"connect_timeout": 10},
    }
    db.init_app(app)
    app.extensions["embedded_postgres"] = server
    if server:
        with app.app_context():
            for engine in db.engines.values():
                _start_on_first_use(engine, server)


def _start_on_first_use(engine: Engine, server: EmbeddedPostgres) -> None:
    @event.listens_for(engine, "do_connect")
    def _(*_args: object) -> None:
        server.acquire()


@contextmanager
def transaction() -> Iterator[Session]:
    """The one place that commits: all that happens inside is stored, or nothing is."""
    session = db.session()
    try:
        yield session
        session.commit()
    except BaseException:
        session.info.pop(AFTER_COMMIT, None)
        session.rollback()
        raise
    for leave in session.info.pop(AFTER_COMMIT, ()):
        leave()


def after_commit(session: Session, leave: Callable[[], None]) -> None:
    """Call `leave` once `transaction()` has committed, never when it rolls back. It must not raise: all is stored by then."""
    session.info.setdefault(AFTER_COMMIT, []).append(leave)


def gold_engine() -> Engine:
    """The engine of the GOLD database, for reading."""
    return db.engines["gold"]
