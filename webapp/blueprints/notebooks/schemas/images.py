"""How the API writes images, and what it takes."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf, Range

from webapp.core.api import Amount

POLICIES = ("missing", "always", "never")
NAME, REFERENCE, TEXT, PATH = Length(min=1, max=80), Length(min=1, max=300), Length(max=2000), Length(min=1, max=200)
NUMBER, CORES, MEGABYTES = Range(1, 2**31 - 1), Range(0.05, 1024), Range(16, 2**31 - 1)
SEEN = {"description": "The version that was read: an image that somebody changed meanwhile is not written over."}
OFFERED = {"description": "Whether notebooks may start from it; false closes it."}
READY = {"description": "The address inside that answers without a token once it is ready."}


class ImageSchema(Schema):
    """An image that notebooks may start from; its resources are what a new notebook is offered."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    reference = fields.String(required=True, metadata={"description": "As the engine names it."})
    description = fields.String(required=True)
    pull_policy = fields.String(required=True, metadata={"enum": list(POLICIES)})
    cpus = Amount(2, required=True)
    memory_mb = fields.Integer(required=True)
    pids = fields.Integer(required=True)
    disk_mb = fields.Integer(required=True)
    port = fields.Integer(required=True)
    health_path = fields.String(required=True, metadata=READY)
    home_path = fields.String(required=True)
    open = fields.Boolean(required=True, metadata=OFFERED)
    present = fields.Boolean(required=True, allow_none=True, metadata={"description": "Null: not looked yet."})
    version = fields.Integer(required=True)


class ImagesSchema(Schema):
    """The list of images."""

    items = fields.List(fields.Nested(ImageSchema), required=True)


class ImageValuesSchema(Schema):
    """What may be said of an image."""

    name = fields.String(validate=NAME)
    reference = fields.String(validate=REFERENCE)
    description = fields.String(validate=TEXT)
    pull_policy = fields.String(validate=OneOf(POLICIES))
    cpus = fields.Decimal(places=2, validate=CORES)
    memory_mb = fields.Integer(validate=Range(64, 2**31 - 1))
    pids = fields.Integer(validate=Range(16, 4096))
    disk_mb = fields.Integer(validate=MEGABYTES)
    port = fields.Integer(validate=Range(1024, 65535))
    health_path = fields.String(validate=PATH, metadata=READY)
    home_path = fields.String(validate=PATH)
    open = fields.Boolean(metadata=OFFERED)


class ImageChangeSchema(ImageValuesSchema):
    """What is to change of an image; the rest stays as it is."""

    version = fields.Integer(required=True, validate=NUMBER, metadata=SEEN)


class NewImageSchema(ImageValuesSchema):
    """An image that shall be on the list."""

    name = fields.String(required=True, validate=NAME)
    reference = fields.String(required=True, validate=REFERENCE)


class SeenImageSchema(Schema):
    """The version of the image that is meant."""

    version = fields.Integer(required=True, validate=NUMBER, metadata=SEEN)


class BuildSchema(Schema):
    """The version that the built image shall have."""

    tag = fields.String(load_default="1.0", validate=Length(min=1, max=128))
