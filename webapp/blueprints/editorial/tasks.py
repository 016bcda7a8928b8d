"""The check of all links: of each public page as it is drawn for a stranger, and of drafts. No request leaves for another host."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.blueprints.editorial.permissions import EditorialPermission as May
from webapp.blueprints.editorial.queries import CHECK
from webapp.blueprints.editorial.services import judge, keep_findings, links_of
from webapp.core.jobs import Arguments, HouseSchedule, TaskKind, TaskRun
from webapp.core.settings import house_settings
from webapp.core.site import page_drafts
from webapp.core.site_paths import SitePaths


def check_links(run: TaskRun, _args: Arguments) -> dict[str, int]:
    """Draw each public page and each draft, and look where their links lead; what a page shows already is told once."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Werkzeug's way to the thing behind
    hosts = [urlsplit(house_settings().public_url).hostname or "", *house_settings().allowed_hosts]
    found, links, failed = [], 0, 0
    with run.transaction() as session:
        with app.test_request_context("/"):
            app.preprocess_request()
            paths = SitePaths(session)
            pages = list(paths.pages.values())
            drafts = list(page_drafts(session))
        for number, page in enumerate(pages):
            run.check()
            run.progress(number, len(pages), page.path)
            html = _draw(app, page.path)
            if html is None:
                failed += 1
                run.log(_("%(path)s could not be drawn.", path=page.path), "warning")
                continue
            written = links_of(html)
            links += len(written)
            with app.test_request_context(page.path):
                app.preprocess_request()
                found += judge(page, written, hosts, paths.opens)
        seen = {(each.path, each.target) for each in found}
        coming = {draft.page.path for draft in drafts}
        for draft in drafts:
            run.check()
            with app.test_request_context(f"/{draft.page.language}"):
                app.preprocess_request()
                try:
                    written = links_of(f"<main>{draft.draw()}</main>")
                except Exception:  # noqa: BLE001 - as of a public page
                    failed += 1
                    run.log(_("%(path)s could not be drawn.", path=draft.page.path), "warning")
                    continue
                links += len(written)
                judged = judge(draft.page, written, hosts, lambda path: path in coming or paths.opens(path), draft=True)
            found += [each for each in judged if (each.path, each.target) not in seen]
        check = keep_findings(session, found, pages=len(pages), links=links, failed=failed)
        result = {
            "pages": len(pages),
            "links": links,
            "broken": check.broken,
            "outside": check.outside,
            "failed": failed,
        }
    run.progress(len(pages), len(pages), _("%(broken)s lead nowhere", broken=result["broken"]))
    return result


def _draw(app: Flask, path: str) -> str | None:
    """A public page as a stranger gets it; None when they do not. Drawn in place: no log counts it as a visit."""
    with app.test_request_context(path):
        try:
            early = app.preprocess_request()
            response = app.make_response(early if early is not None else app.dispatch_request())
        except Exception:  # noqa: BLE001 - one page that is broken keeps no other from being looked at
            return None
        return response.get_data(as_text=True) if response.status_code == 200 else None


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
