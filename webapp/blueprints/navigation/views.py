"""The pages on which staff keep menus and notice, and what strangers see of them on every page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Blueprint, abort, g, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.navigation.forms import ItemForm, NoticeForm
from webapp.blueprints.navigation.models import Item, Notice
from webapp.blueprints.navigation.permissions import NavigationPermission as May
from webapp.blueprints.navigation.queries import (
    MENUS,
    NESTED,
    find_notice,
    get_item,
    is_inside,
    is_shown,
    list_items,
    show_menu,
    tell_lines,
)
from webapp.blueprints.navigation.services import (
    create_item,
    delete_item,
    move_item,
    order_items,
    save_notice,
    show_item,
    update_item,
)
from webapp.core.clock import utc_now
from webapp.core.company import CompanyProfile
from webapp.core.db import db, transaction
from webapp.core.deletion import ask_and_delete
from webapp.core.editing import ask_and_edit
from webapp.core.forms import Difference, pressed_button, sent_numbers, submit, whole_number
from webapp.core.i18n import choose_language, offered_languages
from webapp.core.page_cache import holds_until
from webapp.core.security import current_actor, requires
from webapp.core.shell import LANGUAGE_NAMES
from webapp.core.site_paths import site_paths
from webapp.core.web import done, show

blueprint = Blueprint("navigation", __name__, template_folder="templates", url_prefix="/backoffice/site")
OFFERED_PAGES = 500  # in the list of suggestions; any other page is found by the beginning of its address


@blueprint.get("/menus")
@requires(May.MENUS_WRITE)
def menus() -> Response:
    """All menus with what is wrong with their entries."""
    opens = site_paths(db.session()).opens
    items = list_items(db.session())
    lines = {
        menu: tell_lines((item for item in items if item.menu == menu), offered_languages(), LANGUAGE_NAMES, opens)
        for menu in MENUS
    }
    return show("navigation/menus.html", menus=MENUS, lines=lines, nested=NESTED)


@blueprint.post("/menus/<menu>/order")
@requires(May.MENUS_WRITE)
def order_menu(menu: str) -> Response:
    """One step of a button, an entry shown or hidden, or the whole order after a drop."""
    if menu not in MENUS:
        abort(404)
    by = current_actor()
    item_id, deed = pressed_button("move" if "move" in request.form else "turn")
    with transaction() as session:
        if deed and item_id is not None:
            if deed in ("up", "down"):
                move_item(session, by=by, item_id=item_id, step=-1 if deed == "up" else 1)
            elif deed in ("show", "hide"):
                show_item(session, by=by, item_id=item_id, visible=deed == "show")
            else:
                abort(400)
        else:
            order_items(session, by=by, menu=menu, order=sent_numbers("order"))
    return done(url_for("navigation.menus", _anchor=f"menu-{menu}"))


@blueprint.route("/menus/<menu>/new", methods=["GET", "POST"])
@requires(May.MENUS_WRITE)
def new_item(menu: str) -> Response:
    """The form of a new entry, below `?below=…` when that is asked, and its creation."""
    if menu not in MENUS:
        abort(404)
    form = _item_form(menu, None)
    if request.method == "GET":
        below = request.args.get("below", "")
        if "parent_id" in form and below:
            form["parent_id"].data = whole_number(below)
        return _show_item(form, menu)
    by, languages = current_actor(), offered_languages()
    created = submit(
        form,
        lambda s: create_item(s, by=by, menu=menu, values=form.values(), languages=languages, paths=site_paths(s)).id,
    )
    if created is None:
        return _show_item(form, menu, status=422)
    return done(url_for("navigation.menus", _anchor=f"menu-{menu}"), _("The entry was added."))


@blueprint.route("/menus/items/<int:item_id>", methods=["GET", "POST"])
@requires(May.MENUS_WRITE)
def edit_item(item_id: int) -> Response:
    """The form of an entry, and its change; the second of two editors is told."""
    by, languages, menu = current_actor(), offered_languages(), get_item(db.session(), item_id).menu
    return ask_and_edit(
        lambda: get_item(db.session(), item_id),
        partial(_item_form, menu),
        lambda form, stored, **more: _show_item(form, menu, stored, **more),
        lambda s, form, seen: update_item(
            s,
            by=by,
            item_id=item_id,
            version=seen,
            values=form.values(),
            languages=languages,
            paths=site_paths(s),
        ),
        then=url_for("navigation.menus", _anchor=f"menu-{menu}"),
        message=_("The entry was saved."),
    )


@blueprint.route("/menus/items/<int:item_id>/delete", methods=["GET", "POST"])
@requires(May.MENUS_WRITE)
def remove_item(item_id: int) -> Response:
    """The question whether to delete an entry with all below it, and the deletion."""
    by = current_actor()

    def tell() -> dict[str, object]:
        item = get_item(db.session(), item_id)
        return {
            "item": item,
            "below": [each for each in list_items(db.session(), item.menu) if each.parent_id == item.id],
        }

    return ask_and_delete(
        "navigation/item_delete.html",
        tell,
        lambda s, seen: delete_item(s, by=by, item_id=item_id, version=seen),
        then=url_for("navigation.menus"),
        message=_("The entry was deleted."),
    )


@blueprint.route("/notice", methods=["GET", "POST"])
@requires(May.NOTICE_WRITE)
def notice() -> Response:
    """The form of the notice bar, and its change."""
    company: CompanyProfile = g.company
    by, zone, languages = current_actor(), company.zone, company.language_codes
    return ask_and_edit(
        lambda: find_notice(db.session()),
        partial(NoticeForm.of, zone=zone, languages=languages),
        _show_notice,
        lambda s, form, seen: save_notice(s, by=by, version=seen, values=form.values(zone), languages=languages),
        then=url_for("navigation.notice"),
        message=_("The notice was saved."),
    )


def render_menu() -> str:
    """The main menu, for the head of every public page."""
    entries = _entries("main")
    return render_template("navigation/_menu.html", entries=entries) if entries else ""


def render_footer() -> str:
    """The columns of the footer."""
    entries = _entries("footer")
    return render_template("navigation/_footer.html", columns=entries) if entries else ""


def render_legal() -> str:
    """The last line of the footer."""
    entries = _entries("legal")
    return render_template("navigation/_legal.html", entries=entries) if entries else ""


def render_notice() -> str:
    """The notice, while it is to be shown and says something in this language."""
    language, stored = choose_language(), find_notice(db.session())
    if stored is None:
        return ""
    now = utc_now()
    for moment in (stored.starts_at, stored.ends_at):
        holds_until(moment if moment and moment > now else None)
    if not is_shown(stored, now):
        return ""
    words, link = getattr(stored, f"text_{language}"), getattr(stored, f"link_{language}")
    if not words:
        return ""
    if is_inside(link) and not site_paths(db.session()).opens(link):
        link = ""
    label = getattr(stored, f"link_label_{language}")
    return render_template("navigation/_notice.html", notice=stored, words=words, link=link, label=label)


def _entries(menu: str) -> tuple[object, ...]:
    if "navigation_items" not in g:  # three menus of one page: one query
        g.navigation_items = list_items(db.session())
    items = [item for item in g.navigation_items if item.menu == menu]
    return show_menu(items, choose_language(), path=request.path, opens=site_paths(db.session()).opens)


def _item_form(menu: str, stored: Item | None, **kwargs: Any) -> ItemForm:
    form = ItemForm.filled(stored, **kwargs)
    form.offer(stored, list_items(db.session(), menu), offered_languages(), nested=menu in NESTED)
    return form


def _show_item(
    form: ItemForm,
    menu: str,
    stored: Item | None = None,
    *,
    status: int = 200,
    differences: list[Difference] | None = None,
) -> Response:
    return show(
        "navigation/item_form.html",
        status=status,
        form=form,
        menu=menu,
        menu_name=MENUS[menu],
        item=stored,
        differences=differences,
        pages=_pages(),
    )


def _show_notice(
    form: NoticeForm, _stored: Notice | None, *, status: int = 200, differences: list[Difference] | None = None
) -> Response:
    return show("navigation/notice.html", status=status, form=form, differences=differences, pages=_pages())


def _pages() -> Mapping[str, list[tuple[str, str]]]:
    """Path and title of the pages that a target is chosen from, by language, the highest in the tree first."""
    pages = sorted(site_paths(db.session()).pages.values(), key=lambda page: (page.path.count("/"), page.path))
    by_language: dict[str, list[tuple[str, str]]] = {code: [] for code in offered_languages()}
    for page in pages:
        known = by_language.get(page.language)
        if known is not None and len(known) < OFFERED_PAGES:
            known.append((page.path, page.title))
    return by_language
