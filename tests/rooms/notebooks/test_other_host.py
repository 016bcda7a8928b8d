"""Notebooks on the Docker Engine of another machine, reached over TLS: a real second engine with certificates made here."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import pytest
from flask import Flask
from sqlalchemy import select

from tests.deployment.engine import base_images, running_engine
from tests.deployment.other_engine import Authority, OtherEngine, other_engine
from tests.rooms.notebooks.keepers import IMAGE, build_image, clear_house
from tests.rooms.notebooks.makers import make_image, make_notebook
from webapp.blueprints.notebooks.gateways.docker_calls import connect
from webapp.blueprints.notebooks.gateways.docker_engine import DockerEngine
from webapp.blueprints.notebooks.gateways.docker_seen import NOTEBOOK_LABEL
from webapp.blueprints.notebooks.gateways.reconciler import Reconciler
from webapp.blueprints.notebooks.models import Engine, Notebook, State
from webapp.blueprints.notebooks.ports import Condition, EngineDown, Limits, NotebookSpec
from webapp.blueprints.notebooks.services.wishes import start_notebook, stop_notebook
from webapp.blueprints.notebooks.settings import EXTENSION, NotebookSettings
from webapp.core.db import db, transaction
from webapp.core.security import SYSTEM

pytestmark = [pytest.mark.needs("dockerd"), pytest.mark.needs("openssl"), pytest.mark.needs("unshare")]
SUBNETS = "10.216.0.0/16"


@dataclass(frozen=True)
class Far:
    """The other engine, and folders with certificates: the right one, and some that are not."""

    engine: OtherEngine
    folders: Path

    def settings(self, folder: str = "right", *, address: str = "") -> NotebookSettings:
        tls = str(self.folders / folder) if folder else ""
        return NotebookSettings(engine="docker", docker_host=address or self.engine.address, docker_tls=tls)


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Far]:
    folders = tmp_path_factory.mktemp("certificates")
    ours, theirs = Authority(folders / "ours"), Authority(folders / "theirs")
    server = ours.sign("server", names="IP:127.0.0.1", purpose="serverAuth")
    shutil.copytree(ours.sign("client"), folders / "right")
    shutil.copytree(theirs.sign("client"), folders / "of-another-house")
    for name, changed in (("refused", ("cert.pem", "key.pem")), ("mixed-up", ("key.pem",))):
        shutil.copytree(folders / "right", folders / name)
        for file in changed:
            shutil.copy(folders / "of-another-house" / file, folders / name)
    shutil.copytree(folders / "right", folders / "half")
    (folders / "half" / "key.pem").unlink()
    with running_engine():
        base_images()
        with closing(docker.from_env()) as first:
            build_image(first, tmp_path_factory.mktemp("image"))
        verify = (f"--tls{option}={server / file}" for option, file in (("cacert", "ca.pem"), ("cert", "cert.pem"), ("key", "key.pem")))  # fmt: skip
        with other_engine("--tlsverify", *verify) as engine:
            engine.give(IMAGE)
            yield Far(engine, folders)


@pytest.fixture(autouse=True)
def somebody_elses_authorities(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As on a server whose own certificates and proxy are named for all programs."""
    theirs = Authority(tmp_path / "of-the-machine")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(theirs.folder / "ca.pem"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")


def test_a_notebook_starts_is_looked_at_and_stops_there(far: Far) -> None:
    house = uuid.uuid4().hex
    spec = NotebookSpec("far", house, 7, 1, IMAGE, Limits(0.5, 128, 64), health_path="")
    with closing(connect(far.settings())) as client, closing(docker.from_env()) as first:
        spawner = DockerEngine(client, house, subnets=SUBNETS)
        running = spawner.start(spec, lambda _step, _words: None)
        assert any(spawner.wait(spec, seconds=4) for _ in range(5))
        seen = spawner.poll("far")
        assert seen
        assert (seen.condition, seen.engine_id) == (Condition.RUNNING, running.engine_id)
        assert "ready to serve" in spawner.read_log("far")
        assert not first.api.containers(all=True, filters={"id": running.engine_id})
        assert spawner.check().version == far.engine.client.version()["Version"]
        spawner.stop("far")
        assert spawner.list() == ()
    assert far.engine.client.api.networks(names=["nb-"]) == []


@pytest.fixture
def keeper(fresh_app: Flask, far: Far) -> Iterator[Reconciler]:
    """The keeper's work on databases of its own, in this process, with one stopped notebook."""
    fresh_app.extensions[EXTENSION] = far.settings()
    with transaction() as session:
        image = make_image(session, reference=IMAGE, pull_policy="never", present=True)
        make_notebook(session, image=image, slug="far", memory_mb=128, pids=32)
    yield Reconciler(fresh_app)
    clear_house(fresh_app, far.engine.client)


def stored(column: Any) -> str:
    db.session.remove()
    return str(db.session.scalars(select(column)).one())


def test_the_keeper_starts_and_stops_a_notebook_there(fresh_app: Flask, keeper: Reconciler, far: Far) -> None:
    notebooks = {"label": NOTEBOOK_LABEL}
    for wish, state, there in ((start_notebook, State.RUNNING, 1), (stop_notebook, State.STOPPED, 0)):
        with transaction() as session:
            wish(session, by=SYSTEM, slug="far")
        assert keeper.go_round()
        keeper.settle_all()
        assert stored(Notebook.state) == state, stored(Notebook.cause)
        assert len(far.engine.client.api.containers(all=True, filters=notebooks)) == there
    assert far.engine.client.api.volumes()["Volumes"]


def test_the_keeper_says_why_the_engine_does_not_take_its_certificate(
    fresh_app: Flask, keeper: Reconciler, far: Far
) -> None:
    fresh_app.extensions[EXTENSION] = far.settings("refused")
    assert not keeper.go_round()
    assert "cert.pem" in stored(Engine.words)


@pytest.mark.parametrize(
    ("folder", "address", "words"),
    [
        ("of-another-house", "", "a certificate that ca.pem in"),
        ("refused", "", "a certificate that it does not accept: look at cert.pem in"),
        ("mixed-up", "", "does not belong to its cert.pem"),
        ("half", "", "key.pem cannot be read: No such file or directory"),
        ("", "", "wants TLS: NOTEBOOK_DOCKER_TLS"),
        ("right", "tcp://localhost", "Hostname mismatch"),
    ],
)
def test_a_wrong_certificate_is_told_in_words(app: Flask, far: Far, folder: str, address: str, words: str) -> None:
    port = far.engine.address.rpartition(":")[2]
    with app.app_context(), pytest.raises(EngineDown) as refused:
        connect(far.settings(folder, address=f"{address}:{port}" if address else ""))
    assert words in str(refused.value)
    assert "HTTPSConnectionPool" not in str(refused.value)
