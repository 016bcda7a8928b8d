"""The pages of images: what there is, uploading, what is said of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, jsonify, request, send_file, url_for
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from webapp.blueprints.media.forms import ImageForm, problem_of_tags
from webapp.blueprints.media.models import SiteImage, tags_of
from webapp.blueprints.media.permissions import MediaPermission as May
from webapp.blueprints.media.queries import (
    IMAGES,
    collection_names,
    count_waiting,
    get_gallery,
    get_image,
    list_choices,
    tag_words,
)
from webapp.blueprints.media.services.files import original_file
from webapp.blueprints.media.services.galleries import GalleryFull, add_pictures
from webapp.blueprints.media.services.images import (
    CollectionKept,
    changed_words,
    delete_image,
    plain_name,
    refusals,
    replace_image,
    tag_images,
    update_image,
    upload_image,
)
from webapp.blueprints.media.services.reading import ImageRefused
from webapp.blueprints.media.settings import MEGABYTES, PIXELS
from webapp.blueprints.media.views.pictures import thumbnail_path
from webapp.core.db import db, transaction
from webapp.core.deletion import ask_and_delete
from webapp.core.errors import EditConflict, FieldProblems, NotFound
from webapp.core.forms import Difference, RecordForm, clean, sent_numbers, submit, whole_number
from webapp.core.lists.pages import show_list
from webapp.core.room import image_uses
from webapp.core.security import current_actor, requires
from webapp.core.settings import house_settings
from webapp.core.web import done, show

blueprint = Blueprint("media", __name__, template_folder="../templates", url_prefix="/backoffice/site/images")
LONGEST_COLLECTION = 80


@dataclass(frozen=True)
class Told:
    """What became of one uploaded file: the image, or why it was refused."""

    name: str
    image: SiteImage | None = None
    new: bool = True
    problem: str = ""


@blueprint.get("/")
@requires(May.IMAGES_READ)
def images() -> FlaskResponse:
    """The images as small pictures, or their export."""
    return _show_images(grid=True)


@blueprint.get("/list")
@requires(May.IMAGES_READ)
def image_list() -> FlaskResponse:
    """The images as a list, or its export."""
    return _show_images(grid=False)


@blueprint.post("/list")
@requires(May.IMAGES_WRITE)
def tag_chosen() -> Response:
    """Put the tags that are typed on the images that are ticked, or take them off."""
    tags, by = tags_of(request.form.get("tags", "")), current_actor()
    numbers, problem = sent_numbers("chosen"), problem_of_tags(tags)
    if not tags:
        problem = _("Write at least one tag.")
    elif not numbers:
        problem = _("Tick the images that the tags are for.")
    count = 0
    if not problem:
        put, take = ((), tags) if "take" in request.form else (tags, ())
        try:
            with transaction() as session:
                count = tag_images(session, by=by, image_ids=numbers, put=put, take=take)
        except (CollectionKept, FieldProblems) as refusal:
            problem = str(refusal.sentence)
    if problem:
        response = _show_images(grid=False, tag_problem=problem, ticked=numbers)
        response.status_code = 422
        return response
    return done(request.full_path.rstrip("?"), changed_words(count))


@blueprint.get("/choices")
@requires(May.IMAGES_READ)
def choices() -> FlaskResponse:
    """Tiles of images to choose from: those that `q` finds, older than `before`; `name` is that of the field."""
    before = whole_number(request.args.get("before"))
    search, tag = (str(clean(request.args.get(name, "")))[:200] for name in ("q", "tag"))
    found, following = list_choices(db.session(), search=search, tag=tag, before=before)
    return show(
        "media/choices.html",
        "media/_choices.html",
        found=found,
        following=following,
        search=search,
        tag=tag,
        name=request.args.get("name", "image")[:200],
        several="several" in request.args,
    )


@blueprint.route("/upload", methods=["GET", "POST"])
@requires(May.IMAGES_WRITE)
def upload() -> Response:
    """The form for images, and their upload, into a gallery if one is named: each file is kept or refused by itself."""
    wanted = whole_number(request.args.get("gallery"))
    gallery = get_gallery(db.session(), wanted) if wanted is not None else None
    told: list[Told] = []
    status = 200
    collection = tags = ""
    if request.method == "POST":
        collection = str(clean(request.form.get("collection", "")))[:LONGEST_COLLECTION]
        tags = request.form.get("tags", "")
        problem = problem_of_tags(tags_of(tags))
        files = [file for file in request.files.getlist("files") if file.filename]
        for file in files:
            more = any(each.image for each in told)
            told.append(_keep(file, collection, tags_of(tags), problem, wanted, more=more))
        status = 200 if files and not any(each.problem for each in told) else 422
        if request.accept_mimetypes.best == "application/json":
            return _told_to_script(told, status)
        if told and status == 200:
            words = ngettext("%(num)s image was uploaded.", "%(num)s images were uploaded.", len(told))
            return done(url_for("galleries.gallery", gallery_id=wanted) if gallery else url_for("media.images"), words)
    return show(
        "media/upload.html",
        status=status,
        gallery=gallery,
        told=told,
        nothing=request.method == "POST" and not told,
        collection=collection,
        collections=collection_names(db.session()),
        tags=tags,
        known_tags=tag_words(db.session()),
        megabytes=MEGABYTES,
        megapixels=PIXELS // 1_000_000,
    )


@blueprint.get("/<int:image_id>/")
@requires(May.IMAGES_READ)
def image(image_id: int) -> Response:
    """One image: what is said of it, its focal point, where it is shown."""
    stored = get_image(db.session(), image_id)
    return _show_image(ImageForm.of(stored), stored)


@blueprint.post("/<int:image_id>/")
@requires(May.IMAGES_WRITE)
def save_image(image_id: int) -> Response:
    """Store what is said of an image; the second of two editors is told."""
    stored = get_image(db.session(), image_id)
    by, form = current_actor(), ImageForm.of(stored)
    seen, values = form.seen_version, form.values()
    try:
        saved = submit(form, lambda s: update_image(s, by=by, image_id=image_id, version=seen, values=values).id)
    except EditConflict:
        theirs = get_image(db.session(), image_id)
        differences = form.meet(ImageForm.of(theirs, formdata=None))
        return _show_image(form, theirs, status=409, differences=differences)
    if saved is None:
        return _show_image(form, stored, status=422)
    return done(url_for("media.image", image_id=saved), _("The image was saved."))


@blueprint.post("/<int:image_id>/file")
@requires(May.IMAGES_WRITE)
def replace_file(image_id: int) -> Response:
    """Put another file in its place: wherever the image is shown, the new one is."""
    by, seen, file = current_actor(), RecordForm().seen_version, request.files.get("file")
    stored = get_image(db.session(), image_id)
    problem = ""
    if file is None or not file.filename:
        problem = _("Choose a file.")
    else:
        try:
            with transaction() as session:
                replace_image(
                    session,
                    by=by,
                    settings=house_settings(),
                    image_id=image_id,
                    version=seen,
                    filename=file.filename,
                    stream=file.stream,
                )
        except ImageRefused as refusal:
            problem = str(refusal.sentence)
        finally:
            file.close()
    if problem:
        return _show_image(ImageForm.of(stored, formdata=None), stored, status=422, file_problem=problem)
    return done(url_for("media.image", image_id=image_id), _("The file was replaced."))


@blueprint.get("/<int:image_id>/original")
@requires(May.IMAGES_READ)
def original(image_id: int) -> Response:
    """The image as it is kept, to be saved."""
    stored = get_image(db.session(), image_id)
    path = original_file(house_settings(), stored.sha256, transparent=stored.transparent)
    if not path.is_file():
        raise NotFound(
            _("The file of this image is not there: put the backup of the images back, or replace the file.")
        )
    stem = stored.name.rpartition(".")[0] or stored.name
    return send_file(path, as_attachment=True, download_name=f"{stem}{path.suffix}")


@blueprint.route("/<int:image_id>/delete", methods=["GET", "POST"])
@requires(May.IMAGES_WRITE)
def remove_image(image_id: int) -> Response:
    """The question whether to delete, and the deletion."""
    by = current_actor()
    return ask_and_delete(
        "media/image_delete.html",
        lambda: {"image": get_image(db.session(), image_id)},
        lambda s, seen: delete_image(s, by=by, settings=house_settings(), image_id=image_id, version=seen),
        then=url_for("media.images"),
        message=_("The image was deleted."),
    )


def _keep(
    file: FileStorage, collection: str, tags: tuple[str, ...], problem: str, gallery_id: int | None, *, more: bool
) -> Told:
    """Keep one file in a transaction of its own: what is wrong with another one does not touch it."""
    name = plain_name(file.filename or "")
    if problem:
        return Told(name, problem=problem)
    try:
        with transaction() as session:
            image, new = upload_image(
                session,
                by=current_actor(),
                settings=house_settings(),
                filename=name,
                stream=file.stream,
                collection=collection,
                tags=tags,
            )
            if gallery_id is not None:
                add_pictures(session, by=current_actor(), gallery_id=gallery_id, images=[image.id], more=more)
            return Told(name, image, new)
    except (CollectionKept, GalleryFull, ImageRefused) as refusal:
        return Told(name, problem=str(refusal.sentence))
    finally:
        file.close()


def _told_to_script(told: list[Told], status: int) -> Response:
    """The same as JSON, for the script that sends the files one by one and shows how far each is."""
    answer = [
        {
            "name": each.name,
            "problem": each.problem,
            "new": each.new,
            "address": url_for("media.image", image_id=each.image.id) if each.image else "",
            "thumbnail": thumbnail_path(each.image) if each.image else "",
        }
        for each in told
    ]
    response = jsonify(files=answer)
    response.status_code = status
    return response


def _show_images(*, grid: bool, tag_problem: str = "", ticked: Sequence[int] = ()) -> FlaskResponse:
    return show_list(
        db.session(),
        IMAGES,
        "media/images.html",
        "media/_image_grid.html" if grid else "media/_images.html",
        grid=grid,
        waiting=count_waiting(db.session()),
        languages=g.company.language_codes,
        known_tags=tag_words(db.session()),
        tag_problem=tag_problem,
        ticked=ticked,
    )


def _show_image(
    form: ImageForm,
    stored: SiteImage,
    *,
    status: int = 200,
    differences: list[Difference] | None = None,
    file_problem: str = "",
) -> Response:
    by = current_actor()
    kept = refusals(db.session(), by=by, collection=stored.collection)
    context: dict[str, Any] = {
        "kept": kept,
        "may_write": by.may(May.IMAGES_WRITE) and not kept,
        "uses": image_uses(db.session(), stored.id),
        "collections": collection_names(db.session()),
        "known_tags": tag_words(db.session()),
        "languages": g.company.language_codes,
        "megabytes": MEGABYTES,
    }
    return show(
        "media/image.html",
        status=status,
        form=form,
        image=stored,
        differences=differences,
        file_problem=file_problem,
        **context,
    )
