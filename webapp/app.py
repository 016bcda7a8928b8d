"""The application factory: settings, logging, databases, pages, rooms, locks. Nothing happens at import."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from webapp.core.access_log import set_up_access_log
from webapp.core.admin import set_up_admin
from webapp.core.api import set_up_api
from webapp.core.assets import set_up_assets
from webapp.core.branding import set_up_company_pages
from webapp.core.branding_css import set_up_branding
from webapp.core.commands import set_up_commands
from webapp.core.database_time import set_up_database_time
from webapp.core.db import connect_databases
from webapp.core.going_live import set_up_going_live
from webapp.core.health import set_up_health
from webapp.core.i18n import set_up_languages
from webapp.core.logs import set_up_logging
from webapp.core.maintenance import set_up_maintenance
from webapp.core.markdown import set_up_markdown
from webapp.core.metrics import set_up_metrics
from webapp.core.migrations import set_up_migrations
from webapp.core.overrides import set_up_overrides
from webapp.core.page_cache import set_up_page_cache
from webapp.core.room import open_rooms
from webapp.core.security import refuse_unlocked_doors
from webapp.core.settings import Settings
from webapp.core.shell import set_up_shell
from webapp.core.site_pages import set_up_site_pages
from webapp.core.stored import set_up_stores
from webapp.core.switches import set_up_switches
from webapp.core.tracing import set_up_tracing
from webapp.core.web import set_up_pages
from webapp.rooms import ROOMS


@contextmanager
def patient_collector() -> Iterator[None]:
    """For a million objects that all stay: the collector would look through them again and again, a quarter of a start.

    It does not rest altogether: the holes that garbage leaves would be filled after a fork, each in a page that was shared.
    """
    before = gc.get_threshold()
    gc.set_threshold(20_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@patient_collector()
def create_app(settings: Settings | None = None, rooms: tuple[str, ...] = ROOMS) -> Flask:
    """Build the application. Raises SettingsError, RoomError or RuntimeError (an unlocked endpoint) when it must not run."""
    settings = settings or Settings.from_environment(os.environ)
    app = Flask("webapp", instance_path=str(settings.instance), template_folder="templates", static_folder="static")
    app.extensions["settings"] = settings
    set_up_logging(settings)
    connect_databases(app, settings)
    set_up_database_time(app, settings)
    set_up_migrations(app)
    set_up_overrides(app)
    set_up_languages(app)
    set_up_metrics(app, settings)
    set_up_tracing(app, settings)
    set_up_page_cache(app, settings)
    set_up_pages(app, settings)
    set_up_maintenance(app)
    set_up_health(app)
    set_up_assets(app)
    set_up_branding(app)
    set_up_shell(app)
    set_up_site_pages(app)
    set_up_markdown(app)
    set_up_switches(app)
    set_up_stores(app)
    set_up_commands(app)
    set_up_going_live(app)
    open_rooms(app, rooms)
    set_up_api(app)
    set_up_company_pages(app)
    set_up_admin(app)
    set_up_access_log(app, settings)
    refuse_unlocked_doors(app)
    return app
