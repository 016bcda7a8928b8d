"""Homes that are saved, brought back and copied, files that are shared: with volumes in memory and on a real engine."""

from __future__ import annotations

import io
import os
import time
import uuid
from collections.abc import Callable, Iterator

import docker
import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.deployment.engine import base_images, running_engine
from tests.rooms.notebooks.engines import MemorySpawner
from tests.rooms.notebooks.makers import make_image, make_notebook, make_team, run_notebook
from tests.rooms.notebooks.running import NOON
from tests.rooms.notebooks.stores import MemoryImages, MemoryVolumes, read, write
from tests.rooms.tasks.in_hand import TaskInHand
from tests.rooms.workspaces.makers import actor_for, make_analyst
from webapp.blueprints.notebooks.gateways import backups, keeping_kinds
from webapp.blueprints.notebooks.gateways.docker_volumes import DockerVolumes
from webapp.blueprints.notebooks.gateways.docker_words import HOUSE_LABEL
from webapp.blueprints.notebooks.gateways.hands import HANDS, Hands
from webapp.blueprints.notebooks.gateways.homes import SHARED_PATH, prepare, provide
from webapp.blueprints.notebooks.gateways.housekeeping import Housekeeper
from webapp.blueprints.notebooks.models import Backup, Image, Notebook, Usage, Volume
from webapp.blueprints.notebooks.ports import Cause, EngineRefused, Volumes
from webapp.blueprints.notebooks.services.backups import StillRuns, delete_backup
from webapp.blueprints.notebooks.services.belongings import size_in_words, tell_belongings
from webapp.blueprints.notebooks.services.homes import backups_folder, find_home, home_of, shared_of
from webapp.blueprints.notebooks.services.images import BUILD, PULL, ask_to_build, ask_to_pull
from webapp.blueprints.notebooks.services.notebooks import delete_notebook
from webapp.blueprints.notebooks.services.shared import list_shared_files, share_file, shared_folder, take_file_back
from webapp.blueprints.tasks.public import Task
from webapp.blueprints.workspaces.public import Project, ProjectsDeleted, WhatBelongs
from webapp.core.db import transaction
from webapp.core.errors import NotAllowed
from webapp.core.events import announce
from webapp.core.security import SYSTEM


@pytest.fixture(scope="module")
def engine() -> Iterator[docker.DockerClient]:
    with running_engine():
        base_images()
        client = docker.from_env()
        yield client
        client.close()


@pytest.fixture(params=["memory", pytest.param("docker", marks=pytest.mark.needs("dockerd"))])
def volumes(request: pytest.FixtureRequest) -> Iterator[Volumes]:
    if request.param == "memory":
        yield MemoryVolumes()
        return
    client, house = request.getfixturevalue("engine"), f"test-{uuid.uuid4().hex[:10]}"
    yield DockerVolumes(client, house, lambda: "python:3.11-slim")
    for volume in client.api.volumes(filters={"label": f"{HOUSE_LABEL}={house}"})["Volumes"] or []:
        client.api.remove_volume(volume["Name"])


@pytest.fixture
def hands(volumes: Volumes) -> Hands:
    return Hands(MemorySpawner(), MemoryImages(), volumes)


Give = Callable[[Hands], None]


@pytest.fixture
def give(app: Flask) -> Iterator[Give]:
    """Let the tasks work with the given hands."""

    def give_them(hands: Hands) -> None:
        app.extensions[HANDS] = lambda _app: hands

    yield give_them
    app.extensions.pop(HANDS, None)


@pytest.fixture
def notebook(app: Flask, session: Session, volumes: Volumes) -> Notebook:
    """A stopped notebook whose home has two files."""
    _owner, _member, project = make_team(session)
    made = make_notebook(session, project=project)
    home = home_of(session, made.id, quota_mb=64)
    session.commit()
    provide(volumes, home)
    write(volumes, home.name, plan=b"first", data=os.urandom(300_000))
    return made


def home_name(session: Session, notebook: Notebook) -> str:
    session.expire_all()
    home = find_home(session, notebook.id)
    assert home
    return home.name


# ------------------------------------------------------------------------------------------------ backups
def test_a_home_comes_back_as_it_was_saved(session: Session, notebook: Notebook, hands: Hands) -> None:
    before = read(hands.volumes, home_name(session, notebook))
    run = TaskInHand()
    done = backups.back_up(run, hands, notebook.id)
    assert run.told
    backup = session.get_one(Backup, done["backup_id"])
    path = backups_folder() / backup.file
    assert (path.stat().st_mode & 0o777, path.stat().st_size) == (0o600, backup.size)
    old = home_name(session, notebook)
    write(hands.volumes, old, plan=b"spoilt")
    backups.restore(TaskInHand(), hands, notebook.id, backup.id)
    assert read(hands.volumes, home_name(session, notebook)) == before
    assert home_name(session, notebook) != old
    Housekeeper().remove_volumes(hands)
    assert old not in [each.name for each in hands.volumes.list()]


def test_a_damaged_backup_is_not_restored_and_the_home_stays(
    session: Session, notebook: Notebook, hands: Hands
) -> None:
    done = backups.back_up(TaskInHand(), hands, notebook.id)
    path = backups_folder() / session.get_one(Backup, done["backup_id"]).file
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    name = home_name(session, notebook)
    with pytest.raises(backups.BackupBroken):
        backups.restore(TaskInHand(), hands, notebook.id, done["backup_id"])
    path.unlink()
    with pytest.raises(backups.BackupBroken):
        backups.restore(TaskInHand(), hands, notebook.id, done["backup_id"])
    assert home_name(session, notebook) == name
    assert read(hands.volumes, name)["plan"] == b"first"


def test_who_starts_the_notebook_meanwhile_keeps_the_home(session: Session, notebook: Notebook, hands: Hands) -> None:
    done = backups.back_up(TaskInHand(), hands, notebook.id)
    name = home_name(session, notebook)
    run_notebook(session, notebook)
    with pytest.raises(StillRuns):
        backups.restore(TaskInHand(), hands, notebook.id, done["backup_id"])
    assert home_name(session, notebook) == name
    unfinished = session.scalars(select(Volume).where(Volume.name != name)).one()
    assert unfinished.remove_at is not None


def test_a_running_notebook_is_saved_with_a_warning(session: Session, notebook: Notebook, hands: Hands) -> None:
    run_notebook(session, notebook)
    run = TaskInHand()
    backups.back_up(run, hands, notebook.id)
    assert any(line.startswith("warning: The notebook runs") for line in run.lines)


def test_a_copy_of_a_home_is_another_one(session: Session, notebook: Notebook, hands: Hands) -> None:
    copy = make_notebook(session)
    session.commit()
    backups.clone(TaskInHand(), hands, notebook.id, copy.id)
    name = home_name(session, copy)
    assert read(hands.volumes, name) == read(hands.volumes, home_name(session, notebook))
    write(hands.volumes, name, other=b"mine")
    assert "plan" in read(hands.volumes, home_name(session, notebook))


def test_the_file_of_a_deleted_backup_goes_after_the_commit(session: Session, notebook: Notebook, hands: Hands) -> None:
    done = backups.back_up(TaskInHand(), hands, notebook.id)
    path = backups_folder() / session.get_one(Backup, done["backup_id"]).file
    with transaction() as inner:
        delete_backup(inner, by=SYSTEM, slug=notebook.slug, backup_id=done["backup_id"])
        assert path.exists()
    assert not path.exists()


def test_files_that_belong_to_no_backup_are_swept_after_a_day(
    session: Session, notebook: Notebook, hands: Hands
) -> None:
    done = backups.back_up(TaskInHand(), hands, notebook.id)
    kept = backups_folder() / session.get_one(Backup, done["backup_id"]).file
    fresh, old = backups_folder() / "fresh.tar.gz", backups_folder() / "old.tar.gz"
    for path in (fresh, old, kept):
        path.touch()
    long_ago = time.time() - 3 * 24 * 3600
    os.utime(old, (long_ago, long_ago))
    os.utime(kept, (long_ago, long_ago))
    backups.sweep_files()
    assert (fresh.exists(), old.exists(), kept.exists()) == (True, False, True)


# ------------------------------------------------------------------------------------------------ before a start
def test_a_start_finds_home_and_shared_data_ready(session: Session, notebook: Notebook, hands: Hands) -> None:
    home, shared = prepare(
        hands.volumes, notebook_id=notebook.id, project_id=notebook.project_id, disk_mb=64, home_path="/home/analyst"
    )
    assert (home.volume, home.path, home.read_only) == (home_name(session, notebook), "/home/analyst", False)
    assert (shared.path, shared.read_only) == (SHARED_PATH, True)
    assert {each.name for each in hands.volumes.list()} >= {home.volume, shared.volume}


def test_a_home_that_is_too_full_does_not_start(session: Session, notebook: Notebook, hands: Hands) -> None:
    write(hands.volumes, home_name(session, notebook), data=b"x" * 17 * 1024 * 1024)
    with pytest.raises(EngineRefused) as refused:
        prepare(hands.volumes, notebook_id=notebook.id, project_id=notebook.project_id, disk_mb=16, home_path="/home/a")
    assert refused.value.cause is Cause.NO_DISK
    home = find_home(session, notebook.id)
    assert home
    session.refresh(home)
    assert home.size
    assert home.size > 17 * 1024 * 1024


def test_a_real_quota_needs_no_measuring(app: Flask, session: Session) -> None:
    notebook = make_notebook(session)
    session.commit()
    volumes = MemoryVolumes(quotas=True)
    prepare(volumes, notebook_id=notebook.id, project_id=notebook.project_id, disk_mb=64, home_path="/home/a")
    home = find_home(session, notebook.id)
    assert home
    session.refresh(home)
    assert (home.quota_real, home.size) == (True, None)


# ------------------------------------------------------------------------------------------------ shared data
def test_a_shared_file_arrives_and_leaves(session: Session, notebook: Notebook, hands: Hands, give: Give) -> None:
    give(hands)
    number = notebook.project_id
    with transaction() as inner:
        share_file(inner, by=SYSTEM, project_id=number, filename="prices.csv", stream=io.BytesIO(b"a;b\n1;2\n"))
    (task,) = session.scalars(select(Task).where(Task.kind == keeping_kinds.SHARE)).all()
    kept = shared_folder() / str(task.args["kept"])
    keeping_kinds.share(TaskInHand(), task.args)
    assert not kept.exists()
    keeping_kinds.share(TaskInHand(), task.args)  # a worker died before its last word: again
    session.expire_all()
    assert [(each["name"], each["state"]) for each in list_shared_files(session, number)] == [("prices.csv", "there")]
    name = shared_of(session, number).name
    assert read(hands.volumes, name) == {"prices.csv": b"a;b\n1;2\n"}
    with transaction() as inner:
        take_file_back(inner, by=SYSTEM, project_id=number, name="prices.csv")
    keeping_kinds.take_back(TaskInHand(), {"project_id": number, "name": "prices.csv"})
    session.expire_all()
    assert list_shared_files(session, number) == []
    assert read(hands.volumes, name) == {}


def test_rights_that_were_withdrawn_while_it_waited_stop_the_work(session: Session, notebook: Notebook) -> None:
    _stranger, actor = make_analyst(session)
    with pytest.raises(NotAllowed):
        keeping_kinds.back_up(TaskInHand(actor), {"notebook_id": notebook.id})
    with pytest.raises(NotAllowed):
        keeping_kinds.pull_image(TaskInHand(actor), {"image_id": notebook.image_id})


# ------------------------------------------------------------------------------------------------ images
def test_an_image_is_fetched_with_progress(app: Flask, session: Session, give: Give) -> None:
    megabyte = 1024 * 1024
    images = MemoryImages(registry={"jupyter:2": (3 * megabyte, 5 * megabyte)})
    give(Hands(MemorySpawner(), images, MemoryVolumes()))
    image = make_image(session, reference="jupyter:2", present=False)
    session.commit()
    run = TaskInHand()
    keeping_kinds.pull_image(run, {"image_id": image.id})
    assert [(done, total) for done, total, _words in run.told] == [(3, 8), (8, 8)]
    session.expire_all()
    assert session.get_one(Image, image.id).present is True


def test_an_image_that_its_registry_does_not_have_is_told_in_words(app: Flask, session: Session, give: Give) -> None:
    hands = Hands(MemorySpawner(), MemoryImages(), MemoryVolumes())
    give(hands)
    image = make_image(session, reference="nowhere:1", present=None)
    session.commit()
    with pytest.raises(
        keeping_kinds.EngineSaidNo,
        match=r"nowhere:1 could not be fetched, because its registry does not have it.*manifest unknown",
    ):
        keeping_kinds.pull_image(TaskInHand(), {"image_id": image.id})
    session.expire_all()
    assert session.get_one(Image, image.id).present is False


def test_the_projects_own_image_is_built_and_put_on_the_list(app: Flask, session: Session, give: Give) -> None:
    hands = Hands(MemorySpawner(), MemoryImages(), MemoryVolumes())
    give(hands)
    for version in ("1.0", "1.1"):
        keeping_kinds.build_image(TaskInHand(), {"version": version})
    session.expire_all()
    image = session.scalars(select(Image)).one()
    assert (image.reference, image.present, image.pull_policy) == ("bottega-jupyter:1.1", True, "never")


def test_fetching_twice_is_one_after_the_other(session: Session) -> None:
    image = make_image(session)
    first, second = (ask_to_pull(session, by=SYSTEM, image_id=image.id) for _ in range(2))
    ask_to_build(session, by=SYSTEM, version="1.0")
    tasks = {task.id: task for task in session.scalars(select(Task).where(Task.kind.in_((PULL, BUILD))))}
    assert tasks[first].alone == tasks[second].alone
    assert image.task_id == second


# ------------------------------------------------------------------------------------------------ what goes along
def test_a_deletion_tells_beforehand_what_goes_and_lets_it_go(
    session: Session, notebook: Notebook, hands: Hands
) -> None:
    backups.back_up(TaskInHand(), hands, notebook.id)
    provide(hands.volumes, shared_of(session, notebook.project_id))
    Housekeeper().measure_volumes(hands)
    session.expire_all()
    path = backups_folder() / session.scalars(select(Backup.file)).one()
    told = {each.name: each for each in tell_belongings(session, WhatBelongs((notebook.project_id,)))}
    assert (told["notebooks"].words, told["volumes"].words, told["backups"].words) == (
        "1 notebook",
        "2 volumes",
        "1 backup",
    )
    assert told["bytes"].bytes > 300_000
    announce(session, ProjectsDeleted((notebook.project_id,), SYSTEM))
    session.commit()
    with transaction():
        pass
    assert session.scalar(select(func.count(Notebook.id))) == 0
    assert session.scalar(select(func.count(Backup.id))) == 0
    Housekeeper().remove_volumes(hands)
    assert hands.volumes.list() == ()
    assert session.scalar(select(func.count(Volume.id))) == 0
    assert not path.exists()


def test_the_use_of_a_deleted_notebook_is_still_counted_for_its_project(session: Session, notebook: Notebook) -> None:
    session.add(Usage(notebook_id=notebook.id, day=NOON.date(), project_id=notebook.project_id, seconds=60))
    session.commit()
    project = session.get_one(Project, notebook.project_id)
    owner = actor_for(session.get_one(type(make_analyst(session)[0]), project.group.owner_id))
    delete_notebook(session, by=owner, slug=notebook.slug, version=notebook.version)
    assert session.scalar(select(func.count()).select_from(Usage)) == 1


@pytest.mark.parametrize(
    ("size", "words"),
    [(None, ""), (1, "1 byte"), (1023, "1023 bytes"), (1024, "1.0\xa0KB"), (1_288_490_189, "1.2\xa0GB")],
)
def test_sizes_read_as_people_say_them(app: Flask, size: int | None, words: str) -> None:
    assert size_in_words(size) in (words, words.replace(".0", ""))
