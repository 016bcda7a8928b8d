"""Forms on the public site: pages of their own, what is sent from there, and the thanks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, g, make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from webapp.blueprints.consents.public import Taken, Used, WhatIsTaken, WhichAreUsed
from webapp.blueprints.forms.forms.shown import ShownForm, show_form
from webapp.blueprints.forms.forms.stamps import marked_form, seconds_since, stamp
from webapp.blueprints.forms.models import FieldKind, Form
from webapp.blueprints.forms.queries.forms import find_form, find_form_at, list_open_forms
from webapp.blueprints.forms.queries.submissions import list_there
from webapp.blueprints.forms.services.reading import read_answers
from webapp.blueprints.forms.services.receiving import Circumstances, TooMany, receive
from webapp.core.clock import local_day, utc_now
from webapp.core.db import db, transaction
from webapp.core.i18n import offered_languages
from webapp.core.markdown import in_one_line, markdown, shortened
from webapp.core.security import public, tokenless
from webapp.core.site import PublicPage, localized
from webapp.core.site_pages import Head, share

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blueprint = Blueprint("form_pages", __name__, template_folder="../templates")
ADDRESSES = {"it": "/it/moduli/<slug>", "en": "/en/forms/<slug>"}
THANKS = {"it": "/it/moduli/<slug>/grazie", "en": "/en/forms/<slug>/thanks"}
TRAP = "website"


def form(language: str, slug: str) -> Response:
    """The page of a form, the same for everybody."""
    found = _find(language, slug)
    if found.state != "open":
        abort(404)
    return share("forms/site_form.html", _head(found, language), form=show_form(found, language))


@tokenless
def send_form(language: str, slug: str) -> AnyResponse:
    """Take in what was written; with problems the form again, with all that was typed."""
    marked = marked_form(request.form.get("mark", ""))
    found = find_form_at(db.session(), language, slug) or find_form(db.session(), marked)  # it may have moved meanwhile
    posted = {name: request.form.getlist(name) for name in request.form}
    if found is None or not (slug := found.slug(language)):
        return _gone(_typed(posted))
    if found.state != "open":
        closed = _("This form takes no messages any more, so nothing was sent. What you wrote is still here: "
                   "copy it and send it by e-mail.")  # fmt: skip
        return _again(found, show_form(found, language, typed=posted, problem=closed), language, 409)
    reading = read_answers(found.fields, posted, language=language, today=local_day(utc_now(), g.company.zone))
    lost = _not_asked_any_more(found, posted)
    if reading.problems or lost:
        problem = _("This form was changed while you wrote, and does not ask any more for: “%(text)s”. Look through it, "
                    "and send it again.", text=lost) if lost else ""  # fmt: skip
        shown = show_form(found, language, typed=posted, problems=reading.problems, problem=problem)
        return _again(found, shown, language, 422)
    how = Circumstances(
        address=request.remote_addr or "",
        seconds=seconds_since(request.form.get("stamp", "")),
        marked=marked == found.id,
        trapped=bool(request.form.get(TRAP, "").strip()),
    )
    try:
        with transaction() as session:
            receive(session, form=found, language=language, reading=reading, how=how, source=request.path)
    except TooMany as problem:
        shown = show_form(_find(language, slug), language, typed=posted, problem=str(problem.sentence))
        answer = _again(found, shown, language, problem.status)
        answer.headers["Retry-After"] = str(problem.retry_after)
        return answer
    return redirect(url_for("form_pages.thanks", language=language, slug=slug), 303)


def thanks(language: str, slug: str) -> Response:
    """That a message has arrived, the same for everybody."""
    found = _find(language, slug)
    words = markdown(found.word(language, "thanks") or _("We have got your message and will answer soon."))
    head = Head(title=_("Thank you"), indexed=False, others=_others(found, THANKS))
    return share("forms/site_thanks.html", head, words=words)


@blueprint.get("/forms/stamp")
@public
def when() -> Response:
    """This moment, signed, for a form that has come into sight."""
    answer = make_response(stamp())
    answer.mimetype = "text/plain"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def tell_what_is_taken(session: Session, question: WhatIsTaken) -> Iterator[Taken]:
    """What the open forms ask for, for the page on privacy; whoever asks for an answer wants what comes before a contract."""
    language = question.language
    for found in list_open_forms(session):
        if not found.slug(language):
            continue
        fields = [field for field in found.fields if field.kind not in (FieldKind.HEADING, FieldKind.CONSENT)]
        purpose = _("To answer what you ask, as steps at your request before a contract (art. 6, 1, b).")
        if found.makes_contact:
            purpose += " " + _("Your name and e-mail address become a contact in our list of customers.")
        yield Taken(
            title=found.word(language, "title"),
            path=ADDRESSES[language].replace("<slug>", found.slug(language)),
            asked=tuple(field.label(language) + (" *" if field.required else "") for field in fields),
            purpose=purpose,
            months=found.keep_months,
            by_consent=tuple(field.label(language) for field in found.fields if field.kind == FieldKind.CONSENT),
        )


def tell_which_are_used(session: Session, question: WhichAreUsed) -> Iterator[Used]:
    """The consents that came with messages which are kept."""
    numbers = {int(number): each for each in question.references if (number := each.removeprefix("forms:")).isdecimal()}
    yield Used(frozenset(numbers[each] for each in list_there(session, numbers)))


localized(blueprint, form, ADDRESSES)
localized(blueprint, send_form, ADDRESSES, methods=["POST"])
localized(blueprint, thanks, THANKS)


def _find(language: str, slug: str) -> Form:
    found = find_form_at(db.session(), language, slug)
    if found is None:
        abort(404)
    return found


def _not_asked_any_more(found: Form, posted: Mapping[str, Sequence[str]]) -> str:
    """What was typed into fields that were taken off the form after its page was shown; ticks say nothing by themselves."""
    asked = {field.key for field in found.fields}
    return "; ".join(_typed({key: texts for key, texts in posted.items() if key not in asked}))


def _typed(posted: Mapping[str, Sequence[str]]) -> list[str]:
    """The texts that were typed into fields of a form; ticks say nothing by themselves."""
    texts = (text.strip() for key, each in posted.items() if re.fullmatch(r"f[0-9]+", key) for text in each)
    return [text for text in texts if text not in ("", "1")]


def _gone(typed: Sequence[str]) -> Response:
    """What was typed into a form that was deleted meanwhile, to be taken elsewhere."""
    if not typed:
        abort(404)
    answer = share("forms/site_gone.html", Head(title=_("Not sent"), indexed=False), status=410, typed=typed)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _again(found: Form, shown: ShownForm, language: str, status: int) -> Response:
    answer = share("forms/site_form.html", _head(found, language), status=status, form=shown)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _head(found: Form, language: str) -> Head:
    title = found.word(language, "title")
    return Head(
        title=title,
        description=shortened(in_one_line(found.word(language, "intro"))),
        others=_others(found, ADDRESSES),
        crumbs=((_("Home"), f"/{language}"), (title, request.path)),
        modified=found.updated_at,
    )


def _others(found: Form, addresses: Mapping[str, str]) -> dict[str, str]:
    return {
        language: addresses[language].replace("<slug>", found.slug(language))
        for language in offered_languages()
        if found.slug(language)
    }


def list_pages(session: Session) -> Iterator[PublicPage]:
    """The pages of the open forms, for the sitemap, the search and lists of links."""
    for found in list_open_forms(session):
        others = _others(found, ADDRESSES)
        for language, path in others.items():
            intro = in_one_line(found.word(language, "intro"))
            yield PublicPage(
                path=path,
                language=language,
                title=found.word(language, "title"),
                kind="form",
                modified=found.updated_at,
                description=shortened(intro),
                text=" ".join([intro, *(field.label(language) for field in found.fields)]),
                others=others,
            )
