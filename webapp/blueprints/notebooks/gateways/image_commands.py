"""`bottega notebooks image …`: the list of images, and the image that the project ships, built at a console.

Building and fetching here speaks to the engine itself: it is for who has it at hand (in compose: in the service `keeper`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import with_appcontext

from webapp.blueprints.notebooks.gateways.docker_calls import connect
from webapp.blueprints.notebooks.gateways.docker_images import DockerImages
from webapp.blueprints.notebooks.gateways.keeping_kinds import DOCKERFILE, FOLDER, build_arguments
from webapp.blueprints.notebooks.ports import EngineDown, EngineRefused
from webapp.blueprints.notebooks.queries.images import find_image_by_name, list_images
from webapp.blueprints.notebooks.services.images import (
    OWN_IMAGE,
    checked_version,
    create_image,
    note_present,
    offer_built,
)
from webapp.blueprints.notebooks.settings import notebook_settings
from webapp.core.commands import Refusal, refusals
from webapp.core.db import db, transaction
from webapp.core.security import SYSTEM


@click.group("image")
def image_commands() -> None:
    """The images that notebooks may start from."""


@image_commands.command("list")
@with_appcontext
def show_images() -> None:
    """Show the list of images, and whether the engine has them."""
    found = list_images(db.session())
    for image in found:
        present = {True: "there", False: "missing", None: "not looked yet"}[image.present]
        offered = "" if image.open else " (not offered)"
        click.echo(f"{image.name:24} {image.reference:44} {present}{offered}")
    if not found:
        click.echo("The list is empty: `bottega notebooks image build` makes the image that comes with Bottega.")


@image_commands.command("add")
@click.argument("name")
@click.argument("reference")
@click.option(
    "--pull", type=click.Choice(["missing", "always", "never"]), default="missing", show_default=True,
    help="When it is fetched from its registry.",
)  # fmt: skip
@with_appcontext
def add_image(name: str, reference: str, *, pull: str) -> None:
    """Put the image REFERENCE on the list as NAME."""
    with _refusals(), transaction() as session:
        create_image(session, by=SYSTEM, values={"name": name, "reference": reference, "pull_policy": pull})
    click.echo(f"{name} is on the list")


@image_commands.command("build")
@click.option("--tag", "version", default="1.0", show_default=True, help=f"Its version: {OWN_IMAGE}:TAG.")
@click.option("--base", help="The Python image to build on; usually NOTEBOOK_BASE_IMAGE, or what the Dockerfile says.")
@click.option("--quiet", is_flag=True, help="Print no line of the build.")
@with_appcontext
def build_image(*, version: str, base: str | None, quiet: bool) -> None:
    """Build the image that comes with Bottega, and put it on the list."""
    with _refusals():
        reference = f"{OWN_IMAGE}:{checked_version(version)}"
        arguments = build_arguments(version) | ({"PYTHON_IMAGE": base} if base else {})
        _images().build(str(FOLDER), DOCKERFILE, reference, arguments, _quiet if quiet else click.echo)
        with transaction() as session:
            name = offer_built(session, reference=reference, by=SYSTEM).name
    click.echo(f"{reference} is built, and on the list as {name}")


@image_commands.command("fetch")
@click.argument("name")
@with_appcontext
def fetch_image(name: str) -> None:
    """Fetch the image that is on the list as NAME from its registry."""
    with _refusals():
        image = find_image_by_name(db.session(), name)
        if image is None:
            raise Refusal(f"there is no image {name!r} on the list")
        last = ""

        def tell(_done: int, _total: int | None, words: str) -> None:
            nonlocal last
            if words != last:
                click.echo(words)
            last = words

        _images().pull(image.reference, tell)
        with transaction() as session:
            note_present(session, image.id, image.reference, present=True)
    click.echo(f"{image.reference} is there")


def _images() -> DockerImages:
    settings = notebook_settings()
    if not settings.engine:
        raise Refusal("No engine for notebooks is set up: NOTEBOOK_ENGINE names one.")
    return DockerImages(connect(settings))


def _quiet(_line: str) -> None:
    """Nothing."""


@contextmanager
def _refusals() -> Iterator[None]:
    """A fact that stops a service, or what the engine says, as a sentence on standard error and exit code 2."""
    try:
        with refusals():
            yield
    except EngineDown as away:
        raise Refusal(f"The container engine does not answer: {away}") from None
    except EngineRefused as refused:
        raise Refusal(f"The container engine refused: {refused}") from None
