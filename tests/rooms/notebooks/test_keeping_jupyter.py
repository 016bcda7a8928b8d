"""A real JupyterLab in a real container: its kernels are asked, its use is counted, its home survives, its data are shared."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator

import docker
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.deployment.engine import JUPYTER
from tests.rooms.notebooks.makers import make_image, make_notebook, make_team
from tests.rooms.notebooks.running import run_since
from tests.rooms.notebooks.stores import read
from tests.rooms.tasks.in_hand import TaskInHand
from tests.waiting import until
from webapp.blueprints.notebooks.gateways import backups
from webapp.blueprints.notebooks.gateways.docker_engine import DockerEngine
from webapp.blueprints.notebooks.gateways.docker_images import DockerImages
from webapp.blueprints.notebooks.gateways.docker_volumes import DockerVolumes
from webapp.blueprints.notebooks.gateways.docker_words import HOUSE_LABEL
from webapp.blueprints.notebooks.gateways.hands import Hands
from webapp.blueprints.notebooks.gateways.homes import prepare
from webapp.blueprints.notebooks.gateways.housekeeping import Housekeeper
from webapp.blueprints.notebooks.gateways.kernels import ask_kernels
from webapp.blueprints.notebooks.models import Notebook, Usage, Wanted
from webapp.blueprints.notebooks.ports import Limits, NotebookSpec
from webapp.blueprints.notebooks.services.door import base_path
from webapp.blueprints.notebooks.services.homes import find_home
from webapp.blueprints.notebooks.services.keeping import Activity, Watched, list_running, look_after, note_activity
from webapp.core.sealing import unseal

pytestmark = pytest.mark.needs("dockerd")
PATIENCE = 60
KERNEL = """
import glob, json, os, sys, time, urllib.request
from jupyter_client import BlockingKernelClient
base = "http://127.0.0.1:8888" + os.environ["NOTEBOOK_BASE_URL"]
def ask(path, method="POST"):
    request = urllib.request.Request(base + path, method=method, data=b"{}" if method == "POST" else None)
    request.add_header("Authorization", "token " + os.environ["JUPYTER_TOKEN"])
    return urllib.request.urlopen(request).read()
if sys.argv[1] == "work":
    number = json.loads(ask("api/kernels"))["id"]
    client = BlockingKernelClient(connection_file=f"/tmp/jupyter/kernel-{number}.json")
    client.load_connection_file()
    client.start_channels()
    client.wait_for_ready(timeout=60)  # what is said before its line to the kernel's news stands is lost
    asked = client.execute("import signal; signal.pause()")
    while client.get_iopub_msg(timeout=60)["parent_header"].get("msg_id") != asked:
        pass  # the first word about it is that the kernel is busy
else:
    for kernel in json.loads(ask("api/kernels", "GET")):
        ask(f"api/kernels/{kernel['id']}/interrupt")
"""


@pytest.fixture
def hands(jupyter: docker.DockerClient) -> Iterator[Hands]:
    house = uuid.uuid4().hex
    spawner = DockerEngine(jupyter, house, subnets="10.219.0.0/16")
    yield Hands(spawner, DockerImages(jupyter), DockerVolumes(jupyter, house, lambda: JUPYTER))
    for seen in spawner.list():
        spawner.stop(seen.name, grace=0)
    for volume in jupyter.api.volumes(filters={"label": f"{HOUSE_LABEL}={house}"})["Volumes"] or []:
        jupyter.api.remove_volume(volume["Name"])


@pytest.fixture
def notebook(app: Flask, session: Session, hands: Hands) -> Notebook:
    """A notebook that runs and answers."""
    _owner, _member, project = make_team(session)
    made = make_notebook(session, project=project, image=make_image(session, reference=JUPYTER), memory_mb=768)
    session.commit()
    mounts = prepare(
        hands.volumes, notebook_id=made.id, project_id=project.id, disk_mb=64, home_path=made.image.home_path
    )
    run_since(session, made, dt.datetime.now(dt.UTC))
    spec = NotebookSpec(
        name=made.slug,
        house="",
        notebook_id=made.id,
        generation=made.generation,
        image=JUPYTER,
        limits=Limits(1.0, 768, 256),
        base_path=base_path(made.slug),
        mounts=mounts,
        environ={
            "JUPYTER_TOKEN": unseal(made.token_sealed, purpose="notebook token"),
            "NOTEBOOK_BASE_URL": base_path(made.slug),
        },
    )
    hands.spawner.start(spec, lambda *_: None)
    until(lambda: hands.spawner.wait(spec, seconds=5), PATIENCE)
    return made


def inside(jupyter: docker.DockerClient, notebook: Notebook, *command: str) -> tuple[int, str]:
    """Run something in the container as its people do."""
    container = jupyter.containers.list(filters={"label": f"bottega.notebook={notebook.slug}"})[0]
    code, said = container.exec_run(list(command))
    return int(code), said.decode(errors="replace")


def hear(hands: Hands, watched: Watched, wanted: Callable[[Activity], bool]) -> Activity:
    """What the kernels say once it is what is wanted; a server that just started may not answer in time."""
    heard: list[Activity | None] = []

    def is_said() -> bool:
        heard.append(ask_kernels(hands.spawner, watched))
        return heard[-1] is not None and wanted(heard[-1])

    until(is_said, PATIENCE, lambda: f"said last: {heard[-1]}")
    assert heard[-1] is not None
    return heard[-1]


def test_a_kernel_at_work_is_not_idle_and_one_at_rest_is(
    jupyter: docker.DockerClient, session: Session, notebook: Notebook, hands: Hands
) -> None:
    watched = list_running(session)[0]
    told = hear(hands, watched, lambda _: True)
    assert (told.busy, told.last) == (False, None)
    code, said = inside(jupyter, notebook, "python", "-c", KERNEL, "work")
    assert code == 0, said
    note_activity(session, watched, hear(hands, watched, lambda now: now.busy))
    later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=5)
    assert look_after(session, watched, now=later) is None
    session.refresh(notebook)
    assert (notebook.kernels, notebook.wanted) == ("busy", Wanted.RUNNING)
    code, said = inside(jupyter, notebook, "python", "-c", KERNEL, "rest")
    assert code == 0, said
    rested = hear(hands, watched, lambda now: not now.busy)
    assert rested.last
    assert dt.datetime.now(dt.UTC) - rested.last < dt.timedelta(minutes=2)
    note_activity(session, watched, rested)
    look_after(session, watched, now=later)
    look_after(session, watched, now=later + dt.timedelta(minutes=10))
    session.refresh(notebook)
    assert notebook.wanted == Wanted.STOPPED


def test_a_wrong_token_learns_nothing_of_the_kernels(session: Session, notebook: Notebook, hands: Hands) -> None:
    answer = hands.spawner.question(
        notebook.slug, f"{base_path(notebook.slug)}api/kernels", port=8888, token="not-the-token"
    )
    assert answer
    assert answer.status == 403


def test_a_round_counts_what_it_uses_and_how_full_its_home_is(
    jupyter: docker.DockerClient, session: Session, notebook: Notebook, hands: Hands
) -> None:
    assert inside(jupyter, notebook, "dd", "if=/dev/urandom", "of=/home/analyst/data", "bs=1M", "count=5")[0] == 0
    home = find_home(session, notebook.id)
    assert home
    home.measured_at = None  # else its time has not come again
    session.commit()
    Housekeeper().round(hands)
    session.expire_all()
    used = session.scalars(select(Usage)).one()
    assert used.cpu_seconds > 0
    assert used.memory_peak_mb > 30
    home = find_home(session, notebook.id)
    assert home
    assert home.size
    assert 5 * 1024 * 1024 <= home.size < 8 * 1024 * 1024


def test_the_home_survives_and_shared_data_are_for_reading(
    jupyter: docker.DockerClient, session: Session, notebook: Notebook, hands: Hands
) -> None:
    shared = next(each.name for each in hands.volumes.list() if each.name.endswith("-shared"))
    hands.volumes.add(shared, "prices.csv", 3, iter([b"a;b"]))
    assert inside(jupyter, notebook, "cat", "/data/prices.csv") == (0, "a;b")
    for command in ("echo x > /data/prices.csv", "echo x > /data/new", "rm /data/prices.csv", "echo x > /etc/passwd"):
        assert inside(jupyter, notebook, "sh", "-c", command)[0] != 0
    assert inside(jupyter, notebook, "sh", "-c", "echo kept > /home/analyst/note")[0] == 0
    done = backups.back_up(TaskInHand(), hands, notebook.id)
    assert done["bytes"] > 0
    hands.spawner.stop(notebook.slug, grace=0)
    home = find_home(session, notebook.id)
    assert home
    assert read(hands.volumes, home.name)["note"] == b"kept\n"


def test_nobody_in_the_image_can_become_somebody_else(jupyter: docker.DockerClient, notebook: Notebook) -> None:
    assert inside(jupyter, notebook, "id", "-u") == (0, "1000\n")
    assert inside(jupyter, notebook, "sh", "-c", "find / -xdev -perm /6000 -type f 2>/dev/null | wc -l") == (0, "0\n")
    for program in ("sudo", "su", "pip", "passwd"):
        code, _said = inside(jupyter, notebook, "sh", "-c", f"{program} --version >/dev/null 2>&1 && test $(id -u) = 0")
        assert code != 0


def test_the_image_has_what_analysts_work_with(jupyter: docker.DockerClient, notebook: Notebook) -> None:
    modules = "pandas, psycopg2, sqlalchemy, altair, openpyxl, nbconvert, papermill, bottega_gold, vl_convert"
    assert inside(jupyter, notebook, "python", "-c", f"import {modules}") == (0, "")


def test_a_chart_is_a_picture_that_needs_nothing_from_elsewhere(
    jupyter: docker.DockerClient, notebook: Notebook
) -> None:
    draw = """
import altair
told = altair.Chart({"values": [{"a": 1}]}).mark_bar().encode(x="a:Q")._repr_mimebundle_()
print(*(told[0] if isinstance(told, tuple) else told))
"""
    assert inside(jupyter, notebook, "python", "-c", draw) == (0, "image/png\n")


def test_nobody_is_asked_whether_news_may_come(jupyter: docker.DockerClient, notebook: Notebook) -> None:
    read = """
from jupyter_core.paths import jupyter_config_path
from jupyterlab_server.config import get_page_config
print(*get_page_config([folder + "/labconfig" for folder in jupyter_config_path()])["disabledExtensions"])
"""
    assert inside(jupyter, notebook, "python", "-c", read) == (0, "@jupyterlab/apputils-extension:announcements\n")
