"""Where visitors ask for notifications: the page that explains them, and what its script sends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from flask import Blueprint, g, jsonify, render_template, request, url_for
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.push.queries import find_subscription, in_language, list_topics
from webapp.blueprints.push.services.keys import ensure_key
from webapp.blueprints.push.services.messages import KEPT_FOR
from webapp.blueprints.push.services.subscribing import (
    ORIGIN_KEPT,
    origin_of,
    read_subscription,
    replace_endpoint,
    subscribe,
    unsubscribe,
)
from webapp.core.company import get_company
from webapp.core.db import db, transaction
from webapp.core.errors import DomainError
from webapp.core.i18n import choose_language
from webapp.core.personal import Keeping
from webapp.core.security import current_actor, public, tokenless
from webapp.core.settings import house_settings
from webapp.core.site import PublicPage, localized
from webapp.core.site_pages import Head, home_crumb, in_own_languages, share

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blueprint = Blueprint("push", __name__, template_folder="../templates")
ADDRESSES = {"it": "/it/avvisi", "en": "/en/notifications"}
MOST_BYTES = 8192


def notifications(language: str) -> Response:
    """The page on which a visitor chooses what to be told of."""
    head = Head(
        title=_("Notifications"),
        description=_("Be told when something changes: choose the topics, stop whenever you like."),
        others=in_own_languages(ADDRESSES),
        crumbs=(home_crumb(language), (_("Notifications"), ADDRESSES[language])),
    )
    topics = list_topics(db.session(), offered=True)
    return share("push/notifications.html", head, topics=topics, in_language=in_language)


localized(blueprint, notifications, ADDRESSES)


@blueprint.post("/push/key")
@public
@tokenless
def key() -> Response:
    """The key that a browser subscribes with."""

    def tell(_data: dict[str, Any]) -> dict[str, Any]:
        with transaction() as session:
            return {"key": ensure_key(session)}

    return _answer(tell)


@blueprint.post("/push/subscription")
@public
@tokenless
def keep() -> Response:
    """Keep a browser and the topics that it wants."""

    def work(data: dict[str, Any]) -> dict[str, Any]:
        settings = house_settings()
        given = read_subscription(data.get("subscription"), settings)
        topics = [each for each in _list(data.get("topics")) if type(each) is int and 0 < each < 2**63]
        spoken = _text(data.get("language"))
        with transaction() as session:
            kept = subscribe(
                session,
                given,
                topics=topics,
                language=spoken if spoken in g.company.language_codes else g.company.language_codes[0],
                user_id=current_actor().user_id,
                origin=origin_of(request.remote_addr or "", settings.secret_key),
            )
            return {"topics": [topic.id for topic in kept.topics]}

    return _answer(work, status=201)


@blueprint.post("/push/subscription/topics")
@public
@tokenless
def topics_of() -> Response:
    """What a browser is told of: an empty list for one that is not known."""

    def work(data: dict[str, Any]) -> dict[str, Any]:
        known = find_subscription(db.session(), _text(data.get("endpoint")))
        return {"topics": [topic.id for topic in known.topics] if known else []}

    return _answer(work)


@blueprint.post("/push/subscription/replace")
@public
@tokenless
def replace() -> Response:
    """A browser's service gave it another address."""

    def work(data: dict[str, Any]) -> dict[str, Any]:
        given = read_subscription(data.get("subscription"), house_settings())
        with transaction() as session:
            return {"known": replace_endpoint(session, _text(data.get("endpoint")), given)}

    return _answer(work)


@blueprint.post("/push/subscription/end")
@public
@tokenless
def end() -> Response:
    """Forget a browser."""

    def work(data: dict[str, Any]) -> dict[str, Any]:
        with transaction() as session:
            unsubscribe(session, _text(data.get("endpoint")))
        return {}

    return _answer(work)


def render_bell() -> str:
    """For the bar of public pages: the way to the page of notifications."""
    return render_template("push/_bell.html", address=url_for("push.notifications", language=choose_language()))


def render_worker() -> str:
    """For the worker of the site: what it does with a push."""
    return render_template("push/worker.js", addresses={"replace": url_for("push.replace"), "key": url_for("push.key")})


def public_pages(session: Session) -> Iterator[PublicPage]:
    """The page of notifications, for the site's map and lists of links; none while there is nothing to choose."""
    company, topics = get_company(session), list_topics(session, offered=True)
    if not topics:
        return
    others = {language: ADDRESSES[language] for language in company.language_codes}
    for language, path in others.items():
        with force_locale(language):
            yield PublicPage(
                path=path,
                language=language,
                title=_("Notifications"),
                kind="page",
                modified=max(topic.updated_at for topic in topics),
                description=_("Be told when something changes: choose the topics, stop whenever you like."),
                text=" ".join(in_language(topic.names, language) for topic in topics),
                others=others,
            )


def _answer(work: Any, *, status: int = 200) -> Response:
    """What the work tells of the JSON that was sent, or what is wrong with it: a script reads both."""
    do: Callable[[dict[str, Any]], dict[str, Any]] = work
    request.max_content_length = MOST_BYTES
    try:
        data = request.get_json(silent=True)  # a form of another site cannot send this type
    except RecursionError:  # brackets within brackets
        data = None
    if not isinstance(data, dict):
        response, code = jsonify(problem=_("The request was not understood")), 422
    else:
        try:
            response, code = jsonify(do(data)), status
        except DomainError as problem:
            response, code = jsonify(problem=str(problem.sentence)), problem.status
            if problem.retry_after is not None:
                response.headers["Retry-After"] = str(problem.retry_after)
    response.status_code = code
    response.headers["Cache-Control"] = "no-store"
    return response


def _text(value: Any) -> str:
    """A text without what no database stores: zeros, and halves of signs."""
    return value.replace("\x00", "").encode(errors="ignore").decode()[:1000] if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value[:100] if isinstance(value, list) else []


def tell_keepings() -> Iterator[Keeping]:
    """What is kept of a browser that wants notifications."""
    days, hours = KEPT_FOR.days, int(ORIGIN_KEPT.total_seconds() // 3600)
    until = _("Until you switch them off, or your browser's service says that it is gone.")
    which = ngettext(
        "Which message went to which browser: for %(num)s day.",
        "Which message went to which browser: for %(num)s days.",
        days,
    )
    origin = ngettext(
        "From where you asked, as a number that cannot be turned back: for %(num)s hour.",
        "From where you asked, as a number that cannot be turned back: for %(num)s hours.",
        hours,
    )
    yield Keeping(_("That your browser wants notifications, and of what"), f"{until} {which} {origin}")
