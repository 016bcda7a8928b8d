"""The site as an app: what browsers are told of it, what its worker may keep, and how it ends."""

from __future__ import annotations

import io
import json
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from tests.rooms.conftest import Fill
from webapp.blueprints.installed.queries import get_setting
from webapp.blueprints.installed.services.changing import ShortcutWrong, read_shortcuts
from webapp.blueprints.installed.services.icons import ICONS, Mark, draw_icon, icon_file
from webapp.core.company import get_company

SETTINGS = "/backoffice/site/app"
Icons = Callable[[str], Image.Image]


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def logo(size: tuple[int, int] = (300, 100), *, clear: bool = True) -> bytes:
    picture = Image.new("RGBA", size, (0, 0, 0, 0) if clear else (20, 90, 60, 255))
    ImageDraw.Draw(picture).rectangle((10, 10, size[0] - 11, size[1] - 11), fill=(200, 30, 30, 255))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def worker_settings(source: str) -> dict[str, object]:
    found = re.search(r"^const SETTINGS = (.*);$", source, re.MULTILINE)
    assert found
    return dict(json.loads(found[1]))


# --- The manifest ---------------------------------------------------------------------------------------------------


def test_the_manifest_speaks_its_language_and_wears_the_companys_colours(client: FlaskClient, session: Session) -> None:
    company = get_company(session)
    company.name, company.tagline, company.primary_colour = "Bottega Manfredi", "Ceramiche", "#1f4e8c"
    get_setting(session, lock=True).shortcuts = {"it": [["Orari", "/it/orari"]]}
    session.flush()
    answer = client.get("/it/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    told = json.loads(answer.data)
    assert (told["name"], told["short_name"], told["description"]) == ("Bottega Manfredi", "Bottega", "Ceramiche")
    assert (told["lang"], told["start_url"], told["scope"], told["id"]) == ("it", "/it", "/", "/")
    assert (told["display"], told["theme_color"]) == ("standalone", "#1f4e8c")
    assert [(each["name"], each["url"]) for each in told["shortcuts"]] == [("Orari", "/it/orari")]
    english = json.loads(client.get("/en/manifest.webmanifest").data)
    assert (english["start_url"], english["id"], english["shortcuts"]) == ("/en", "/", [])


def test_every_icon_of_the_manifest_has_the_size_that_it_says(client: FlaskClient) -> None:
    icons = json.loads(client.get("/en/manifest.webmanifest").data)["icons"]
    assert {(each["sizes"], each["purpose"]) for each in icons} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    for each in icons:
        answer = client.get(each["src"])
        assert "x".join(map(str, opened(answer.data).size)) == each["sizes"]
        assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_a_language_that_the_company_does_not_have_has_neither_manifest_nor_off_line_page(
    client: FlaskClient, session: Session
) -> None:
    get_company(session).languages = "it"
    session.flush()
    assert client.get("/en/manifest.webmanifest").status_code == 404
    assert client.get("/en/offline").status_code == 404
    assert client.get("/it/offline").status_code == 200
    assert worker_settings(client.get("/sw.js").text)["offline"] == {"it": "/it/offline"}


def test_the_usual_place_of_a_manifest_answers_in_the_language_that_is_asked_for(client: FlaskClient) -> None:
    answer = client.get("/manifest.webmanifest", headers={"Accept-Language": "it"})
    assert json.loads(answer.data)["lang"] == "it"
    assert {"Accept-Language", "Cookie"} <= set(answer.vary)


def test_public_pages_name_the_manifest_of_their_language_and_no_cookie_comes_with_them(client: FlaskClient) -> None:
    answer = client.get("/it/offline")
    assert 'rel="manifest" href="/it/manifest.webmanifest"' in answer.text
    assert 'name="theme-color"' in answer.text
    assert "noindex" in answer.text
    assert "Set-Cookie" not in answer.headers
    assert "manifest-src 'self'" in answer.headers["Content-Security-Policy"]


# --- Icons ----------------------------------------------------------------------------------------------------------


def test_the_tab_shows_the_logo_where_there_is_one_and_the_letter_where_there_is_none(
    client: FlaskClient, session: Session
) -> None:
    tab_icon = re.compile(r'<link rel="icon"[^>]*href="([^"?]*)')
    for path in ("/it/offline", "/login"):
        assert tab_icon.findall(client.get(path).text) == ["/branding/icon.svg"]
    company = get_company(session)
    company.logo, company.logo_type = logo(), "image/png"
    session.commit()
    for path in ("/it/offline", "/login"):
        assert tab_icon.findall(client.get(path).text) == ["/icons/icon-192.png"]


@pytest.mark.parametrize(
    "content", [None, logo(), logo((90, 400)), logo(clear=False)], ids=["letter", "wide", "tall", "full"]
)
def test_the_mark_of_a_maskable_icon_lies_within_the_safe_zone(content: bytes | None) -> None:
    picture = opened(draw_icon(Mark("Bottega", "#1f4e8c", content), ICONS["maskable-512"])).convert("RGB")
    ground = picture.getpixel((0, 0))
    outside = [
        (x, y)
        for x in range(0, 512, 4)
        for y in range(0, 512, 4)
        if (x - 256) ** 2 + (y - 256) ** 2 > 206**2 and picture.getpixel((x, y)) != ground
    ]
    assert outside == []
    assert picture.getpixel((256, 256)) != ground or content is None
    assert len(picture.getcolors(512 * 512) or []) > 1


def test_an_icon_of_an_iphone_is_opaque_and_the_badge_is_white_alone() -> None:
    mark = Mark("Bottega", "#1f4e8c", logo())
    assert opened(draw_icon(mark, ICONS["apple-touch-180"])).mode == "RGB"
    badge = opened(draw_icon(mark, ICONS["badge-96"]))
    colours = {pixel[:3] for _count, pixel in badge.getcolors(96 * 96) or [] if pixel[3] > 200}
    assert colours == {(255, 255, 255)}


@pytest.mark.parametrize("name", ["", "食", "é", "42", "!"])
def test_whatever_a_name_begins_with_there_is_an_icon(name: str) -> None:
    assert opened(draw_icon(Mark(name, "#fafafa", None), ICONS["icon-192"])).size == (192, 192)


def test_a_logo_that_is_broken_or_endless_gives_way_to_the_letter() -> None:
    plain = draw_icon(Mark("Bottega", "#1f4e8c", None), ICONS["icon-192"])
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 6, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    for content in (b"\x89PNG\r\n\x1a\n" + chunk, logo()[:120], b"<svg/>"):
        assert draw_icon(Mark("Bottega", "#1f4e8c", content), ICONS["icon-192"]) == plain


def test_icons_are_drawn_once_and_those_of_an_older_profile_go(tmp_path: Path) -> None:
    first = icon_file(tmp_path, Mark("Bottega", "#1f4e8c", None), "badge-96")
    stamp = first.stat().st_mtime_ns
    assert icon_file(tmp_path, Mark("Bottega", "#1f4e8c", None), "badge-96").stat().st_mtime_ns == stamp
    second = icon_file(tmp_path, Mark("Bottega", "#ffffff", None), "badge-96")
    assert second != first
    assert not first.exists()


def test_there_is_no_icon_of_another_name(client: FlaskClient) -> None:
    assert client.get("/icons/icon-9999.png").status_code == 404
    assert client.get("/icons/..%2f..%2fsecrets.png").status_code == 404


# --- The worker -----------------------------------------------------------------------------------------------------


def test_the_worker_is_asked_for_anew_each_time_and_is_the_same_until_something_changed(
    client: FlaskClient, session: Session
) -> None:
    first = client.get("/sw.js")
    assert first.mimetype == "text/javascript"
    assert first.headers["Cache-Control"] == "no-cache"
    assert client.get("/sw.js", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    company = get_company(session)
    company.name = "Another name"
    session.flush()
    assert worker_settings(client.get("/sw.js").text)["version"] != worker_settings(first.text)["version"]


def test_the_worker_is_the_same_for_everybody(client: FlaskClient, sign_in: Callable[[str], FlaskClient]) -> None:
    assert sign_in("owner").get("/sw.js").text == client.get("/sw.js").text


def test_where_the_site_is_not_to_be_installed_the_worker_ends_itself_and_pages_offer_nothing(
    client: FlaskClient, session: Session
) -> None:
    get_setting(session, lock=True).enabled = False
    session.flush()
    source = client.get("/sw.js").text
    assert "unregister()" in source
    assert "fetch" not in source
    page = client.get("/en/offline").text
    assert 'rel="manifest"' not in page
    assert "data-app-install" not in page


# --- The settings ---------------------------------------------------------------------------------------------------


def changed(**changes: str) -> dict[str, str]:
    return {
        "version": "1",
        "enabled": "y",
        "short_name_it": "Manfredi",
        "short_name_en": "",
        "shortcuts_it": "Orari | /it/orari\n",
        "shortcuts_en": "",
    } | changes


def test_the_settings_are_stored_by_language(fill: Fill, session: Session) -> None:
    assert fill(SETTINGS, changed()).status_code == 303
    session.expire_all()
    setting = get_setting(session)
    assert setting.short_names == {"it": "Manfredi", "en": ""}
    assert setting.shortcuts == {"it": [["Orari", "/it/orari"]], "en": []}
    assert setting.enabled


def test_a_company_of_one_language_is_asked_for_that_one_and_the_other_stays(fill: Fill, session: Session) -> None:
    get_setting(session, lock=True).short_names = {"en": "Shop"}
    get_company(session).languages = "it"
    session.commit()
    answer = fill(SETTINGS, changed(version=str(get_setting(session).version)))
    assert answer.status_code == 303
    session.expire_all()
    assert get_setting(session).short_names == {"it": "Manfredi", "en": "Shop"}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("Orari", "write the words, a bar and the address"),
        ("| /it/orari", "write the words, a bar and the address"),
        ("Orari | https://evil.example/it", "must begin with /it/"),
        ("Orari | //evil.example/it/", "must begin with /it/"),
        ("Orari | /it//evil.example", "must begin with /it/"),
        ("Orari | /italia", "must begin with /it/"),
        ("Orari | /en/hours", "must begin with /it/"),
        ("Orari | /it/a b", "must begin with /it/"),
        ("\n".join(["Orari | /it/orari"] * 5), "At most 4"),
    ],
)
def test_shortcuts_that_lead_elsewhere_are_refused_and_what_was_typed_stays(
    fill: Fill, line: str, sentence: str
) -> None:
    answer = fill(SETTINGS, changed(shortcuts_it=line))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert line.splitlines()[0] in answer.text


def test_shortcuts_are_read_a_line_each() -> None:
    assert read_shortcuts("Orari | /it/orari\n\n Chi siamo | noi | /it \n", "it") == [
        ["Orari", "/it/orari"],
        ["Chi siamo | noi", "/it"],
    ]
    with pytest.raises(ShortcutWrong):
        read_shortcuts("x" * 61 + " | /it", "it")


def test_the_second_of_two_editors_is_told(fill: Fill, session: Session) -> None:
    assert fill(SETTINGS, changed()).status_code == 303
    answer = fill(SETTINGS, changed(short_name_it="Altro"))
    assert answer.status_code == 409
    assert "Altro" in answer.text
    session.expire_all()
    assert get_setting(session).short_names["it"] == "Manfredi"


def test_strangers_and_viewers_change_nothing(fill: Fill, client: FlaskClient, session: Session) -> None:
    assert client.get(SETTINGS).status_code == 302
    assert fill(SETTINGS, changed(), "viewer").status_code == 403
    session.expire_all()
    assert get_setting(session).version == 1
