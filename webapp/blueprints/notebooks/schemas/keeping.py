"""How the API writes homes, backups, shared files and use, and what it takes."""

from __future__ import annotations

from flask_smorest.fields import Upload
from marshmallow import Schema, fields
from marshmallow.validate import Length, Range, Regexp

from webapp.core.api import Amount, Moment

TIME = Regexp(r"^(|([01]\d|2[0-3]):[0-5]\d)$")


class TaskAskedSchema(Schema):
    """The task that does it: `/api/v1/tasks` is not there, its page is."""

    task_id = fields.Integer(required=True, metadata={"description": "0 when there was nothing to do."})


class BackupSchema(Schema):
    """A saved copy of a home."""

    id = fields.Integer(required=True)
    made_at = Moment(required=True)
    made_by = fields.String(required=True)
    size = fields.Integer(required=True, metadata={"description": "Bytes."})


class HomeSchema(Schema):
    """The home of a notebook."""

    size = fields.Integer(required=True, allow_none=True, metadata={"description": "Bytes; null: not measured yet."})
    limit = fields.Integer(required=True, metadata={"description": "Bytes that it may hold."})
    measured_at = Moment(required=True, allow_none=True)
    backups = fields.List(fields.Nested(BackupSchema), required=True)


class CopySchema(Schema):
    """A copy of a notebook that shall be made."""

    name = fields.String(required=True, validate=Length(min=1, max=120))
    slug = fields.String(load_default="", validate=Length(max=40))


class CopiedSchema(TaskAskedSchema):
    """The copy, and the task that brings the files."""

    slug = fields.String(required=True)


class TimetableSchema(Schema):
    """On which days (1 is Monday) a notebook starts and stops by itself; empty: never."""

    version = fields.Integer(required=True, load_only=True, validate=Range(1, 2**31 - 1))
    days = fields.List(fields.Integer(validate=Range(1, 7)), required=True)
    start = fields.String(required=True, validate=TIME)
    stop = fields.String(required=True, validate=TIME)


class SharedFileSchema(Schema):
    """A file that all notebooks of a project read at /data."""

    name = fields.String(required=True)
    size = fields.Integer(required=True)
    by = fields.String(required=True)
    at = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": ["there", "waiting", "leaving"]})


class SharedFilesSchema(Schema):
    """The shared data of a project."""

    items = fields.List(fields.Nested(SharedFileSchema), required=True)


class FileToShareSchema(Schema):
    """A file that all notebooks of a project shall read; one of the same name is replaced."""

    file = Upload(required=True)


class SpanSchema(Schema):
    """How far back."""

    days = fields.Integer(load_default=30, validate=Range(1, 3660))


class UsedSchema(Schema):
    """What one notebook used."""

    notebook_id = fields.Integer(required=True)
    name = fields.String(required=True)
    slug = fields.String(required=True, allow_none=True, metadata={"description": "Null: it is deleted."})
    seconds = Amount(1, required=True)
    cpu_seconds = Amount(2, required=True)
    memory_mb_seconds = Amount(1, required=True)
    memory_peak_mb = Amount(1, required=True)


class UsageSchema(Schema):
    """What the notebooks of a project used between two days, both included."""

    since = fields.Date(required=True)
    until = fields.Date(required=True)
    items = fields.List(fields.Nested(UsedSchema), required=True)
