"""Every mail has a text with a subject and a page with a title, in the house's frame."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from webapp.core.settings import PROJECT

MAILS = sorted(
    {
        path.with_suffix("")
        for path in (PROJECT / "webapp" / "blueprints").glob("*/templates/*/mail/*")
        if path.is_file()
    }
)
named = pytest.mark.parametrize("path", [pytest.param(path, id=f"{path.parts[-3]}/{path.name}") for path in MAILS])


def test_there_are_mails() -> None:
    assert MAILS


@named
def test_a_mail_is_a_pair_that_compiles(shared_app: Flask, path: Path) -> None:
    for ending, block in ((".txt", "subject"), (".html", "title")):
        file = path.with_name(path.name + ending)
        assert file.is_file(), f"{file} is missing"
        source = file.read_text()
        assert source.startswith(f'{{% extends "layouts/mail{ending}" %}}'), f"{file} stands in no frame"
        assert re.search(rf"{{%-?\s*block {block}\s*-?%}}\s*\S", source), f"{file} has no {block}"
        shared_app.jinja_env.get_template("/".join((*path.parts[-3:-1], path.name + ending)))


@named
def test_a_mail_lies_in_its_own_rooms_folder(path: Path) -> None:
    assert path.parts[-3] == path.parts[-5]
