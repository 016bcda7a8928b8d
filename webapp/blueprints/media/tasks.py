"""The long work of the media room: renditions, and the files that nobody needs any more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from webapp.blueprints.media.permissions import MediaPermission as May
from webapp.blueprints.media.queries import all_files, all_ids, find_image, waiting_ids
from webapp.blueprints.media.services.files import stray_files
from webapp.blueprints.media.services.images import RENDER, RENDER_WAITING, mark_ready
from webapp.blueprints.media.services.renditions import Source, make_renditions, steps_of
from webapp.core.jobs import Argument, Arguments, HouseSchedule, TaskKind, TaskRun
from webapp.core.settings import house_settings

DAY = 24 * 3600


def render(run: TaskRun, args: Arguments) -> dict[str, Any]:
    """Make the renditions of one image."""
    with run.transaction() as session:
        image = find_image(session, int(args["image_id"]))
        source, name = (Source.of(image), image.name) if image else (None, "")
    if source is None:
        return {"images": 0}  # it was deleted meanwhile
    steps = steps_of(source)
    made = _render(run, int(args["image_id"]), source, lambda step: run.progress(step, steps, name))
    return {"images": 1, "bytes": made}


def render_waiting(run: TaskRun, args: Arguments) -> dict[str, Any]:
    """Make the renditions of all images that wait for them, or of all there are anew."""
    with run.transaction() as session:
        numbers = all_ids(session) if args.get("all") else waiting_ids(session)
    made = lost = size = 0
    for done, number in enumerate(numbers):
        with run.transaction() as session:
            image = find_image(session, number)
            source, name = (Source.of(image), image.name) if image else (None, "")
        if source is None:
            continue
        try:
            run.progress(done, len(numbers), name)
            size += _render(run, number, source, lambda _step: run.check())
            made += 1
        except FileNotFoundError:
            lost += 1
            run.log(
                gettext("The file of %(name)s (number %(number)s) is not there.", name=name, number=number), "warning"
            )
    return {"images": made, "lost": lost, "bytes": size}


def tidy(run: TaskRun, _args: Arguments) -> dict[str, Any]:
    """Remove the files of images that are no more."""
    with run.transaction() as session:
        known = all_files(session)
    removed = 0
    for path in stray_files(house_settings(), known, older_than=DAY):
        path.unlink(missing_ok=True)
        removed += 1
        run.progress(removed)
    return {"removed": removed}


def _render(run: TaskRun, number: int, source: Source, tell: Callable[[int], None]) -> int:
    size = make_renditions(house_settings(), source, tell)
    with run.transaction() as session:
        mark_ready(session, image_id=number, sha256=source.sha256)
    return size


TASKS = (
    TaskKind(
        name=RENDER,
        title=_l("Renditions of an image"),
        work=render,
        arguments=(Argument("image_id", _l("Image"), int, required=True, least=1),),
        permission=May.IMAGES_WRITE,
        alone=lambda args: f"media.image.{args['image_id']}",
    ),
    TaskKind(
        name=RENDER_WAITING,
        title=_l("Renditions of the images that wait"),
        work=render_waiting,
        arguments=(Argument("all", _l("Make those that are there anew, too"), bool, default=False),),
        permission=May.IMAGES_WRITE,
        alone=lambda _args: "media.render_waiting",
        schedulable=True,
    ),
    TaskKind(
        name="media.tidy",
        title=_l("Removing of files that no image needs"),
        work=tidy,
        permission=May.IMAGES_WRITE,
        alone=lambda _args: "media.tidy",
        schedulable=True,
    ),
)
SCHEDULES = (
    HouseSchedule(
        origin="media.render_waiting",
        name="Make renditions that are missing",
        kind=RENDER_WAITING,
        cron="*/15 * * * *",
        missed="skip",
    ),
    HouseSchedule(origin="media.tidy", name="Remove files that no image needs", kind="media.tidy", cron="50 4 * * *"),
)
