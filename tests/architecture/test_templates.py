"""Every template compiles, every page has a layout and a title, and nothing in them needs a lax content policy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from webapp.core.settings import PROJECT

WEBAPP = PROJECT / "webapp"
FOLDERS = [WEBAPP / "templates", *sorted(path for path in WEBAPP.rglob("templates") if path != WEBAPP / "templates")]
TEMPLATES = sorted(
    {path.relative_to(folder).as_posix(): path for folder in FOLDERS for path in folder.rglob("*.html")}.items()
)
# what is filled in by others: macros, the html shell, the layouts, and the pages of records that a room's page extends
PARTS = ("ui/", "layouts/", "records/", "base.html")
# pages that a library draws inside its own layout, which ours replaces
BORROWED = ("admin/", "security/")
INLINE_STYLE = re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE)
INLINE_HANDLER = re.compile(r"<[^>]*\s(on[a-z]+|hx-on[:a-z-]*)\s*=", re.IGNORECASE)
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)(?![^>]*application/(ld\+)?json)", re.IGNORECASE)
FROM_OUTSIDE = re.compile(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""", re.IGNORECASE)


def without_comments(path: Path) -> str:
    return re.sub(r"{#.*?#}", "", path.read_text(), flags=re.DOTALL)


def is_page(name: str) -> bool:
    return not name.startswith((*PARTS, *BORROWED)) and not Path(name).name.startswith("_")


def test_there_are_templates() -> None:
    assert any(is_page(name) for name, _ in TEMPLATES)


@pytest.mark.parametrize("name", [name for name, _ in TEMPLATES])
def test_template_compiles(shared_app: Flask, name: str) -> None:
    shared_app.jinja_env.get_template(name)


@pytest.mark.parametrize(("name", "path"), [pytest.param(*each, id=each[0]) for each in TEMPLATES if is_page(each[0])])
def test_page_has_a_layout_and_a_title(name: str, path: Path) -> None:
    source = without_comments(path)
    assert re.match(r"\s*{%-?\s*extends\b", source), f"{name} extends no layout"
    assert re.search(r"{%-?\s*block title\s*-?%}\s*\S", source), f"{name} has no title"


@pytest.mark.parametrize(("name", "path"), [pytest.param(*each, id=each[0]) for each in TEMPLATES])
def test_template_needs_no_lax_content_policy(name: str, path: Path) -> None:
    source = without_comments(path)
    for rule in (INLINE_STYLE, INLINE_HANDLER, INLINE_SCRIPT, FROM_OUTSIDE):
        assert not (found := rule.search(source)), f"{name}: {found[0]}"
