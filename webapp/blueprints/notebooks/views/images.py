"""The pages of the list of images: what is on it, what the engine has of it, and the buttons that fetch and build."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.notebooks.forms.keeping import POLICIES, BuildForm, ImageForm
from webapp.blueprints.notebooks.models import Image
from webapp.blueprints.notebooks.permissions import NotebooksPermission as May
from webapp.blueprints.notebooks.queries.images import count_notebooks, get_image, list_images
from webapp.blueprints.notebooks.queries.keeping import find_task, list_house_tasks
from webapp.blueprints.notebooks.queries.notebooks import find_engine
from webapp.blueprints.notebooks.services.images import (
    BUILD,
    OWN_IMAGE,
    ask_to_build,
    ask_to_pull,
    create_image,
    delete_image,
    update_image,
)
from webapp.blueprints.notebooks.settings import notebook_settings
from webapp.core.db import db, transaction
from webapp.core.deletion import ask_and_delete
from webapp.core.editing import ask_and_edit
from webapp.core.forms import Difference, submit
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint("notebook_images", __name__, template_folder="../templates", url_prefix="/backoffice/workspaces/images")  # fmt: skip


@blueprint.get("/")
@requires(May.IMAGES_EDIT)
def images() -> Response:
    """The list of images."""
    return _show_list(BuildForm(formdata=None))


@blueprint.route("/new", methods=["GET", "POST"])
@requires(May.IMAGES_EDIT)
def new_image() -> Response:
    """The form of a new image, and its creation."""
    form, by = ImageForm(), current_actor()
    if request.method == "GET":
        return _show_form(form)
    if submit(form, lambda session: create_image(session, by=by, values=form.values()).id) is None:
        return _show_form(form, status=422)
    return done(url_for("notebook_images.images"), _("The image is on the list."))


@blueprint.route("/<int:image_id>/edit", methods=["GET", "POST"])
@requires(May.IMAGES_EDIT)
def edit_image(image_id: int) -> Response:
    """The form of an image, and its change; the second of two editors is told."""
    by = current_actor()
    return ask_and_edit(
        lambda: get_image(db.session(), image_id),
        ImageForm.filled,
        _show_form,
        lambda s, form, seen: update_image(s, by=by, image_id=image_id, version=seen, values=form.values()),
        then=url_for("notebook_images.images"),
        message=_("The image was saved."),
    )


@blueprint.route("/<int:image_id>/delete", methods=["GET", "POST"])
@requires(May.IMAGES_EDIT)
def remove_image(image_id: int) -> Response:
    """The question whether to take an image off the list, and doing so."""
    by = current_actor()
    return ask_and_delete(
        "notebooks/image_delete.html",
        lambda: {"image": get_image(db.session(), image_id)},
        lambda s, seen: delete_image(s, by=by, image_id=image_id, version=seen),
        then=url_for("notebook_images.images"),
        message=_("The image is off the list; the engine keeps it."),
    )


@blueprint.post("/<int:image_id>/fetch")
@requires(May.IMAGES_EDIT)
def fetch_image(image_id: int) -> Response:
    """Let the keeper fetch an image."""
    with transaction() as session:
        ask_to_pull(session, by=current_actor(), image_id=image_id)
    return done(url_for("notebook_images.images"))


@blueprint.post("/build")
@requires(May.IMAGES_EDIT)
def build_image() -> Response:
    """Let the keeper build the image that the project ships."""
    form, by = BuildForm(), current_actor()
    if submit(form, lambda session: ask_to_build(session, by=by, version=str(form.tag.data))) is None:
        return _show_list(form, status=422)
    return done(url_for("notebook_images.images"))


def _show_list(form: BuildForm, status: int = 200) -> Response:
    session = db.session()
    found = list_images(session)
    return show(
        "notebooks/images.html",
        status=status,
        images=[(image, _task_of(image)) for image in found],
        notebooks=count_notebooks(session),
        policies=POLICIES,
        building=list_house_tasks(session, [BUILD]),
        form=form,
        own_image=OWN_IMAGE,
        engine=notebook_settings().engine,
        strangers=seen.strangers if (seen := find_engine(session)) else [],
    )


def _task_of(image: Image) -> object:
    """The task that fetches the image, or that could not; None once it is there."""
    task = find_task(db.session(), image.task_id)
    return task if task is not None and task.state != "done" else None


def _show_form(
    form: ImageForm, stored: Image | None = None, *, status: int = 200, differences: list[Difference] | None = None
) -> Response:
    house = notebook_settings()
    return show(
        "notebooks/image_form.html", status=status, form=form, image=stored, differences=differences, house=house
    )
