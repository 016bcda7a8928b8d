"""What people do with topics: create, change and delete them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.blueprints.push.models import MessageState, PushMessage, PushTopic
from webapp.blueprints.push.permissions import PushPermission as May
from webapp.blueprints.push.queries import get_topic
from webapp.core.errors import EditConflict, InUse, NotAllowed
from webapp.core.security import Actor
from webapp.core.site_events import tell_of_change
from webapp.core.storing import store

log = logging.getLogger(__name__)


def save_topic(
    session: Session, *, by: Actor, values: Mapping[str, Any], topic_id: int | None = None, version: int = 0
) -> PushTopic:
    """A new topic with these values, or the one that the actor saw as `version` changed. Raises NotAllowed, NotFound, EditConflict."""
    _demand(by)
    if topic_id is None:
        last = session.execute(select(func.coalesce(func.max(PushTopic.position), 0))).scalar_one()
        topic = PushTopic(**{"position": last + 1, **values})
        session.add(topic)
    else:
        topic = get_topic(session, topic_id, lock=True)
        if topic.version != version:
            raise EditConflict
        for name, value in values.items():
            setattr(topic, name, value)
    store(session)
    deed = "created" if topic_id is None else "changed"
    tell_of_change(session, by=by, part="topic", deed=deed, title=topic)
    log.info("topic of notifications %s saved by %s", topic.id, by.name)
    return topic


def delete_topic(session: Session, *, by: Actor, topic_id: int, version: int) -> None:
    """Delete the topic that the actor saw as `version`. Raises NotAllowed, NotFound, EditConflict, InUse (a draft goes to it)."""
    _demand(by)
    topic = get_topic(session, topic_id, lock=True)
    if topic.version != version:
        raise EditConflict
    drafts = select(PushMessage.id).where(PushMessage.topic_id == topic_id, PushMessage.state == MessageState.DRAFT)
    if session.scalars(drafts.limit(1)).one_or_none() is not None:
        raise InUse(_("A draft is written for this topic: send, change or delete it first."))
    name = str(topic)
    session.delete(topic)
    store(session)
    tell_of_change(session, by=by, part="topic", deed="deleted", title=name)
    log.info("topic of notifications %s deleted by %s", topic_id, by.name)


def _demand(by: Actor) -> None:
    if not by.may(May.TOPICS_EDIT):
        raise NotAllowed(_("Your role does not include this. Ask the owner for the right."))
