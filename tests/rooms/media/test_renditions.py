"""Renditions are made by a task, and again when their files are lost; files that nobody needs go away."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable

import pytest
from flask import Flask, g, render_template_string
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.orm import Session

from tests.rooms.media.makers import make_image
from tests.rooms.tasks.in_hand import TaskInHand
from tests.rooms.tasks.makers import RememberingCarrier
from webapp.blueprints.media.models import SiteImage, widths_of
from webapp.blueprints.media.services.files import files_of, original_file, rendition_file
from webapp.blueprints.media.settings import renditions_folder
from webapp.blueprints.media.tasks import render, render_waiting, tidy
from webapp.core.settings import house_settings


@pytest.fixture(autouse=True)
def _carried(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.extensions, "task_carrier", RememberingCarrier())


def shown(image: SiteImage) -> str:
    g.pop("media_images", None)
    return render_template_string("{{ picture(n, sizes='50vw', css='wide') }}", n=image.id)


@pytest.mark.parametrize(
    ("width", "widths"),
    [
        (2000, (320, 640, 960, 1280, 1920)),
        (1920, (320, 640, 960, 1280, 1920)),
        (700, (320, 640, 700)),
        (320, (320,)),
        (10, (10,)),
    ],
)
def test_no_rendition_is_larger_than_the_image(width: int, widths: tuple[int, ...]) -> None:
    assert widths_of(width) == widths


@pytest.mark.parametrize(("alpha", "plain"), [(255, "jpg"), (90, "png")])
def test_a_task_makes_all_renditions(session: Session, client: FlaskClient, alpha: int, plain: str) -> None:
    image = make_image(session, size=(700, 500), colour=(200, 30, alpha, alpha))
    session.commit()
    assert "<source" not in shown(image)
    task = TaskInHand()
    assert render(task, {"image_id": image.id})["images"] == 1
    assert task.told[-1][:2] == (9, 9)
    session.refresh(image)
    assert (image.ready_at is not None, image.version) == (True, 1)
    page = shown(image)
    assert re.findall(r'type="image/(\w+)"', page) == ["avif", "webp"]
    assert 'class="wide"' in page
    assert 'width="700" height="500"' in page
    paths = set(re.findall(r"(/media/\S+) \d+w", page))
    assert len(paths) == 9
    for path in paths:
        answer = client.get(path, buffered=True)
        assert (answer.status_code, answer.mimetype.removeprefix("image/")) == (
            200,
            path.rpartition(".")[2].replace("jpg", "jpeg"),
        )
    with Image.open(rendition_file(house_settings(), image.sha256, 320, "avif")) as opened:
        assert opened.size == (320, 229)
        assert not opened.info.get("exif")
    assert plain in page


def test_work_on_an_image_that_is_gone_does_nothing(app: Flask) -> None:
    assert render(TaskInHand(), {"image_id": 987654321}) == {"images": 0}


def test_a_picture_that_was_replaced_meanwhile_still_waits(session: Session, app: Flask) -> None:
    image = make_image(session)
    session.commit()

    class Slow(TaskInHand):
        """Somebody replaces the file while it runs."""

        def progress(self, *_told: object) -> None:
            image.sha256 = "f" * 64
            session.commit()

    render(Slow(), {"image_id": image.id})
    session.refresh(image)
    assert image.ready_at is None


def test_what_waits_is_made_and_what_is_lost_is_told(session: Session, app: Flask) -> None:
    image, lost = make_image(session, colour=(1, 1, 1)), make_image(session, colour=(2, 2, 2), name="lost.png")
    session.commit()
    original_file(house_settings(), lost.sha256, transparent=False).unlink()
    task = TaskInHand()
    result = render_waiting(task, {})
    assert (result["images"], result["lost"]) == (1, 1)
    assert "lost.png" in task.lines[0]
    session.refresh(image)
    assert image.ready_at
    assert render_waiting(TaskInHand(), {})["images"] == 0
    assert render_waiting(TaskInHand(), {"all": True})["images"] == 1


def test_renditions_are_made_anew_by_a_command(session: Session, bottega: Callable[..., object]) -> None:
    image = make_image(session, size=(330, 200))
    session.commit()
    assert "renditions of 1 images made" in bottega("pictures", "redraw", "--waiting").output
    assert "all files are there" in bottega("pictures", "check").output
    rendition_file(house_settings(), image.sha256, 320, "webp").unlink()
    assert "1 renditions are missing" in bottega("pictures", "check").output
    assert "renditions of 1 images made" in bottega("pictures", "redraw", "--missing").output
    assert "renditions of 0 images made" in bottega("pictures", "redraw", "--missing").output
    original_file(house_settings(), image.sha256, transparent=False).unlink()
    told = bottega("pictures", "redraw")
    assert (told.exit_code, "1 files are missing" in told.output) == (1, True)


def test_files_of_no_image_are_removed_once_they_are_old(session: Session, app: Flask) -> None:
    image = make_image(session)
    session.commit()
    folder = renditions_folder(house_settings()) / "ab"
    folder.mkdir(parents=True, exist_ok=True)
    old, young = folder / f"{'ab' * 16}-320.jpg", folder / f"{'ab' * 16}-640.jpg"
    for path in (old, young):
        path.write_bytes(b"x")
    os.utime(old, (time.time() - 90_000,) * 2)
    kept = list(files_of(house_settings(), image.sha256))
    for path in kept:
        os.utime(path, (time.time() - 90_000,) * 2)
    assert tidy(TaskInHand(), {})["removed"] >= 1
    assert (old.exists(), young.exists(), all(path.exists() for path in kept)) == (False, True, True)


def test_pictures_are_in_no_memory_until_they_are_worked_on() -> None:
    import subprocess
    import sys

    code = "import sys; from webapp.core.room import load_rooms; load_rooms(('tasks', 'media')); sys.exit(bool({'PIL.JpegImagePlugin', 'PIL.ImageCms', 'PIL.ImageFont'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
