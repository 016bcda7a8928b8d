"""The way of a sales file into an import: upload it, say what its columns are, check it, import it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.sales.forms import MEANING_LABELS, MappingForm, UploadForm
from webapp.blueprints.sales.models import SalesUpload, UploadState
from webapp.blueprints.sales.permissions import SalesPermission as May
from webapp.blueprints.sales.queries import (
    ORDER_KINDS,
    ROW_PROBLEMS,
    find_task,
    get_upload,
    list_open_uploads,
    list_used_mappings,
)
from webapp.blueprints.sales.services.import_mapping import load_mapping, preset_names
from webapp.blueprints.sales.services.import_preview import Preview, read_header, read_preview
from webapp.blueprints.sales.services.import_problems import ImportRefused
from webapp.blueprints.sales.services.undoing import get_import
from webapp.blueprints.sales.services.uploading import (
    abandon_upload,
    accept_upload,
    ask_check,
    ask_import,
    change_mapping,
    counts_of,
    guessed_mapping,
    mapping_file,
    uploads_folder,
    zone_for,
)
from webapp.blueprints.tasks.public import ENDED, TasksPermission
from webapp.core.db import db, transaction
from webapp.core.forms import put_beside, submit
from webapp.core.security import current_actor, requires
from webapp.core.settings import Settings
from webapp.core.web import done, show

blueprint = Blueprint("uploads", __name__, template_folder="../templates", url_prefix="/backoffice/imports")


@blueprint.route("/new", methods=["GET", "POST"])
@requires(May.IMPORTS_WRITE)
def new_upload() -> Response:
    """The form for a sales file, and its upload."""
    form = UploadForm()
    if request.method == "GET":
        return _show_upload_form(form)
    by, folder, given = current_actor(), uploads_folder(_settings().instance), form.file.data
    try:
        made = submit(
            form,
            lambda s: accept_upload(s, by=by, folder=folder, filename=str(given.filename), stream=given.stream).id,
        )
    finally:
        if given:
            given.close()
    if made is None:
        return _show_upload_form(form, status=422)
    return done(url_for("uploads.upload_mapping", upload_id=made))


@blueprint.get("/uploads/<int:upload_id>/")
@requires(May.IMPORTS_WRITE)
def upload_mapping(upload_id: int) -> Response:
    """What the columns of an uploaded file are, beside its first rows."""
    upload = get_upload(db.session(), upload_id)
    if away := _elsewhere(upload):
        return away
    preview = _preview(upload, upload.mapping)
    return _show_mapping(upload, upload.mapping, MappingForm.of(upload.mapping, preview), preview)


@blueprint.post("/uploads/<int:upload_id>/")
@requires(May.IMPORTS_WRITE)
def change_upload_mapping(upload_id: int) -> Response:
    """Take other choices, and show the first rows by them; or, if all is there, have the whole file checked."""
    upload = get_upload(db.session(), upload_id)
    if away := _elsewhere(upload):
        return away
    form = MappingForm()
    if form.preset.data:
        content, reasons = _start_again(upload, str(form.preset.data))
        preview = _preview(upload, content)
        form = MappingForm.of(content, preview)
    else:
        header = read_header(_path(upload), form.shape(upload.mapping))
        content, reasons = form.content(upload.mapping, header), _still_right(upload, form, header)
        preview = _preview(upload, content)
    form.offer(preview, content)
    with transaction() as session:
        change_mapping(session, upload_id=upload_id, mapping=content, reasons=reasons)
    right = form.validate()
    if "check" not in request.form:
        return _show_mapping(get_upload(db.session(), upload_id), content, form, preview)
    by = current_actor()
    if right and not preview.refusal:
        try:
            with transaction() as session:
                ask_check(session, upload_id=upload_id, by=by)
            return done(url_for("uploads.upload_check", upload_id=upload_id))
        except ImportRefused as refusal:
            put_beside(form, refusal)
            form.form_errors.append(str(refusal))
    return _show_mapping(get_upload(db.session(), upload_id), content, form, preview, status=422)


@blueprint.get("/uploads/<int:upload_id>/mapping.toml")
@requires(May.IMPORTS_WRITE)
def upload_mapping_file(upload_id: int) -> Response:
    """The mapping as a file for the command line."""
    upload = get_upload(db.session(), upload_id)
    headers = {"Content-Disposition": 'attachment; filename="mapping.toml"'}
    return Response(mapping_file(upload.mapping), content_type="application/toml; charset=utf-8", headers=headers)


@blueprint.get("/uploads/<int:upload_id>/check")
@requires(May.IMPORTS_WRITE)
def upload_check(upload_id: int) -> Response:
    """What importing the file would do: while the check runs its progress, then its counts."""
    upload = get_upload(db.session(), upload_id)
    if away := _elsewhere(upload):
        return away
    task = find_task(db.session(), upload.check_task_id)
    if task is None and upload.checked is None:
        return redirect(url_for("uploads.upload_mapping", upload_id=upload_id), 303)
    return show(
        "sales/upload_check.html",
        upload=upload,
        checked=counts_of(upload),
        reasons=ROW_PROBLEMS,
        **_following(task),
    )


@blueprint.post("/uploads/<int:upload_id>/import")
@requires(May.IMPORTS_WRITE)
def import_upload(upload_id: int) -> Response:
    """Have the file imported; asked twice it is imported once."""
    by = current_actor()
    with transaction() as session:
        ask_import(session, upload_id=upload_id, by=by)
    return done(url_for("uploads.upload_import", upload_id=upload_id))


@blueprint.get("/uploads/<int:upload_id>/import")
@requires(May.IMPORTS_WRITE)
def upload_import(upload_id: int) -> Response:
    """How far the import of the file is; once it is stored, its result."""
    upload = get_upload(db.session(), upload_id)
    if upload.import_id is not None:
        return redirect(url_for("imports.one_import", import_id=upload.import_id), 303)
    task = find_task(db.session(), upload.import_task_id)
    if task is None or upload.state != UploadState.OPEN:
        return _elsewhere(upload) or redirect(url_for("uploads.upload_mapping", upload_id=upload_id), 303)
    return show("sales/upload_import.html", upload=upload, **_following(task))


@blueprint.post("/uploads/<int:upload_id>/discard")
@requires(May.IMPORTS_WRITE)
def discard_upload(upload_id: int) -> Response:
    """Give the file up."""
    folder = uploads_folder(_settings().instance)
    with transaction() as session:
        abandon_upload(session, upload_id=upload_id, folder=folder)
    return done(url_for("uploads.new_upload"), _("The file was discarded."))


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _elsewhere(upload: SalesUpload) -> Response | None:
    """Where somebody is sent who comes to a file that was imported, is being imported or was given up."""
    if upload.import_id is not None:
        return redirect(url_for("imports.one_import", import_id=upload.import_id), 303)
    if upload.state != UploadState.OPEN:
        return done(url_for("uploads.new_upload"), _("This file was discarded: upload it again."))
    task = find_task(db.session(), upload.import_task_id)
    if task is not None and task.state not in ENDED and request.endpoint != "uploads.upload_import":
        return redirect(url_for("uploads.upload_import", upload_id=upload.id), 303)
    return None


def _following(task: Any) -> dict[str, Any]:
    """The task, and whether this person may follow it by itself: another one's is only told."""
    actor = current_actor()
    follow = task is not None and (task.user_id == actor.user_id or actor.may(TasksPermission.ALL))
    return {"task": task, "follow": follow, "under_way": task is not None and task.state not in ENDED}


def _path(upload: SalesUpload) -> Path:
    return uploads_folder(_settings().instance) / upload.stored_as


def _preview(upload: SalesUpload, content: Mapping[str, Any]) -> Preview:
    return read_preview(_path(upload), content, zone_for(g.company, content), name=upload.filename)


def _start_again(upload: SalesUpload, choice: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The mapping that was chosen to begin with: the guess, a shipped one, or that of an earlier import."""
    source, _sign, name = choice.partition(":")
    if source == "preset" and name in preset_names():
        return load_mapping(name).as_json(), {}
    if source == "import" and name.isascii() and name.isdigit():
        return dict(get_import(db.session(), int(name)).mapping["mapping"]), {}
    return guessed_mapping(_path(upload), upload.filename)


def _presets() -> dict[str, str]:
    earlier = {
        f"import:{record.id}": _("the import of %(file)s", file=record.filename)
        for record in list_used_mappings(db.session())
    }
    shipped = {f"preset:{name}": load_mapping(name).title or name for name in preset_names()}
    return {"guess": _("what Bottega guesses"), **earlier, **shipped}


def _still_right(upload: SalesUpload, form: MappingForm, header: tuple[str, ...]) -> dict[str, str]:
    """The reasons of those choices that nobody changed."""
    before, now = upload.mapping, form.content(upload.mapping, header)

    def value(content: Mapping[str, Any], key: str) -> Any:
        for part in ("columns", "constants"):
            if key in content.get(part, {}):
                return content[part][key]
        return content.get(key)

    return {key: why for key, why in upload.reasons.items() if value(before, key) == value(now, key)}


def _show_mapping(
    upload: SalesUpload, content: Mapping[str, Any], form: MappingForm, preview: Preview, *, status: int = 200
) -> Response:
    form.offer(preview, content, _presets())
    form.preset.data = ""
    earlier = upload.reasons.get("", "")
    return show(
        "sales/upload_mapping.html",
        "sales/_upload_mapping.html",
        status=status,
        upload=upload,
        form=form,
        preview=preview,
        labels=MEANING_LABELS,
        kinds=ORDER_KINDS,
        earlier=get_import(db.session(), int(earlier)) if earlier else None,
    )


def _show_upload_form(form: UploadForm, *, status: int = 200) -> Response:
    return show(
        "sales/new_upload.html",
        status=status,
        form=form,
        megabytes=_settings().upload_megabytes,
        waiting=list_open_uploads(db.session()),
    )
