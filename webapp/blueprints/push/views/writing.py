"""Where the company writes notifications: the list, the form, the preview with its button, and the topics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, g, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.push.forms import MessageForm, TextsForm, TopicForm
from webapp.blueprints.push.models import MessageState, PushMessage, PushTopic
from webapp.blueprints.push.permissions import PushPermission as May
from webapp.blueprints.push.queries import (
    EVENTS,
    STATES,
    URGENCIES,
    audience_name,
    count_by_topic,
    count_deliveries,
    count_receivers,
    count_subscriptions,
    get_message,
    get_topic,
    in_language,
    list_failures,
    list_of_messages,
    list_subscribed_people,
    list_topics,
)
from webapp.blueprints.push.services.messages import (
    LONGEST_BODY,
    LONGEST_TITLE,
    NobodyThere,
    delete_message,
    save_message,
    send_message,
    stop_message,
)
from webapp.blueprints.push.services.topics import delete_topic, save_topic
from webapp.core.db import db, transaction
from webapp.core.deletion import ask_and_delete
from webapp.core.directory import directory
from webapp.core.editing import ask_and_edit
from webapp.core.errors import EditConflict
from webapp.core.forms import RecordForm, choices_of, submit
from webapp.core.i18n import choose_language
from webapp.core.lists.pages import show_list
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint("push_office", __name__, template_folder="../templates", url_prefix="/backoffice/site/push")


@blueprint.get("/")
@requires(May.MESSAGES_READ)
def messages() -> Response:
    """The list of messages, or its export."""
    session = db.session()
    spec = list_of_messages(choose_language())
    return show_list(session, spec, "push/messages.html", "push/_messages.html", browsers=count_subscriptions(session))


@blueprint.get("/<int:message_id>/")
@requires(May.MESSAGES_READ)
def message(message_id: int) -> Response:
    """One message: how it looks, to how many it goes, and what became of it."""
    return _show_message(message_id)


@blueprint.route("/new", methods=["GET", "POST"])
@requires(May.MESSAGES_SEND)
def new_message() -> Response:
    """The form of a new message, and its draft."""
    form = _message_form()
    if request.method == "GET":
        return _show_message_form(form)
    by = current_actor()
    created = submit(form, lambda session: save_message(session, by=by, values=form.values(None)).id)
    if created is None:
        return _show_message_form(form, status=422)
    return done(url_for("push_office.message", message_id=created), _("The draft was saved."))


@blueprint.route("/<int:message_id>/edit", methods=["GET", "POST"])
@requires(May.MESSAGES_SEND)
def edit_message(message_id: int) -> Response:
    """The form of a draft, and its change; the second of two editors is told."""
    by = current_actor()
    return ask_and_edit(
        lambda: get_message(db.session(), message_id),
        _message_form,
        _show_message_form,
        lambda s, form, seen: save_message(
            s, by=by, values=form.values(get_message(s, message_id)), message_id=message_id, version=seen
        ),
        then=url_for("push_office.message", message_id=message_id),
        message=_("The draft was saved."),
    )


@blueprint.post("/<int:message_id>/send")
@requires(May.MESSAGES_SEND)
def send(message_id: int) -> Response:
    """Send a draft as it was seen."""
    by, seen = current_actor(), RecordForm().seen_version
    try:
        with transaction() as session:
            send_message(session, by=by, message_id=message_id, version=seen)
    except (NobodyThere, EditConflict) as problem:
        return _show_message(message_id, status=409, problem=str(problem.sentence))
    return done(url_for("push_office.message", message_id=message_id), _("The notification is on its way."))


@blueprint.post("/<int:message_id>/stop")
@requires(May.MESSAGES_SEND)
def stop(message_id: int) -> Response:
    """Let a message reach nobody whom it has not reached yet."""
    with transaction() as session:
        stop_message(session, by=current_actor(), message_id=message_id)
    return done(url_for("push_office.message", message_id=message_id), _("The notification was stopped."))


@blueprint.route("/<int:message_id>/delete", methods=["GET", "POST"])
@requires(May.MESSAGES_SEND)
def remove_message(message_id: int) -> Response:
    """The question whether to delete a message, and the deletion."""
    by = current_actor()
    return ask_and_delete(
        "push/message_delete.html",
        lambda: {"message": get_message(db.session(), message_id)},
        lambda session, seen: delete_message(session, by=by, message_id=message_id, version=seen),
        then=url_for("push_office.messages"),
        message=_("The notification was deleted."),
    )


@blueprint.get("/topics/")
@requires(May.MESSAGES_READ)
def topics() -> Response:
    """The topics, and how many browsers want each."""
    session = db.session()
    wanted = count_by_topic(session)
    told = [
        (topic, in_language(topic.names, choose_language()), wanted.get(topic.id, 0)) for topic in list_topics(session)
    ]
    return show("push/topics.html", topics=told, events=EVENTS)


@blueprint.route("/topics/new", methods=["GET", "POST"])
@requires(May.TOPICS_EDIT)
def new_topic() -> Response:
    """The form of a new topic, and its creation."""
    form = _topic_form()
    if request.method == "GET":
        return _show_topic_form(form)
    by = current_actor()
    created = submit(form, lambda session: save_topic(session, by=by, values=form.values(None)).id)
    if created is None:
        return _show_topic_form(form, status=422)
    return done(url_for("push_office.topics"), _("The topic was created."))


@blueprint.route("/topics/<int:topic_id>/edit", methods=["GET", "POST"])
@requires(May.TOPICS_EDIT)
def edit_topic(topic_id: int) -> Response:
    """The form of a topic, and its change; the second of two editors is told."""
    by = current_actor()
    return ask_and_edit(
        lambda: get_topic(db.session(), topic_id),
        _topic_form,
        _show_topic_form,
        lambda s, form, seen: save_topic(
            s, by=by, values=form.values(get_topic(s, topic_id)), topic_id=topic_id, version=seen
        ),
        then=url_for("push_office.topics"),
        message=_("The topic was saved."),
    )


@blueprint.route("/topics/<int:topic_id>/delete", methods=["GET", "POST"])
@requires(May.TOPICS_EDIT)
def remove_topic(topic_id: int) -> Response:
    """The question whether to delete a topic, and the deletion."""
    by = current_actor()

    def tell() -> dict[str, object]:
        topic = get_topic(db.session(), topic_id)
        return {"topic": topic, "name": in_language(topic.names, choose_language())}

    return ask_and_delete(
        "push/topic_delete.html",
        tell,
        lambda session, seen: delete_topic(session, by=by, topic_id=topic_id, version=seen),
        then=url_for("push_office.topics"),
        message=_("The topic was deleted."),
    )


def _message_form(stored: PushMessage | None = None, **kwargs: Any) -> MessageForm:
    form = MessageForm(data=MessageForm.stored(stored) if stored else None, **kwargs)
    form.set_languages(g.company.language_codes)
    session = db.session()
    choices: dict[str, str] = {"all": _("Everybody who asked for notifications")}
    found: tuple[tuple[str, str, Callable[[], list[tuple[int, str]]]], ...] = (
        (
            "topic",
            _("Topic"),
            lambda: [(each.id, in_language(each.names, choose_language())) for each in list_topics(session)],
        ),
        ("group", _("Group"), lambda: directory().groups()),
        ("person", _("Person"), lambda: list_subscribed_people(session)),
    )
    for kind, word, entries in found:
        choices |= {f"{kind}:{number}": f"{word}: {name}" for number, name in entries()}
    form.to.choices = choices_of(choices)
    return form


def _topic_form(stored: PushTopic | None = None, **kwargs: Any) -> TopicForm:
    form = TopicForm(data=TopicForm.stored(stored) if stored else None, **kwargs)
    form.set_languages(g.company.language_codes)
    return form


def _show_message_form(form: MessageForm, stored: PushMessage | None = None, **more: Any) -> Response:
    return _show_form("push/message_form.html", form, message=stored, **more)


def _show_topic_form(form: TopicForm, stored: PushTopic | None = None, **more: Any) -> Response:
    return _show_form("push/topic_form.html", form, topic=stored, **more)


def _show_form(template: str, form: TextsForm, **more: Any) -> Response:
    return show(
        template,
        form=form,
        languages=g.company.language_codes,
        longest_title=LONGEST_TITLE,
        longest_body=LONGEST_BODY,
        **more,
    )


def _show_message(message_id: int, *, status: int = 200, problem: str = "") -> Response:
    session, language = db.session(), choose_language()
    found = get_message(session, message_id)
    return show(
        "push/message.html",
        status=status,
        message=found,
        problem=problem,
        title=in_language(found.titles, language),
        languages=[code for code in g.company.language_codes if found.titles.get(code)],
        audience=audience_name(session, found, language),
        receivers=count_receivers(session, found) if found.state == MessageState.DRAFT else None,
        counts=count_deliveries(session, found),
        failures=list_failures(session, found),
        states=STATES,
        urgencies=URGENCIES,
    )
