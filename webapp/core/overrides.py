"""Templates of the agency's own: a folder outside of the package, looked into before the house's and its rooms' templates.

Each override is kept beside the original that it was made from (`.originals/`), so that a later version of the suite can
say whether that original has changed since.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, TemplateSyntaxError

from webapp.core.commands import Refusal
from webapp.core.settings import house_settings

ORIGINALS = ".originals"
SUFFIXES = (".html", ".txt", ".xml", ".js")


class State(StrEnum):
    """How an override stands to the house's template of its name."""

    CURRENT = "as it was when it was copied"
    CHANGED = "CHANGED since it was copied"
    UNKNOWN = "not copied by `bottega site override`: nobody knows whether it changed"
    OWN = "a template of your own, the house has none of this name"
    BROKEN = "BROKEN"


@dataclass(frozen=True)
class Override:
    """A template of the agency's folder. `problem` says why one that is broken cannot be drawn."""

    name: str
    state: State
    problem: str = ""


def set_up_overrides(app: Flask) -> None:
    """Look into TEMPLATE_FOLDER first, and add the commands."""
    folder = app.extensions["settings"].template_folder
    app.extensions["house_templates"] = app.jinja_loader
    if folder:
        house = [app.jinja_loader] if app.jinja_loader else []
        app.jinja_loader = ChoiceLoader([FileSystemLoader(folder), *house])
    app.cli.add_command(site)


def house_text(name: str) -> str | None:
    """The house's own template of that name, or its room's; None when there is none."""
    loaders: list[BaseLoader | None] = [current_app.extensions["house_templates"]]
    loaders += [blueprint.jinja_loader for blueprint in current_app.iter_blueprints()]
    for loader in loaders:
        if isinstance(loader, FileSystemLoader):
            for folder in loader.searchpath:
                file = Path(folder, name)
                if file.is_file():
                    return file.read_text("utf-8")
    return None


def list_overrides(folder: Path) -> Iterator[Override]:
    """The templates of the folder by name, with how they stand to the house's."""
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if file.is_file() and file.suffix in SUFFIXES and not name.startswith(f"{ORIGINALS}/"):
            yield _look_at(folder, name)


def _look_at(folder: Path, name: str) -> Override:
    try:
        current_app.jinja_env.parse((folder / name).read_text("utf-8"), name)
    except TemplateSyntaxError as error:
        return Override(name, State.BROKEN, f"line {error.lineno}: {error.message}")
    except UnicodeDecodeError:
        return Override(name, State.BROKEN, "it is not written in UTF-8")
    now, kept = house_text(name), folder / ORIGINALS / name
    if now is None:
        return Override(name, State.OWN)
    if not kept.is_file():
        return Override(name, State.UNKNOWN)
    return Override(name, State.CURRENT if kept.read_text("utf-8") == now else State.CHANGED)


def _folder() -> Path:
    folder = house_settings().template_folder
    if folder is None:
        raise Refusal("TEMPLATE_FOLDER names no folder: set it to one outside of the package, and restart")
    return folder


def _original(name: str) -> str:
    """The house's template of that name. Raises Refusal for one that it does not have."""
    inside = ".." not in PurePosixPath(name).parts and not name.startswith("/") and "\\" not in name
    text = house_text(name) if inside else None
    if text is None:
        raise Refusal(f"there is no template {name!r}; its name is like website/page.html or layouts/site.html")
    return text


@click.group("site")
def site() -> None:
    """How the public site looks: templates of your own."""


@site.command("overrides")
@with_appcontext
def overrides() -> None:
    """List the templates of TEMPLATE_FOLDER; exit 1 when one is broken, or its original has changed since."""
    wrong = 0
    for override in list_overrides(_folder()):
        problem = f": {override.problem}" if override.problem else ""
        click.echo(f"{override.name}  {override.state}{problem}")
        wrong += override.state in (State.BROKEN, State.CHANGED)
    if wrong:
        click.echo(
            "`bottega site compare NAME` shows what changed, `bottega site seen NAME` takes note of it.", err=True
        )
        raise SystemExit(1)


@site.command("override")
@click.argument("name")
@with_appcontext
def override(*, name: str) -> None:
    """Copy the house's template NAME into TEMPLATE_FOLDER, to be changed there."""
    folder, text = _folder(), _original(name)
    target = folder / name
    if target.exists():
        raise Refusal(f"{target} is there already")
    _write(target, text)
    _write(folder / ORIGINALS / name, text)
    click.echo(f"wrote {target}: change it, then restart")


@site.command("compare")
@click.argument("name")
@with_appcontext
def compare(*, name: str) -> None:
    """Show how the house's template NAME has changed since it was copied."""
    folder, now = _folder(), _original(name)
    kept = folder / ORIGINALS / name
    if not kept.is_file():
        raise Refusal(f"{name} was not copied by `bottega site override`: there is nothing to compare with")
    before = kept.read_text("utf-8").splitlines(keepends=True)
    lines = difflib.unified_diff(before, now.splitlines(keepends=True), "when it was copied", "now")
    click.echo("".join(lines) or "It has not changed.", nl=False)


@site.command("seen")
@click.argument("name")
@with_appcontext
def seen(*, name: str) -> None:
    """Take note that your template NAME fits the house's of today."""
    folder, now = _folder(), _original(name)
    if not (folder / name).is_file():
        raise Refusal(f"{folder / name} is not there")
    _write(folder / ORIGINALS / name, now)
    click.echo(f"{name} is taken to fit the house's of today")


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    except OSError as error:
        raise Refusal(f"{file} cannot be written ({error.strerror})") from None
