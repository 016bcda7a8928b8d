"""How the API writes workspace groups and projects, and what it takes."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf, Range

from webapp.blueprints.workspaces.models import LONGEST_NAME, Joining, Visibility
from webapp.core.api import Moment

JOINING = [each.value for each in Joining]
VISIBILITY = [each.value for each in Visibility]
NAME, TEXT, SLUG = Length(min=1, max=LONGEST_NAME), Length(max=20_000), Length(max=40)
NUMBER = Range(1, 2**63 - 1)
SEEN = {"description": "The version that was read: a record that somebody changed meanwhile is not written over."}


class GroupSchema(Schema):
    """People who work together."""

    id = fields.Integer(required=True)
    slug = fields.String(required=True, metadata={"description": "Stands in addresses and never changes."})
    name = fields.String(required=True)
    description = fields.String(required=True, metadata={"description": "Markdown."})
    owner_id = fields.Integer(required=True)
    joining = fields.String(required=True, metadata={"enum": JOINING})
    version = fields.Integer(required=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)


class GroupLineSchema(Schema):
    """A workspace group in the list."""

    id = fields.Integer(required=True)
    slug = fields.String(required=True)
    name = fields.String(required=True)
    owner = fields.String(required=True, metadata={"description": "How the owner is called."})
    joining = fields.String(required=True, metadata={"enum": JOINING})
    members = fields.Integer(required=True)
    mine = fields.String(required=True, metadata={"enum": ["yes", "no"], "description": "Whether one is a member."})
    created_at = Moment(required=True)


class NewGroupSchema(Schema):
    """A workspace group to be founded; without `slug` it is made of the name."""

    name = fields.String(required=True, validate=NAME)
    slug = fields.String(load_default="", validate=SLUG)
    description = fields.String(load_default="", validate=TEXT)
    joining = fields.String(load_default=Joining.BY_HAND.value, validate=OneOf(JOINING))


class GroupChangeSchema(Schema):
    """What shall be otherwise in a workspace group; what is left out stays."""

    version = fields.Integer(required=True, validate=NUMBER, metadata=SEEN)
    name = fields.String(validate=NAME)
    description = fields.String(validate=TEXT)
    joining = fields.String(validate=OneOf(JOINING))


class MemberSchema(Schema):
    """Somebody who belongs to a workspace group."""

    user_id = fields.Integer(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True, allow_none=True, metadata={"description": "Null before a service."})
    since = Moment(required=True)
    is_owner = fields.Boolean(required=True)


class MembersSchema(Schema):
    """The members of a workspace group."""

    items = fields.List(fields.Nested(MemberSchema), required=True)


class PersonSchema(Schema):
    """A person, by their number."""

    user_id = fields.Integer(required=True, validate=NUMBER)


class HeirSchema(PersonSchema):
    """Who shall own the group from now on."""

    version = fields.Integer(required=True, validate=NUMBER, metadata=SEEN)


class WordsSchema(Schema):
    """What somebody says who asks to be taken in."""

    words = fields.String(load_default="", validate=Length(max=1000))


class RequestSchema(Schema):
    """A request to join a workspace group."""

    id = fields.Integer(required=True)
    group_id = fields.Integer(required=True)
    user_id = fields.Integer(required=True)
    words = fields.String(required=True)
    made_at = Moment(required=True)
    answered_at = Moment(required=True, allow_none=True)
    accepted = fields.Boolean(required=True, allow_none=True)


class RequestLineSchema(Schema):
    """A request that waits for the owner's answer."""

    id = fields.Integer(required=True)
    user_id = fields.Integer(required=True)
    name = fields.String(required=True)
    words = fields.String(required=True)
    made_at = Moment(required=True)


class RequestsSchema(Schema):
    """The requests that wait."""

    items = fields.List(fields.Nested(RequestLineSchema), required=True)


class SeenSchema(Schema):
    """The version of the record that is meant."""

    version = fields.Integer(required=True, validate=NUMBER, metadata=SEEN)


class ProjectLineSchema(Schema):
    """A project in the list."""

    id = fields.Integer(required=True)
    slug = fields.String(required=True)
    name = fields.String(required=True)
    group = fields.String(required=True, metadata={"description": "The name of its workspace group."})
    group_id = fields.Integer(required=True)
    group_slug = fields.String(required=True)
    visibility = fields.String(required=True, metadata={"enum": VISIBILITY})
    version = fields.Integer(required=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)


class ProjectSchema(Schema):
    """Something that a workspace group works on."""

    id = fields.Integer(required=True)
    slug = fields.String(required=True, metadata={"description": "Stands in addresses and never changes."})
    name = fields.String(required=True)
    description = fields.String(required=True, metadata={"description": "Markdown."})
    group_id = fields.Integer(required=True)
    group_slug = fields.Pluck(GroupSchema, "slug", attribute="group", required=True)
    visibility = fields.String(required=True, metadata={"enum": VISIBILITY})
    version = fields.Integer(required=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)


class NewProjectSchema(Schema):
    """A project to be created, private at first; without `slug` it is made of the name."""

    group_id = fields.Integer(required=True, validate=NUMBER)
    name = fields.String(required=True, validate=NAME)
    slug = fields.String(load_default="", validate=SLUG)
    description = fields.String(load_default="", validate=TEXT)


class ProjectChangeSchema(Schema):
    """What shall be otherwise in a project; what is left out stays."""

    version = fields.Integer(required=True, validate=NUMBER, metadata=SEEN)
    name = fields.String(validate=NAME)
    description = fields.String(validate=TEXT)


class VisibilitySchema(Schema):
    """Who reads a project from now on."""

    version = fields.Integer(required=True, validate=NUMBER, metadata=SEEN)
    visibility = fields.String(required=True, validate=OneOf(VISIBILITY))


class MoveSchema(Schema):
    """The workspace group in which a project lies from now on."""

    version = fields.Integer(required=True, validate=NUMBER, metadata=SEEN)
    group_id = fields.Integer(required=True, validate=NUMBER)


class BelongingsSchema(Schema):
    """Some things that a deletion would take along."""

    name = fields.String(required=True, metadata={"examples": ["projects"]})
    words = fields.String(required=True)
    count = fields.Integer(required=True)
    bytes = fields.Integer(required=True)


class DeletionSchema(Schema):
    """What a deletion would take along, and the version to be given with it."""

    version = fields.Integer(required=True)
    belongings = fields.List(fields.Nested(BelongingsSchema), required=True)
