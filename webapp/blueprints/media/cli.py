"""Commands of images: make their renditions anew, find files that are missing."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from webapp.blueprints.media.queries import all_ids, find_image, waiting_ids
from webapp.blueprints.media.services.files import is_kept
from webapp.blueprints.media.services.images import mark_ready
from webapp.blueprints.media.services.renditions import Source, make_renditions, missing_renditions
from webapp.core.db import db, transaction
from webapp.core.settings import house_settings

picture_commands = AppGroup("pictures", help="The images of the public site.")


@picture_commands.command("redraw")
@click.option("--waiting", is_flag=True, help="Only of images that have none yet.")
@click.option("--missing", is_flag=True, help="Only of images that lack a file, as after a backup without renditions.")
def redraw(*, waiting: bool, missing: bool) -> None:
    """Make the renditions of all images anew, here and now."""
    settings = house_settings()
    made = lost = 0
    numbers = waiting_ids(db.session(), limit=1_000_000) if waiting else all_ids(db.session())
    for number in numbers:
        image = find_image(db.session(), number)
        if image is None:
            continue
        source, name = Source.of(image), image.name
        if missing and not any(missing_renditions(settings, source)):
            continue
        if not is_kept(settings, image):
            click.echo(f"{number} {name}: its file is not there", err=True)
            lost += 1
            continue
        make_renditions(settings, source)
        with transaction() as session:
            mark_ready(session, image_id=number, sha256=source.sha256)
        made += 1
    click.echo(f"renditions of {made} images made" + (f", {lost} files are missing" if lost else ""))
    if lost:
        raise SystemExit(1)


@picture_commands.command("check")
def check() -> None:
    """Say which images lack their file or renditions; exit 1 when one does."""
    settings = house_settings()
    wrong = 0
    for number in all_ids(db.session()):
        image = find_image(db.session(), number)
        if image is None:
            continue
        if not is_kept(settings, image):
            click.echo(f"{number} {image.name}: its file is not there")
            wrong += 1
        elif image.ready_at and (count := sum(1 for _ in missing_renditions(settings, Source.of(image)))):
            click.echo(
                f"{number} {image.name}: {count} renditions are missing; `bottega pictures redraw --missing` makes them"
            )
            wrong += 1
    click.echo("all files are there" if not wrong else f"{wrong} images lack files")
    if wrong:
        raise SystemExit(1)
