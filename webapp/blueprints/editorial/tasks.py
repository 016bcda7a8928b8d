"""The check of all links: of each public page as it is drawn for a stranger, and of drafts. No request leaves for another host."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Flask, current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.blueprints.editorial.models import FoundLink
from webapp.blueprints.editorial.permissions import EditorialPermission as May
from webapp.blueprints.editorial.queries import CHECK
from webapp.blueprints.editorial.services import judge, keep_findings, links_of
from webapp.core.jobs import Arguments, HouseSchedule, TaskKind, TaskRun
from webapp.core.settings import house_settings
from webapp.core.site import PageDraft, PublicPage, page_drafts
from webapp.core.site_paths import SitePaths

Look = tuple[PublicPage, Callable[[], str], bool]
"""A page, what draws it, and whether it is a draft."""


def check_links(run: TaskRun, _args: Arguments) -> dict[str, int]:
    """Draw each public page and each draft, and look where their links lead; what a page shows already is told once."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Werkzeug's way to the thing behind
    hosts = [urlsplit(house_settings().public_url).hostname or "", *house_settings().allowed_hosts]
    found: list[FoundLink] = []
    seen, links, failed = set[tuple[str, str]](), 0, 0
    with run.transaction() as session:
        with app.test_request_context("/"):
            app.preprocess_request()
            paths = SitePaths(session)
            pages = list(paths.pages.values())
            drafts = list(page_drafts(session))
        coming = {draft.page.path for draft in drafts}

        def opens_soon(path: str) -> bool:
            return path in coming or paths.opens(path)

        looks: list[Look] = [(page, partial(_draw_page, app, page), False) for page in pages]
        looks += [(draft.page, partial(_draw_draft, app, draft), True) for draft in drafts]
        for number, (page, draw, draft) in enumerate(looks):
            run.check()
            run.progress(number, len(looks), page.path)
            try:
                written = links_of(draw())
            except Exception:  # noqa: BLE001 - one that is broken keeps no other from being looked at
                failed += 1
                run.log(_("%(path)s could not be drawn.", path=page.path), "warning")
                continue
            links += len(written)
            with _request(app, page):
                judged = judge(page, written, hosts, opens_soon if draft else paths.opens, draft=draft)
            found += [each for each in judged if (each.path, each.target) not in seen]
            seen |= {(each.path, each.target) for each in judged}
        check = keep_findings(session, found, pages=len(pages), links=links, failed=failed)
        result = {
            "pages": len(pages),
            "links": links,
            "broken": check.broken,
            "outside": check.outside,
            "failed": failed,
        }
    run.progress(len(looks), len(looks), _("%(broken)s lead nowhere", broken=result["broken"]))
    return result


@contextmanager
def _request(app: Flask, page: PublicPage) -> Iterator[None]:
    """A stranger's request in the language of a page."""
    with app.test_request_context(f"/{page.language}"):
        app.preprocess_request()
        yield


def _draw_draft(app: Flask, draft: PageDraft) -> str:
    with _request(app, draft.page):
        return f"<main>{draft.draw()}</main>"


def _draw_page(app: Flask, page: PublicPage) -> str:
    """A public page as a stranger gets it. Drawn in place: no log counts it as a visit. Raises LookupError for another answer."""
    with app.test_request_context(page.path):
        early = app.preprocess_request()
        response = app.make_response(early if early is not None else app.dispatch_request())
        if response.status_code != HTTPStatus.OK:
            raise LookupError(page.path)
        return response.get_data(as_text=True)


TASKS = (
    TaskKind(
        name=CHECK,
        title=_l("Check of the links of the site"),
        work=check_links,
        permission=May.REPORTS_RUN,
        alone=lambda _args: "editorial.links",
        schedulable=True,
    ),
)
SCHEDULES = (
    HouseSchedule(origin=CHECK, name="Check the links of the site", kind=CHECK, cron="20 4 * * 1", missed="once"),
)
