"""What browsers ask for to install the site: manifest, worker, icons, the page shown off line; and the settings of it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, jsonify, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as WerkzeugResponse

from webapp.blueprints.installed.forms import SettingForm
from webapp.blueprints.installed.models import InstalledSetting
from webapp.blueprints.installed.permissions import InstalledPermission as May
from webapp.blueprints.installed.queries import get_setting
from webapp.blueprints.installed.services.changing import MOST_SHORTCUTS, update_setting
from webapp.blueprints.installed.services.icons import ICONS, Mark, icon_file
from webapp.blueprints.installed.services.manifest import LONGEST_SHORT_NAME, short_name, web_manifest
from webapp.core.assets import FOR_GOOD
from webapp.core.company import CompanyProfile
from webapp.core.db import db
from webapp.core.editing import ask_and_edit
from webapp.core.i18n import choose_language, preferred_language
from webapp.core.maintenance import stays_open
from webapp.core.security import current_actor, public, requires
from webapp.core.settings import house_settings
from webapp.core.site import localized
from webapp.core.site_pages import Head, in_own_languages, share
from webapp.core.web import panels, show

blueprint = Blueprint("installed", __name__, template_folder="templates")
ADDRESSES = {"it": "/it/offline", "en": "/en/offline"}
MANIFESTS = {"it": "/it/manifest.webmanifest", "en": "/en/manifest.webmanifest"}
# the files of a build that a page can be made of: another one of these is another worker
PARTS = ("core.css", "core.js", "public.css", "public.js", "icons.svg")


@stays_open
def manifest(language: str) -> Response:
    """The manifest of the site as an app."""
    response = jsonify(web_manifest(g.company, get_setting(db.session()), language, icon_address))
    response.mimetype = "application/manifest+json"
    return _checked(response)


@stays_open
def offline(language: str) -> WerkzeugResponse:  # noqa: ARG001 - its address says it
    """The page that a browser shows by itself when it reaches nobody."""
    head = Head(title=_("You are off line"), others=in_own_languages(ADDRESSES), indexed=False)
    return share("installed/offline.html", head)


localized(blueprint, manifest, MANIFESTS)
localized(blueprint, offline, ADDRESSES)


@blueprint.get("/manifest.webmanifest")
@public
@stays_open
def any_manifest() -> Response:
    """The manifest for those who look for it at its usual place: in the language that they ask for."""
    response = manifest(preferred_language())
    response.vary.add("Accept-Language")
    response.vary.add("Cookie")
    return response


@blueprint.get("/sw.js")
@public
@stays_open
def worker() -> Response:
    """The service worker; where the site is not to be installed, one that ends itself and takes all it kept along."""
    if get_setting(db.session()).enabled:
        further = panels("installed.worker")
        source = render_template("installed/worker.js", settings=_worker_settings(further), further=further)
    else:
        source = render_template("installed/worker_end.js")
    response = Response(source, mimetype="text/javascript")
    response.headers["Service-Worker-Allowed"] = "/"
    return _checked(response)


@blueprint.get("/icons/<name>.png")
@public
@stays_open
def icon(name: str) -> Response:
    """An icon, made from the logo or the company's letter."""
    if name not in ICONS:
        abort(404)
    path = icon_file(Path(house_settings().instance) / "icons", _mark(), name)
    response = Response(path.read_bytes(), mimetype="image/png")
    response.headers["Cache-Control"] = f"public, max-age={FOR_GOOD if 'v' in request.args else 60}"
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.route("/backoffice/site/app", methods=["GET", "POST"])
@requires(May.SETTINGS_EDIT)
def settings() -> WerkzeugResponse:
    """The form of how the site is installed, and its change; the second of two editors is told."""
    by, languages = current_actor(), g.company.language_codes
    return ask_and_edit(
        lambda: get_setting(db.session()),
        SettingForm.of,
        _show_form,
        lambda s, form, seen: update_setting(s, by=by, version=seen, values=form.values(get_setting(s), languages)),
        then=url_for("installed.settings"),
        message=_("The settings were saved."),
    )


def render_head() -> str:
    """For the head of public pages: manifest, colours and the icon of an iPhone's home screen."""
    setting = get_setting(db.session())
    if not setting.enabled:
        return ""
    name = short_name(g.company, setting, choose_language())
    return render_template(
        "installed/_head.html", icon_address=icon_address, short_name=name, manifest=manifest_address()
    )


def render_icon() -> str:
    """For the head of every page: the tab's icon made from the logo; "" without one, and where the database is away."""
    company: CompanyProfile | None = g.get("company")
    if company is None or not company.logo_type:
        return ""
    return render_template("installed/_icon.html", icon_address=icon_address)


def render_foot() -> str:
    """For the foot of public pages: the button that installs, and the word that there is a new version."""
    if not get_setting(db.session()).enabled:
        return ""
    return render_template("installed/_foot.html")


def icon_address(name: str) -> str:
    """The address of an icon; another one when the profile changed."""
    return url_for("installed.icon", name=name, v=g.company.version)


def manifest_address() -> str:
    """The address of the manifest in the language of the page."""
    return url_for("installed.manifest", language=choose_language())


def _mark() -> Mark:
    company: CompanyProfile = g.company
    return Mark(company.name, company.primary_colour, company.logo if company.logo_type else None)


def _worker_settings(further: list[str]) -> dict[str, Any]:
    company: CompanyProfile = g.company
    assets = current_app.extensions["bottega_assets"]
    hashes = [assets.hash_of(name) for name in PARTS]
    source = Path(__file__).with_name("templates") / "installed" / "worker.js"
    told = json.dumps([company.version, company.languages, hashes, further, source.read_text("utf-8")])
    return {
        "version": hashlib.sha256(told.encode()).hexdigest()[:16],
        "offline": in_own_languages(ADDRESSES),
        "icons": [icon_address("icon-192"), icon_address("badge-96")],
    }


def _checked(response: Response) -> Response:
    """Kept by browsers, and asked for anew each time whether it is still the same."""
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def _show_form(form: SettingForm, _stored: InstalledSetting, **more: Any) -> Response:
    return show(
        "installed/settings.html",
        form=form,
        languages=g.company.language_codes,
        icon_address=icon_address,
        icons=ICONS,
        most=MOST_SHORTCUTS,
        longest_short_name=LONGEST_SHORT_NAME,
        **more,
    )
