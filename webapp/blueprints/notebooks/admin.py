"""Notebooks and what belongs to them in the administration: only to look at, without tokens and logs. Their pages steer them."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from webapp.blueprints.notebooks.models import (
    Backup,
    Engine,
    GoldRole,
    Image,
    LockEvent,
    Notebook,
    NotebookStep,
    Volume,
)
from webapp.core.admin import FromDay, ReadOnlyModelView


class NotebookAdmin(ReadOnlyModelView):
    """Every notebook."""

    column_list = ("id", "slug", "name", "project_id", "image", "wanted", "state", "ready_at", "created_at")
    column_details_list = (*column_list[1:], "cpus", "memory_mb", "pids", "disk_mb", "internet", "generation", "cause")
    column_searchable_list = ("slug", "name")
    column_filters = ("slug", "name", "project_id", "state", "wanted", FromDay(Notebook.created_at, _l("Created")))


class ImageAdmin(ReadOnlyModelView):
    """Every image that notebooks may start from."""

    column_list = ("id", "name", "reference", "pull_policy", "open", "present", "seen_at")
    column_details_list = (*column_list[1:], "cpus", "memory_mb", "pids", "disk_mb", "health_path", "port", "home_path")
    column_searchable_list = ("name", "reference")
    column_filters = ("name", "reference", "open")


class NotebookStepAdmin(ReadOnlyModelView):
    """Every step of a start or stop."""

    column_list = ("id", "notebook_id", "generation", "at", "step", "words", "ok")
    column_filters = ("notebook_id", "step", FromDay(NotebookStep.at, _l("Moment")))


class LockEventAdmin(ReadOnlyModelView):
    """What happened to locks."""

    column_list = ("id", "notebook_id", "at", "kind", "user_id", "from_user_id", "words")
    column_filters = ("notebook_id", "kind", "user_id", FromDay(LockEvent.at, _l("Moment")))


class VolumeAdmin(ReadOnlyModelView):
    """Every volume on the engine."""

    column_list = ("id", "name", "kind", "notebook_id", "project_id", "size", "quota_mb", "measured_at", "remove_at")
    column_searchable_list = ("name",)
    column_filters = ("name", "kind", "notebook_id", "project_id")


class BackupAdmin(ReadOnlyModelView):
    """Every saved copy of a volume."""

    column_list = ("id", "notebook_id", "project_id", "file", "size", "made_at", "made_by")
    column_filters = ("notebook_id", "project_id", FromDay(Backup.made_at, _l("Made")))


class GoldRoleAdmin(ReadOnlyModelView):
    """The roles that notebooks have, or had, on GOLD."""

    column_list = ("id", "notebook_id", "role_name", "generation", "made_at", "dropped_at")
    column_filters = ("notebook_id", "role_name")


class EngineAdmin(ReadOnlyModelView):
    """The engine as the keeper saw it last."""

    column_list = ("id", "kind", "version", "answers", "words", "seen_at", "round_at")
    column_labels: ClassVar[dict[str, Any]] = {"words": _l("Words")}


def admin_views() -> list[Any]:
    """The views of the room's models."""
    return [
        NotebookAdmin(Notebook, _l("Notebooks")),
        ImageAdmin(Image, _l("Images of notebooks")),
        NotebookStepAdmin(NotebookStep, _l("Steps of notebooks")),
        LockEventAdmin(LockEvent, _l("Locks of notebooks")),
        VolumeAdmin(Volume, _l("Volumes of notebooks")),
        BackupAdmin(Backup, _l("Backups of notebooks")),
        GoldRoleAdmin(GoldRole, _l("Readers of GOLD")),
        EngineAdmin(Engine, _l("Engine")),
    ]
