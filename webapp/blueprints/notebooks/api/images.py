"""The list of images in the API. Fetching and building are tasks of the keeper: the answer names them."""

from __future__ import annotations

from typing import Any

from webapp.blueprints.notebooks.api.doors import images_blueprint
from webapp.blueprints.notebooks.models import Image
from webapp.blueprints.notebooks.permissions import NotebooksPermission as May
from webapp.blueprints.notebooks.queries.images import get_image, list_images, list_open_images
from webapp.blueprints.notebooks.queries.notebooks import WORK
from webapp.blueprints.notebooks.schemas.images import (
    BuildSchema,
    ImageChangeSchema,
    ImageSchema,
    ImagesSchema,
    NewImageSchema,
    SeenImageSchema,
)
from webapp.blueprints.notebooks.schemas.keeping import TaskAskedSchema
from webapp.blueprints.notebooks.services.images import (
    NAMES,
    ask_to_build,
    ask_to_pull,
    create_image,
    delete_image,
    update_image,
)
from webapp.core.db import db, transaction
from webapp.core.security import current_actor, requires


@images_blueprint.route("")
@requires(WORK)
@images_blueprint.response(200, ImagesSchema)
def images() -> dict[str, Any]:
    """List the images that notebooks may start from; who keeps the list sees the others too."""
    session = db.session()
    found = list_images(session) if current_actor().may(May.IMAGES_EDIT) else list_open_images(session)
    return {"items": found}


@images_blueprint.route("", methods=["POST"])
@requires(May.IMAGES_EDIT)
@images_blueprint.arguments(NewImageSchema)
@images_blueprint.response(201, ImageSchema)
def add_image(asked: dict[str, Any]) -> Image:
    """Put an image on the list."""
    with transaction() as session:
        image = create_image(session, by=current_actor(), values=asked)
        session.refresh(image)
    return image


@images_blueprint.route("/<int:image_id>", methods=["PATCH"])
@requires(May.IMAGES_EDIT)
@images_blueprint.arguments(ImageChangeSchema)
@images_blueprint.response(200, ImageSchema)
def change_image(asked: dict[str, Any], image_id: int) -> Image:
    """Change an image, or close it with `open`: false; notebooks that run go on as they are."""
    with transaction() as session:
        stored = get_image(session, image_id)
        values = {name: getattr(stored, name) for name in NAMES} | asked
        image = update_image(session, by=current_actor(), image_id=image_id, version=asked["version"], values=values)
        session.refresh(image)
    return image


@images_blueprint.route("/<int:image_id>", methods=["DELETE"])
@requires(May.IMAGES_EDIT)
@images_blueprint.arguments(SeenImageSchema, location="query")
@images_blueprint.response(204)
def remove_image(asked: dict[str, Any], image_id: int) -> None:
    """Take an image off the list from which no notebook starts; the engine keeps it."""
    with transaction() as session:
        delete_image(session, by=current_actor(), image_id=image_id, version=asked["version"])


@images_blueprint.route("/<int:image_id>/fetch", methods=["POST"])
@requires(May.IMAGES_EDIT)
@images_blueprint.response(202, TaskAskedSchema)
def fetch(image_id: int) -> dict[str, Any]:
    """Fetch an image from its registry."""
    with transaction() as session:
        return {"task_id": ask_to_pull(session, by=current_actor(), image_id=image_id)}


@images_blueprint.route("/build", methods=["POST"])
@requires(May.IMAGES_EDIT)
@images_blueprint.arguments(BuildSchema)
@images_blueprint.response(202, TaskAskedSchema)
def build(asked: dict[str, Any]) -> dict[str, Any]:
    """Build the image that comes with Bottega, and put it on the list."""
    with transaction() as session:
        return {"task_id": ask_to_build(session, by=current_actor(), version=asked["tag"])}
