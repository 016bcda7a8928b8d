"""The editor of a page in one language: its draft, its address, its publication, links to look at it, who else is here."""

from __future__ import annotations

import datetime as dt
from itertools import islice
from typing import Any

from flask import Blueprint, g, jsonify, request, url_for
from flask_babel import format_time
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.website.forms import TranslationForm, controls_of, do_to_blocks, read_content, seen_version
from webapp.blueprints.website.permissions import WebsitePermission as May
from webapp.blueprints.website.queries.pages import Written, find_written, get_page, get_written, list_lines, list_texts
from webapp.blueprints.website.queries.pictures import list_uses
from webapp.blueprints.website.queries.presence import list_others_here
from webapp.blueprints.website.queries.revisions import compare
from webapp.blueprints.website.queries.shown import list_crumbs, list_links
from webapp.blueprints.website.services.blocks import places_of, tidy_blocks
from webapp.blueprints.website.services.drafts import Content, begin_translation, save_draft, take_blocks_over
from webapp.blueprints.website.services.pages import change_address, may_edit
from webapp.blueprints.website.services.presence import tell_presence
from webapp.blueprints.website.services.previews import LIFE, end_previews, make_preview
from webapp.blueprints.website.services.problems import TimesWrong
from webapp.blueprints.website.services.publishing import plan, publish, unpublish
from webapp.core.clock import utc_now
from webapp.core.db import db, transaction
from webapp.core.differences import Change
from webapp.core.errors import DomainError, EditConflict, FieldProblems, NotFound
from webapp.core.forms import submit
from webapp.core.i18n import offered_languages
from webapp.core.security import current_actor, requires
from webapp.core.site import block_kinds, pages_of_small_rooms
from webapp.core.web import done, show
from webapp.core.wording import person

blueprint = Blueprint(
    "website_pages", __name__, template_folder="../templates", url_prefix="/backoffice/site/pages/<int:page_id>"
)
blueprint.add_app_template_filter(lambda moment: format_time(moment, "short"), "clock_time")
blueprint.add_app_template_filter(
    lambda moment: moment.astimezone(g.company.zone).strftime("%Y-%m-%dT%H:%M"), "local_minute"
)
LANGUAGE = "<any(it, en):language>"
MOST_LINKS = 200  # of the tree, and of the other rooms


@blueprint.get(f"/{LANGUAGE}/")
@requires(May.PAGES_EDIT)
def edit(page_id: int, language: str) -> Response:
    """The editor of a page, or the form that begins it in this language."""
    _refuse_language(language)
    written = find_written(db.session(), page_id, language)
    if written is None:
        return _show_start(page_id, language)
    return _show(written, _stored(written), written.draft.version)


@blueprint.post(f"/{LANGUAGE}/")
@requires(May.PAGES_EDIT)
def save(page_id: int, language: str) -> Response:
    """What the editor's buttons do: saving, blocks, publishing, planning, a link to look at it."""
    _refuse_language(language)
    written = get_written(db.session(), page_id, language)
    content, about = do_to_blocks(request.form, read_content(request.form, written.draft.blocks))
    autosave = "autosave" in request.form
    seen = seen_version(request.form)
    try:
        version = _save(page_id, language, seen, content, remember=not (about or autosave))
    except FieldProblems as error:
        told = str(error.sentence)
        return _tell_autosave(422, told) if autosave else _show(written, content, seen, problems=error.problems)
    except EditConflict:
        return _tell_conflict(get_written(db.session(), page_id, language), content, autosave=autosave)
    if autosave:
        at = format_time(utc_now(), "short")
        return jsonify(version=version, saved=_("Draft saved at %(time)s", time=at))
    if about:
        return done(_address(page_id, language, f"block-{about}"))
    return _after_saving(page_id, language, version)


@blueprint.post(f"/{LANGUAGE}/address")
@requires(May.PAGES_EDIT)
def readdress(page_id: int, language: str) -> Response:
    """Another last word of the page's address."""
    _refuse_language(language)
    try:
        with transaction() as session:
            slug = request.form.get("slug", "")
            text = change_address(session, by=current_actor(), page_id=page_id, language=language, slug=slug)
            path = text.path
    except DomainError as error:
        if error.field != "slug":
            raise
        written = get_written(db.session(), page_id, language)
        return _show(
            written, _stored(written), written.draft.version, problems={"slug": str(error.sentence)}, slug=slug
        )
    return done(_address(page_id, language), _("The page is at %(path)s now.", path=path))


@blueprint.post(f"/{LANGUAGE}/unpublish")
@requires(May.PAGES_PUBLISH)
def take_off(page_id: int, language: str) -> Response:
    """Take the page off the site."""
    _refuse_language(language)
    with transaction() as session:
        unpublish(session, by=current_actor(), page_id=page_id, language=language)
    return done(_address(page_id, language), _("The page is no longer on the site. Its draft and its revisions stay."))


@blueprint.post(f"/{LANGUAGE}/previews/end")
@requires(May.PAGES_EDIT)
def end_preview(page_id: int, language: str) -> Response:
    """Let all links to the draft end."""
    _refuse_language(language)
    with transaction() as session:
        end_previews(session, by=current_actor(), page_id=page_id, language=language)
    return done(_address(page_id, language), _("The links to the draft lead nowhere any more."))


@blueprint.post(f"/{LANGUAGE}/start")
@requires(May.PAGES_EDIT)
def start(page_id: int, language: str) -> Response:
    """Begin the page in this language."""
    _refuse_language(language)
    form = TranslationForm()
    others = [code for code in list_texts(db.session(), page_id) if code != language]
    source = others[0] if others and form.copy_blocks.data else ""
    begun = submit(
        form,
        lambda session: begin_translation(
            session,
            by=current_actor(),
            page_id=page_id,
            language=language,
            title=form.title.data,
            copy_from=source,
        ),
    )
    if begun is None:
        return _show_start(page_id, language, form)
    return done(_address(page_id, language), _("The page was begun in this language."))


@blueprint.post(f"/{LANGUAGE}/take-over")
@requires(May.PAGES_EDIT)
def take_over(page_id: int, language: str) -> Response:
    """Put the blocks of the other language in place of this one's."""
    _refuse_language(language)
    with transaction() as session:
        take_blocks_over(
            session,
            by=current_actor(),
            page_id=page_id,
            language=language,
            version=seen_version(request.form),
            copy_from=_other(language),
        )
    return done(
        _address(page_id, language, "blocks"),
        _("The blocks were copied: translate them here. What was there before is among the revisions."),
    )


@blueprint.post(f"/{LANGUAGE}/here")
@requires(May.PAGES_EDIT)
def here(page_id: int, language: str) -> Response:
    """Note that somebody edits this page, and tell them who else does."""
    _refuse_language(language)
    by = current_actor()
    with transaction() as session:
        tell_presence(session, by=by, page_id=page_id, language=language)
    written = get_written(db.session(), page_id, language)
    return show("website/_here.html", others=_others_here(written))


def _save(page_id: int, language: str, version: int, content: Content, *, remember: bool) -> int:
    by = current_actor()
    with transaction() as session:
        draft = save_draft(
            session, by=by, page_id=page_id, language=language, version=version, content=content, remember=remember
        )
        if not remember:
            tell_presence(session, by=by, page_id=page_id, language=language)
        session.flush()
        return draft.version


def _after_saving(page_id: int, language: str, version: int) -> Response:
    """What the button that saved the draft asks for besides."""
    by, pressed = current_actor(), request.form
    back = _address(page_id, language)
    try:
        if "publish" in pressed:
            with transaction() as session:
                publish(session, by=by, page_id=page_id, language=language, version=version)
            return done(back, _("Published: everybody sees it now."))
        if "plan" in pressed:
            publish_at, expire_at = _moment("publish_at"), _moment("expire_at")
            with transaction() as session:
                plan(
                    session,
                    by=by,
                    page_id=page_id,
                    language=language,
                    version=version,
                    publish_at=publish_at,
                    expire_at=expire_at,
                )
            return done(back, _("The plan was saved."))
    except DomainError as error:
        if error.status not in (409, 422) or isinstance(error, EditConflict):
            raise
        written = get_written(db.session(), page_id, language)
        place = {error.field: str(error.sentence)} if error.field else {"": str(error.sentence)}
        return _show(written, _stored(written), written.draft.version, problems=place, saved=True)
    if "preview" in pressed:
        with transaction() as session:
            token = make_preview(session, by=by, page_id=page_id, language=language)
        link = url_for("website.preview", language=language, token=token, _external=True)
        written = get_written(db.session(), page_id, language)
        return _show(written, _stored(written), written.draft.version, link=link)
    return done(back, _("The draft was saved. Strangers see it once it is published."))


def _show(
    written: Written,
    content: Content,
    version: int,
    *,
    problems: dict[str, str] | None = None,
    conflict: bool = False,
    **more: Any,
) -> Response:
    session, language = db.session(), written.text.language
    page_id = written.page.id
    other = find_written(session, page_id, _other(language)) if len(offered_languages()) > 1 else None
    problems = problems or {}
    line = list_lines(session, [page_id], now=utc_now())[page_id][language]
    return show(
        "website/page_edit.html",
        status=409 if conflict else 422 if problems else 200,
        written=written,
        content=content,
        version=version,
        language=language,
        other=other,
        line=line,
        blocks=controls_of(content.blocks, problems, language=language, beside=other.draft.blocks if other else None),
        kinds=block_kinds(),
        problems=problems,
        told=places_of(content.blocks, problems),
        conflict=conflict,
        changes=_changes(written, content) if conflict else (),
        others=_others_here(written),
        links=_links(language),
        crumbs=list_crumbs(session, page_id, language, now=utc_now()),
        may_publish=may_edit(session, current_actor(), written.page, May.PAGES_PUBLISH),
        days=LIFE.days,
        **more,
    )


def _show_start(page_id: int, language: str, form: TranslationForm | None = None) -> Response:
    """The page is not there in this language yet: the form that begins it."""
    session = db.session()
    found = get_page(session, page_id)
    other = find_written(session, page_id, _other(language))
    status = 422 if form is not None else 200
    form = form or TranslationForm()
    return show("website/page_start.html", status=status, place=found, form=form, language=language, other=other)


def _stored(written: Written) -> Content:
    draft = written.draft
    return Content(draft.title, draft.menu_title, draft.description, draft.blocks)


def _changes(written: Written, content: Content) -> list[Change]:
    # as it would be stored: the lines and numbers that a form sends are written otherwise, and differ in nothing else
    blocks, _problems = tidy_blocks(db.session(), content.blocks, language=written.text.language)
    mine = type(written.draft)(
        title=content.title, menu_title=content.menu_title, description=content.description, blocks=blocks
    )
    return compare(db.session(), written.draft, mine, written.text.language)


def _others_here(written: Written) -> Any:
    return list_others_here(db.session(), written.text.id, current_actor().user_id, now=utc_now())


def _links(language: str) -> list[tuple[str, str]]:
    """Pages of the site that a link can lead to, as suggestions."""
    session = db.session()
    own = list_links(session, language, most=MOST_LINKS)
    others = ((page.path, page.title) for page in pages_of_small_rooms(session) if page.language == language)
    return [*own, *islice(others, MOST_LINKS)]


def uses_of(session: Any, number: int) -> list[tuple[str, str]]:
    """The pages that show a picture, and where they are edited."""
    return [
        (_("the page %(title)s (%(language)s)", title=title, language=language), _address(page_id, language))
        for title, page_id, language in list_uses(session, number)
    ]


def _moment(name: str) -> dt.datetime | None:
    """The moment that a field of the form says in the company's time, None for an empty one. Raises TimesWrong."""
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=g.company.zone).astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise TimesWrong(_("This is not a day and time."), name) from error


def _tell_conflict(theirs: Written, content: Content, *, autosave: bool) -> Response:
    if not autosave:
        return _show(theirs, content, theirs.draft.version, conflict=True)
    told = _(
        "%(name)s saved this page meanwhile. Save the draft, and you see what differs: nothing of yours is lost.",
        name=person(theirs.draft.saved_by),
    )
    return _tell_autosave(409, told)


def _tell_autosave(status: int, sentence: str) -> Response:
    answer = jsonify(problem=sentence)
    answer.status_code = status
    return answer


def _address(page_id: int, language: str, anchor: str | None = None) -> str:
    return url_for("website_pages.edit", page_id=page_id, language=language, _anchor=anchor)


def _other(language: str) -> str:
    return "en" if language == "it" else "it"


def _refuse_language(language: str) -> None:
    if language not in offered_languages():
        raise NotFound(_("The company has no pages in this language."))
