"""How the API writes notebooks, and what it takes. Where a notebook answers inside, and its token, it never tells."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import Length, Range

from webapp.blueprints.notebooks.models import State, Wanted
from webapp.blueprints.notebooks.services.locks import DEFAULT_LEASE, LEASES, LONGEST_REASON
from webapp.core.api import Amount, Moment

NAME, TEXT, SLUG, NUMBER = Length(min=1, max=120), Length(max=20_000), Length(max=40), Range(1, 2**31 - 1)
STATES = [each.value for each in State]
SEEN = {"description": "The version that was read: a record that somebody changed meanwhile is not written over."}


class HeldLockSchema(Schema):
    """The lock that holds now."""

    user_id = fields.Integer(required=True)
    name = fields.String(required=True, metadata={"description": "How its owner is called."})
    reason = fields.String(required=True)
    taken_at = Moment(required=True)
    until = Moment(required=True)


class NotebookStepSchema(Schema):
    """A step of the last start or stop."""

    at = Moment(required=True)
    step = fields.String(required=True)
    words = fields.String(required=True)
    ok = fields.Boolean(required=True, allow_none=True, metadata={"description": "Null while it is under way."})


class NotebookSchema(Schema):
    """A notebook."""

    slug = fields.String(required=True, metadata={"description": "Part of its address; never changes."})
    name = fields.String(required=True)
    description = fields.String(required=True, metadata={"description": "Markdown."})
    project_id = fields.Integer(required=True)
    image_id = fields.Integer(required=True)
    image = fields.String(required=True)
    cpus = Amount(2, required=True)
    memory_mb = fields.Integer(required=True)
    pids = fields.Integer(required=True)
    disk_mb = fields.Integer(required=True)
    internet = fields.Boolean(required=True)
    idle_minutes = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Null: as the house has it."}
    )
    wanted = fields.String(required=True, metadata={"enum": [each.value for each in Wanted]})
    state = fields.String(required=True, metadata={"enum": STATES})
    cause = fields.String(required=True, metadata={"description": "Why it failed, in words."})
    generation = fields.Integer(required=True, metadata={"description": "Grows with each wish."})
    url = fields.String(required=True, metadata={"description": "Where a browser enters it."})
    started_at = Moment(required=True, allow_none=True)
    ready_at = Moment(required=True, allow_none=True)
    last_active_at = Moment(required=True, allow_none=True)
    stops_at = Moment(required=True, allow_none=True, metadata={"description": "When it stops by itself."})
    lock = fields.Nested(HeldLockSchema, required=True, allow_none=True)
    steps = fields.List(fields.Nested(NotebookStepSchema), required=True)
    version = fields.Integer(required=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)


class NotebookLineSchema(Schema):
    """A notebook in the list."""

    slug = fields.String(required=True)
    name = fields.String(required=True)
    project = fields.String(required=True)
    group = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": STATES})
    started_at = Moment(required=True, allow_none=True)
    last_active_at = Moment(required=True, allow_none=True)
    created_at = Moment(required=True)


class ResourcesSchema(Schema):
    """What a notebook may use; what is left out, the image says, or stays."""

    image_id = fields.Integer(validate=NUMBER)
    cpus = fields.Decimal(places=2)
    memory_mb = fields.Integer(validate=NUMBER)
    pids = fields.Integer(validate=NUMBER)
    disk_mb = fields.Integer(validate=NUMBER)
    internet = fields.Boolean()
    idle_minutes = fields.Integer(allow_none=True, validate=Range(0, 100_000))


class NewNotebookSchema(ResourcesSchema):
    """A notebook to be made; without `slug` it is made of the name, without `image_id` the first image is taken."""

    project_id = fields.Integer(required=True, validate=Range(1, 2**63 - 1))
    name = fields.String(required=True, validate=NAME)
    slug = fields.String(load_default="", validate=SLUG)
    description = fields.String(load_default="", validate=TEXT)


class NotebookChangeSchema(ResourcesSchema):
    """What shall be otherwise in a notebook; what is left out stays. Resources hold from the next start on."""

    version = fields.Integer(required=True, validate=Range(1, 2**63 - 1), metadata=SEEN)
    name = fields.String(validate=NAME)
    description = fields.String(validate=TEXT)


class NotebookSeenSchema(Schema):
    """The version that was read."""

    version = fields.Integer(required=True, validate=Range(1, 2**63 - 1), metadata=SEEN)


class TakenLockSchema(Schema):
    """How long to keep others out, and why."""

    minutes = fields.Integer(load_default=DEFAULT_LEASE, validate=Range(1, max(LEASES)))
    reason = fields.String(load_default="", validate=Length(max=LONGEST_REASON))
    take_over = fields.Boolean(
        load_default=False, metadata={"description": "Take somebody else's; the owner of the group may."}
    )
