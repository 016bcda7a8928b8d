"""Addresses of the built browser assets, with their content hash, so that a browser may keep them for good."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Flask, current_app, request, url_for
from werkzeug.wrappers import Response

from webapp.core.security import public

FOR_GOOD = 365 * 24 * 3600


class Manifest:
    """The hashes that the build wrote; read again when a new build replaced the file, empty before the first one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp = 0
        self._hashes: dict[str, str] = {}

    def hash_of(self, name: str) -> str | None:
        """The hash of a built file, None when the build does not know it."""
        try:
            stamp = self.path.stat().st_mtime_ns
        except FileNotFoundError:
            return None
        if stamp != self._stamp:
            self._hashes = json.loads(self.path.read_text("utf-8"))
            self._stamp = stamp
        return self._hashes.get(name)


def set_up_assets(app: Flask) -> None:
    """Serve `static/`, and answer `asset_url` in templates."""
    if app.static_folder is None:
        raise RuntimeError("the application has no static folder")
    app.extensions["bottega_assets"] = Manifest(Path(app.static_folder) / "dist" / "manifest.json")
    app.jinja_env.globals.update(asset_url=asset_url, site_styles=site_styles)
    public(app.view_functions["static"])
    app.after_request(_keep_hashed)


def asset_url(name: str) -> str:
    """The address of a file of `static/dist`, its content hash in the query."""
    manifest: Manifest = current_app.extensions["bottega_assets"]
    return url_for("static", filename=f"dist/{name}", v=manifest.hash_of(name))


def site_styles() -> str:
    """The style sheet of the public pages: the small one, in which the build left what the house's own templates use.

    Where an agency brings templates of its own (TEMPLATE_FOLDER), the whole one: they may use all of Tabler.
    """
    return "core.css" if current_app.extensions["settings"].template_folder else "public.css"


def _keep_hashed(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code in (200, 206, 304) and "v" in request.args:
        response.headers["Cache-Control"] = f"public, max-age={FOR_GOOD}, immutable"
    return response
