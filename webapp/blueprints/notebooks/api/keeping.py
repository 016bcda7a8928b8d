"""Homes, shared data and use in the API. What takes long is a task of the keeper: the answer names it."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from typing import Any

from webapp.blueprints.notebooks.api.doors import blueprint, projects_blueprint
from webapp.blueprints.notebooks.queries.keeping import list_usage
from webapp.blueprints.notebooks.queries.notebooks import SEE, WORK, get_notebook
from webapp.blueprints.notebooks.schemas.keeping import (
    CopiedSchema,
    CopySchema,
    FileToShareSchema,
    HomeSchema,
    SharedFilesSchema,
    SpanSchema,
    TaskAskedSchema,
    TimetableSchema,
    UsageSchema,
)
from webapp.blueprints.notebooks.services.backups import (
    ask_to_back_up,
    ask_to_clone,
    ask_to_restore,
    delete_backup,
    list_backups,
)
from webapp.blueprints.notebooks.services.homes import MEGABYTE, find_home
from webapp.blueprints.notebooks.services.shared import list_shared_files, share_file, take_file_back
from webapp.blueprints.notebooks.services.timetables import change_timetable
from webapp.blueprints.workspaces.public import get_project
from webapp.core.clock import local_day, utc_now
from webapp.core.company import get_company
from webapp.core.db import db, transaction
from webapp.core.security import current_actor, requires


@blueprint.route("/<slug>/home")
@requires(WORK)
@blueprint.response(200, HomeSchema)
def home(slug: str) -> dict[str, Any]:
    """Read how full a notebook's home is, and which backups there are."""
    session = db.session()
    notebook = get_notebook(session, slug, by=current_actor(), to=WORK)
    volume = find_home(session, notebook.id)
    return {
        "size": volume.size if volume else None,
        "measured_at": volume.measured_at if volume else None,
        "limit": notebook.disk_mb * MEGABYTE,
        "backups": list_backups(session, notebook.id),
    }


@blueprint.route("/<slug>/backups", methods=["POST"])
@requires(WORK)
@blueprint.response(202, TaskAskedSchema)
def back_up(slug: str) -> dict[str, Any]:
    """Save a copy of a notebook's home."""
    with transaction() as session:
        return {"task_id": ask_to_back_up(session, by=current_actor(), slug=slug)}


@blueprint.route("/<slug>/backups/<int:backup_id>/restore", methods=["POST"])
@requires(WORK)
@blueprint.response(202, TaskAskedSchema)
def restore(slug: str, backup_id: int) -> dict[str, Any]:
    """Put a backup in place of all files in a stopped notebook's home."""
    with transaction() as session:
        return {"task_id": ask_to_restore(session, by=current_actor(), slug=slug, backup_id=backup_id)}


@blueprint.route("/<slug>/backups/<int:backup_id>", methods=["DELETE"])
@requires(WORK)
@blueprint.response(204)
def remove_backup(slug: str, backup_id: int) -> None:
    """Delete a backup."""
    with transaction() as session:
        delete_backup(session, by=current_actor(), slug=slug, backup_id=backup_id)


@blueprint.route("/<slug>/clone", methods=["POST"])
@requires(WORK)
@blueprint.arguments(CopySchema)
@blueprint.response(202, CopiedSchema)
def clone(asked: dict[str, Any], slug: str) -> dict[str, Any]:
    """Make a notebook like this one, with a copy of its home."""
    with transaction() as session:
        copy, task = ask_to_clone(session, by=current_actor(), slug=slug, name=asked["name"], new_slug=asked["slug"])
        return {"slug": copy.slug, "task_id": task}


@blueprint.route("/<slug>/timetable", methods=["PUT"])
@requires(WORK)
@blueprint.arguments(TimetableSchema)
@blueprint.response(200, TimetableSchema)
def set_timetable(asked: dict[str, Any], slug: str) -> dict[str, Any]:
    """Let a notebook start and stop by itself on some days, in the company's time zone."""
    with transaction() as session:
        stored = change_timetable(session, by=current_actor(), slug=slug, **asked)
        return stored.timetable or {"days": [], "start": "", "stop": ""}


@projects_blueprint.route("/<int:project_id>/data")
@requires(SEE)
@projects_blueprint.response(200, SharedFilesSchema)
def shared_data(project_id: int) -> dict[str, Any]:
    """List the files that all notebooks of a project read."""
    session = db.session()
    return {"items": list_shared_files(session, get_project(session, project_id, by=current_actor()).id)}


@projects_blueprint.route("/<int:project_id>/data", methods=["POST"])
@requires(WORK)
@projects_blueprint.arguments(FileToShareSchema, location="files")
@projects_blueprint.response(202, TaskAskedSchema)
def share(asked: dict[str, Any], project_id: int) -> dict[str, Any]:
    """Share a file with all notebooks of a project."""
    given = asked["file"]
    with closing(given), transaction() as session:
        return {
            "task_id": share_file(
                session,
                by=current_actor(),
                project_id=project_id,
                filename=str(given.filename or ""),
                stream=given.stream,
            )
        }


@projects_blueprint.route("/<int:project_id>/data/<name>", methods=["DELETE"])
@requires(WORK)
@projects_blueprint.response(202, TaskAskedSchema)
def take_back(project_id: int, name: str) -> dict[str, Any]:
    """Take a shared file back."""
    with transaction() as session:
        return {"task_id": take_file_back(session, by=current_actor(), project_id=project_id, name=name)}


@projects_blueprint.route("/<int:project_id>/usage")
@requires(SEE)
@projects_blueprint.arguments(SpanSchema, location="query")
@projects_blueprint.response(200, UsageSchema)
def usage(asked: dict[str, Any], project_id: int) -> dict[str, Any]:
    """Read what the notebooks of a project used in the last days."""
    session = db.session()
    project = get_project(session, project_id, by=current_actor())
    until = local_day(utc_now(), get_company(session).zone)
    since = until - dt.timedelta(days=asked["days"] - 1)
    return {"since": since, "until": until, "items": list_usage(session, project.id, since=since, until=until)}
