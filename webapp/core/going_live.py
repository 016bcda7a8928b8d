"""The commands of an installation in containers: migrate, check, and the static files for nginx."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import text

from webapp.core import health, migrations
from webapp.core.commands import Refusal
from webapp.core.db import db
from webapp.core.readiness import check_deployment

LOCK = 0x626F7474656762  # not the one that each branch takes by itself (migrations/env.py)
KEPT_DAYS = 30


def set_up_going_live(app: Flask) -> None:
    """Add the commands."""
    for command in (migrate, check, static):
        app.cli.add_command(command)


@click.command("migrate")
@click.option("--wait", type=click.FloatRange(0, 3600), default=60, show_default=True, help="Seconds to wait at most.")
@with_appcontext
def migrate(*, wait: float) -> None:
    """Wait for both databases, then apply what is missing, one process at a time, and check the outcome."""
    try:
        health.wait_for_databases(wait, lambda sentence: click.echo(f"waiting: {sentence}", err=True))
        with _alone(wait):
            missing = migrations.pending()
            migrations.upgrade()
            migrations.check()
    except (health.NotReady, migrations.MigrationError) as problem:
        raise Refusal(str(problem)) from None
    click.echo(f"Applied up to: {', '.join(missing)}." if missing else "Nothing to apply.")
    click.echo("The databases are as this version needs them.")


@contextmanager
def _alone(wait: float) -> Iterator[None]:
    """Under an advisory lock; it goes with the connection, however this process ends."""
    until = time.monotonic() + wait
    with db.engines[None].connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        told = False
        while not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK}).scalar():
            if time.monotonic() > until:
                raise health.NotReady(f"another `bottega migrate` is at work and did not end within {wait:g} s")
            if not told:
                click.echo("waiting: another `bottega migrate` is at work", err=True)
                told = True
            time.sleep(0.3)
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})


@click.command("check")
@click.option("--deploy", is_flag=True, help="Also what must be right before the installation goes on line.")
@with_appcontext
def check(*, deploy: bool) -> None:
    """Say what is wrong with this installation and what to do about it; exit 1 when something is."""
    wrong = 0
    for verdict in (*health.run_checks(), *(check_deployment() if deploy else ())):
        click.echo(f"{'ok   ' if verdict.ok else 'WRONG'} {verdict.name}: {verdict.words}")
        wrong += not verdict.ok
    if wrong:
        click.echo(f"{wrong} {'thing is' if wrong == 1 else 'things are'} wrong.", err=True)
        raise SystemExit(1)
    click.echo("Nothing is wrong.")


@click.command("static")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@with_appcontext
def static(*, folder: Path) -> None:
    """Lay the static files out in FOLDER, from which nginx serves them; what an older version had stays for a month."""
    source = Path(current_app.static_folder or "")
    laid = set()
    for path in sorted(source.rglob("*")):
        inside = path.relative_to(source)
        if not path.is_file() or inside.parts[0] == "src" or path.suffix == ".mjs":
            continue
        target = folder / inside
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name(f".{target.name}.{os.getpid()}")
        shutil.copyfile(path, fresh)
        fresh.replace(target)  # whoever reads it meanwhile has the old one whole
        laid.add(target)
    limit = time.time() - KEPT_DAYS * 86400
    for path in folder.rglob("*"):
        if path.is_file() and path not in laid and path.stat().st_mtime < limit:
            path.unlink()
    click.echo(f"{len(laid)} files in {folder}")
