"""How the API writes who asks."""

from __future__ import annotations

from marshmallow import Schema, fields

from webapp.core.api import Moment


class MyKeySchema(Schema):
    """The key of this request."""

    name = fields.String(required=True)
    prefix = fields.String(required=True, metadata={"description": "How the key begins."})
    expires_at = Moment(required=True)


class MeSchema(Schema):
    """Who asks, and what they may do."""

    name = fields.String(required=True)
    kind = fields.String(
        required=True,
        metadata={
            "enum": ["person", "service", "session"],
            "description": "A person's key, a service's, or somebody who is signed in.",
        },
    )
    user_id = fields.Integer(required=True, allow_none=True, metadata={"description": "Null for a service."})
    permissions = fields.Dict(
        required=True,
        keys=fields.String(),
        values=fields.String(metadata={"enum": ["own", "group", "all"]}),
        metadata={"description": "What may be done, and over which records: own, those of the groups too, or all."},
    )
    key = fields.Nested(MyKeySchema, required=True, allow_none=True, metadata={"description": "Null without a key."})
