"""The pages of galleries: name, images, their order and captions."""

from __future__ import annotations

from flask import Blueprint, g, request, url_for
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from webapp.blueprints.media.forms import GalleryForm
from webapp.blueprints.media.permissions import MediaPermission as May
from webapp.blueprints.media.queries import GALLERIES, find_gallery_pictures, get_gallery
from webapp.blueprints.media.services.galleries import (
    add_pictures,
    create_gallery,
    delete_gallery,
    describe_picture,
    order_pictures,
    rename_gallery,
    take_picture_out,
)
from webapp.core.db import db, transaction
from webapp.core.deletion import ask_and_delete
from webapp.core.editing import ask_and_edit
from webapp.core.forms import clean, pressed_button, sent_numbers, submit, whole_number
from webapp.core.lists.pages import show_list
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint("galleries", __name__, template_folder="../templates", url_prefix="/backoffice/site/galleries")
LONGEST_CAPTION = 500


@blueprint.get("/")
@requires(May.IMAGES_READ)
def galleries() -> FlaskResponse:
    """The list of galleries, or its export."""
    return show_list(db.session(), GALLERIES, "media/galleries.html", "media/_galleries.html")


@blueprint.route("/new", methods=["GET", "POST"])
@requires(May.IMAGES_WRITE)
def new_gallery() -> Response:
    """The form of a new gallery, and its creation."""
    form = GalleryForm()
    if request.method == "GET":
        return show("media/gallery_form.html", form=form, gallery=None)
    by = current_actor()
    created = submit(form, lambda session: create_gallery(session, by=by, name=form.name.data).id)
    if created is None:
        return show("media/gallery_form.html", status=422, form=form, gallery=None)
    return done(url_for("galleries.gallery", gallery_id=created), _("The gallery was created: now put images into it."))


@blueprint.get("/<int:gallery_id>/")
@requires(May.IMAGES_READ)
def gallery(gallery_id: int) -> Response:
    """A gallery with its images in their order."""
    return show(
        "media/gallery.html",
        gallery=get_gallery(db.session(), gallery_id),
        pictures=find_gallery_pictures(db.session(), gallery_id),
        languages=g.company.language_codes,
    )


@blueprint.route("/<int:gallery_id>/edit", methods=["GET", "POST"])
@requires(May.IMAGES_WRITE)
def edit_gallery(gallery_id: int) -> Response:
    """The form of a gallery's name, and its change; the second of two editors is told."""
    by = current_actor()
    return ask_and_edit(
        lambda: get_gallery(db.session(), gallery_id),
        lambda stored, **sent: GalleryForm(obj=stored, **sent),
        lambda form, stored, **more: show("media/gallery_form.html", form=form, gallery=stored, **more),
        lambda s, form, seen: rename_gallery(s, by=by, gallery_id=gallery_id, version=seen, name=form.name.data),
        then=url_for("galleries.gallery", gallery_id=gallery_id),
        message=_("The gallery was saved."),
    )


@blueprint.post("/<int:gallery_id>/images")
@requires(May.IMAGES_WRITE)
def add_images(gallery_id: int) -> Response:
    """Put the chosen images into the gallery, behind those that are there."""
    numbers, by = sent_numbers("images"), current_actor()
    with transaction() as session:
        added = add_pictures(session, by=by, gallery_id=gallery_id, images=numbers)
    words = ngettext("%(num)s image was added.", "%(num)s images were added.", added)
    return done(url_for("galleries.gallery", gallery_id=gallery_id), words)


@blueprint.post("/<int:gallery_id>/order")
@requires(May.IMAGES_WRITE)
def order_images(gallery_id: int) -> Response:
    """Store the order in which the images stand in the form, one of them moved, or one of them taken out."""
    by, order, taken = current_actor(), sent_numbers("order"), whole_number(request.form.get("remove"))
    moved, where = pressed_button("move")
    move = (moved, where) if moved is not None else None
    with transaction() as session:
        order_pictures(session, by=by, gallery_id=gallery_id, order=order, move=move)
        if taken is not None:
            take_picture_out(session, by=by, gallery_id=gallery_id, picture_id=taken)
    return done(url_for("galleries.gallery", gallery_id=gallery_id))


@blueprint.post("/<int:gallery_id>/captions/<int:picture_id>")
@requires(May.IMAGES_WRITE)
def caption_image(gallery_id: int, picture_id: int) -> Response:
    """Store what stands below an image in this gallery."""
    captions = {
        language: str(clean(request.form.get(f"caption_{language}", "")))[:LONGEST_CAPTION]
        for language in g.company.language_codes
    }
    by = current_actor()
    with transaction() as session:
        describe_picture(session, by=by, gallery_id=gallery_id, picture_id=picture_id, captions=captions)
    return done(url_for("galleries.gallery", gallery_id=gallery_id), _("The caption was saved."))


@blueprint.route("/<int:gallery_id>/delete", methods=["GET", "POST"])
@requires(May.IMAGES_WRITE)
def remove_gallery(gallery_id: int) -> Response:
    """The question whether to delete, and the deletion."""
    by = current_actor()
    return ask_and_delete(
        "media/gallery_delete.html",
        lambda: {"gallery": get_gallery(db.session(), gallery_id)},
        lambda s, seen: delete_gallery(s, by=by, gallery_id=gallery_id, version=seen),
        then=url_for("galleries.galleries"),
        message=_("The gallery was deleted."),
    )
