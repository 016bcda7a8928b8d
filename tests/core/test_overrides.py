"""An agency's templates go before the house's, and the house says when what they were made from has changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template

from webapp.app import create_app
from webapp.core.settings import PROJECT, Settings, SettingsError

NAME = "errors/_problem.html"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The agency's folder."""
    return tmp_path


@pytest.fixture
def dressed(settings: Settings, folder: Path) -> Flask:
    """An application that looks into the folder; nothing of it asks the database."""
    app = create_app(replace(settings, template_folder=folder), rooms=("tasks", "media", "website", "navigation"))
    app.testing = True
    return app


def run(app: Flask, *words: str) -> Any:
    return app.test_cli_runner().invoke(args=["site", *words])


def test_a_template_is_copied_changed_and_drawn(dressed: Flask, folder: Path) -> None:
    assert run(dressed, "override", NAME).exit_code == 0
    (folder / NAME).write_text("<p>Ours: {{ title }}</p>")
    with dressed.test_request_context():
        assert render_template(NAME, title="x") == "<p>Ours: x</p>"
    listed = run(dressed, "overrides")
    assert listed.exit_code == 0
    assert f"{NAME}  as it was when it was copied" in listed.output


def test_a_rooms_template_is_overridden_too(dressed: Flask, folder: Path) -> None:
    assert run(dressed, "override", "navigation/_legal.html").exit_code == 0
    (folder / "navigation/_legal.html").write_text("ours")
    with dressed.test_request_context():
        assert render_template("navigation/_legal.html") == "ours"


def test_a_change_of_the_original_is_told_compared_and_taken_note_of(dressed: Flask, folder: Path) -> None:
    run(dressed, "override", NAME)
    (folder / ".originals" / NAME).write_text("as it was long ago\n")
    listed = run(dressed, "overrides")
    assert listed.exit_code == 1
    assert "CHANGED" in listed.output
    assert "-as it was long ago" in run(dressed, "compare", NAME).output
    assert run(dressed, "seen", NAME).exit_code == 0
    assert run(dressed, "overrides").exit_code == 0


def test_templates_of_ones_own_unknown_and_broken_ones_are_told_apart(dressed: Flask, folder: Path) -> None:
    (folder / "errors").mkdir()
    (folder / "ours.html").write_text("new")
    (folder / NAME).write_text("by hand")
    (folder / "broken.html").write_text("\n{% if %}")
    (folder / "latin.html").write_bytes(b"perch\xe9")
    listed = run(dressed, "overrides")
    assert listed.exit_code == 1
    assert "ours.html  a template of your own" in listed.output
    assert f"{NAME}  not copied" in listed.output
    assert "broken.html  BROKEN: line 2" in listed.output
    assert "latin.html  BROKEN: it is not written in UTF-8" in listed.output


@pytest.mark.parametrize("name", ["never/there.html", "../../../etc/passwd", "/etc/passwd", "..\\x", ""])
def test_what_is_no_template_of_the_house_is_refused(dressed: Flask, folder: Path, name: str) -> None:
    for command in ("override", "compare", "seen"):
        assert run(dressed, command, name).exit_code == 2
    assert list(folder.iterdir()) == []


def test_a_copy_is_not_written_over(dressed: Flask, folder: Path) -> None:
    run(dressed, "override", NAME)
    (folder / NAME).write_text("a day's work")
    assert run(dressed, "override", NAME).exit_code == 2
    assert (folder / NAME).read_text() == "a day's work"


def test_without_a_folder_the_command_says_what_to_set(app: Flask) -> None:
    answer = run(app, "overrides")
    assert answer.exit_code == 2
    assert "TEMPLATE_FOLDER" in answer.output


@pytest.mark.parametrize("folder", ["/never/there", str(PROJECT / "webapp" / "templates")])
def test_a_folder_that_cannot_be_is_told_at_the_start(tmp_path: Path, folder: str) -> None:
    with pytest.raises(SettingsError, match="TEMPLATE_FOLDER"):
        Settings.from_environment({"BOTTEGA_INSTANCE": str(tmp_path), "TEMPLATE_FOLDER": folder})
