"""Where the bench runs: an embedded PostgreSQL of its own, the application on it, and the real sales file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from webapp.app import create_app
from webapp.core import migrations
from webapp.core.settings import PROJECT, Settings


@dataclass(frozen=True)
class Context:
    """What each part of the bench is given.

    `environ` lets a child process (`bottega …`) work on the same databases; `app` is built on them too.
    The parts run in the order of `bench.__main__`, on the same data: import, ETL, then pages.
    """

    app: Flask
    environ: dict[str, str]
    sales_file: Path


@contextmanager
def prepared() -> Iterator[Context]:
    """A migrated, empty installation in a temporary folder, gone afterwards."""
    sales_file = (
        Path(os.environ.get("BOTTEGA_DATA") or PROJECT.parent / "shared" / "data") / "sales" / "online_retail.csv"
    )
    if not sales_file.exists():
        raise SystemExit(
            f"the bench measures the real sales file, which is not at {sales_file}; name its folder with BOTTEGA_DATA"
        )
    with tempfile.TemporaryDirectory(prefix="bottega-bench-") as folder:
        environ = {
            **{key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "GOLD_DATABASE_URL")},
            "BOTTEGA_INSTANCE": folder,
            "LOG_LEVEL": "WARNING",
        }
        app = create_app(Settings.from_environment(environ))
        try:
            with app.app_context():
                migrations.upgrade()
                yield Context(app=app, environ=environ, sales_file=sales_file)
        finally:
            app.extensions["embedded_postgres"].release()
