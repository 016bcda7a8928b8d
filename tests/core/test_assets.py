"""The browser assets: every icon that a page names exists, and an address changes with its content."""

from __future__ import annotations

import json
import re
from pathlib import Path

from flask import Flask

from webapp.core.assets import Manifest, asset_url, site_styles
from webapp.core.room import load_rooms
from webapp.core.settings import PROJECT
from webapp.core.web import FLOOR_MENU
from webapp.rooms import ROOMS

SPRITE = {path.stem for path in (PROJECT / "webapp/static/src/icons").glob("*.svg")}
NAMED = re.compile(r"""\bicon\(\s*["']([a-z0-9-]+)["']""")


def test_every_icon_named_in_a_template_is_in_the_sprite() -> None:
    missing = {
        f"{path.relative_to(PROJECT)}: {name}"
        for path in (PROJECT / "webapp").rglob("*.html")
        for name in NAMED.findall(path.read_text("utf-8"))
        if name not in SPRITE
    }
    assert not missing


def test_every_icon_of_the_menu_is_in_the_sprite() -> None:
    entries = [*FLOOR_MENU, *(entry for room in load_rooms(ROOMS) for entry in room.menu)]
    assert {entry.icon for entry in entries} <= SPRITE


def test_an_address_carries_the_hash_of_the_latest_build(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path / "manifest.json")
    assert manifest.hash_of("core.js") is None
    manifest.path.write_text(json.dumps({"core.js": "abc"}))
    assert manifest.hash_of("core.js") == "abc"
    assert manifest.hash_of("other.js") is None


def test_without_a_build_pages_still_open(app: Flask) -> None:
    app.extensions["bottega_assets"], built = Manifest(Path("/nowhere/manifest.json")), app.extensions["bottega_assets"]
    try:
        with app.test_request_context():
            assert asset_url("core.js") == "/static/dist/core.js"
        assert app.test_client().get("/login").status_code == 200
    finally:
        app.extensions["bottega_assets"] = built


def test_public_pages_are_light(app: Flask) -> None:
    """The start page without its pictures, as files: below 250 kB before anything is compressed."""
    dist = PROJECT / "webapp/static/dist"
    browser = app.test_client()
    answer = browser.get("/", follow_redirects=True)
    named = set(re.findall(r"/static/dist/([\w.-]+)", answer.text))
    assert {"public.css", "public.js"} <= named
    assert not {"core.css", "core.js"} & named
    styles = browser.get("/branding.css").data
    weight = len(answer.data) + len(styles) + sum((dist / name).stat().st_size for name in named)
    assert weight < 250_000, {name: (dist / name).stat().st_size for name in named}


def test_the_build_leaves_of_the_styles_what_public_pages_use_and_no_more(app: Flask) -> None:
    dist = PROJECT / "webapp/static/dist"
    whole, light = (dist / "core.css").stat().st_size, (dist / "public.css").stat().st_size
    assert light < whole / 4
    css = (dist / "public.css").read_text("utf-8")
    for name in (
        ".btn-primary",
        ".container-xl",
        ".site-head",
        ".choices",
        ".form-control",
        ".skip-link",
        ".alert-danger",
    ):
        assert name in css, name
    assert ".office-side" not in css


def test_an_agency_with_templates_of_its_own_has_all_styles(app: Flask) -> None:
    with app.test_request_context():
        assert site_styles() == "public.css"
