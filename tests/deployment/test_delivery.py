"""From a tag to a running server: the scripts of the workflows build, push to a registry, and deploy over SSH."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.core.test_serve import free_port
from tests.deployment.engine import Stack, run
from tests.deployment.test_production import SECRETS
from tests.waiting import until
from webapp.core.settings import PROJECT

pytestmark = [pytest.mark.needs("docker"), pytest.mark.needs("dockerd"), pytest.mark.needs("sshd")]
REPOSITORY = "Agency/Bottega"
SERVER = "suite.client.it"
HOME = Path("/opt/bottega")  # where the workflow puts the files on the server


@pytest.fixture(scope="module")
def registry(images: dict[str, str]) -> Iterator[str]:
    """A registry of this machine, with the images that production does not build."""
    address = f"127.0.0.1:{free_port()}"
    image = images.get("REGISTRY_IMAGE", "registry:2")
    container = run("docker", "run", "--detach", "--rm", "--publish", f"{address}:5000", image).strip()
    named: list[str] = []
    try:
        until(lambda: subprocess.run(["curl", "-fsS", f"http://{address}/v2/"], capture_output=True, check=False).returncode == 0)  # fmt: skip
        for image in (
            images.get("POSTGRES_IMAGE", "postgres:18"),
            images.get("RABBITMQ_IMAGE", "rabbitmq:3-management"),
        ):
            named.append(f"{address}/{image}")
            run("docker", "tag", image, named[-1])
            run("docker", "push", "--quiet", named[-1], seconds=300)
        yield address
    finally:
        run("docker", "rm", "--force", container)
        left = run("docker", "images", "--format", "{{.Repository}}:{{.Tag}}").split()
        for name in (name for name in left if name.startswith(f"{address}/")):
            run("docker", "rmi", name)


def script(workflow: str, step: str) -> str:
    """What a step of a workflow runs."""
    jobs = yaml.safe_load((PROJECT / ".github/workflows" / workflow).read_text("utf-8"))["jobs"]
    [found] = [each["run"] for job in jobs.values() for each in job["steps"] if each.get("name") == step]
    return str(found)


def step(text: str, seconds: float = 600, **environ: str) -> str:
    """Run a script as a runner of GitHub does; what it printed."""
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text],
        cwd=PROJECT, env={**os.environ, **environ}, capture_output=True, text=True, timeout=seconds, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def released(registry: str, images: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of the image, built and pushed by the scripts as version 1.2.3, and no longer on this machine."""
    build = script("release.yml", "build").replace("ghcr.io", registry)
    if images:  # the base images are here, not in a registry
        given = " ".join(f"--build-arg {name}={images[name]}" for name in ("PYTHON_IMAGE", "NODE_IMAGE"))
        build = build.replace("docker build --pull", f"docker build {given}")
    step(build, 900, TAG="v1.2.3", REPOSITORY=REPOSITORY, GITHUB_SHA="0123456789abcdef")
    push = script("release.yml", "push").replace("ghcr.io", registry)
    home = str(tmp_path_factory.mktemp("runner"))
    step(push, TAG="v1.2.3", REPOSITORY=REPOSITORY, ACTOR="robot", TOKEN="only-for-this-run", HOME=home)
    assert "only-for-this-run" not in "".join(path.read_text() for path in Path(home).rglob("*.json"))
    image = f"{registry}/{REPOSITORY.lower()}"
    run("docker", "rmi", f"{image}:1.2.3")
    return image


def test_a_tag_becomes_an_image_of_that_version_in_the_registry(released: str) -> None:
    run("docker", "pull", "--quiet", f"{released}:1.2.3", seconds=300)
    labels = json.loads(run("docker", "inspect", f"{released}:1.2.3"))[0]["Config"]["Labels"]
    assert labels["org.opencontainers.image.version"] == "1.2.3"
    assert labels["org.opencontainers.image.revision"] == "0123456789abcdef"
    assert labels["org.opencontainers.image.source"] == f"https://github.com/{REPOSITORY}"


@dataclass
class Host:
    """A server that is reached over SSH: this machine, with a folder of the test as its /opt/bottega."""

    folder: Path
    keys: Path
    port: int

    def open(self) -> subprocess.Popen[bytes]:
        """Start its SSH daemon, which alone sees the folder there."""
        for name in ("host", "deploy"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.keys / name)
        shutil.copy(self.keys / "deploy.pub", self.keys / "authorized")
        (self.keys / "sshd_config").write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.keys}/host\nAuthorizedKeysFile {self.keys}/authorized\n"
            f"PidFile {self.keys}/pid\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\n"
        )
        Path("/run/sshd").mkdir(exist_ok=True)
        mounted = (
            f"mount --bind '{self.folder}' {HOME} && exec \"$(command -v sshd)\" -D -e -f '{self.keys}/sshd_config'"
        )
        with (self.keys / "log").open("wb") as log:
            return subprocess.Popen(["unshare", "--mount", "sh", "-ec", mounted], stderr=log)

    def runner(self, home: Path) -> dict[str, str]:
        """The environment of a runner that looks the server's name up in DNS and finds it here."""
        (home / "bin").mkdir()
        (home / "bin/ssh").write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F "$HOME/config" "$@"\n')
        (home / "bin/ssh").chmod(0o755)
        (home / "config").write_text(
            f"Host {SERVER}\nHostName 127.0.0.1\nPort {self.port}\nHostKeyAlias {SERVER}\nUserKnownHostsFile {home}/.ssh/known_hosts\nIdentitiesOnly yes\n"
        )
        return {
            "HOME": str(home), "PATH": f"{home}/bin:{os.environ['PATH']}", "SERVER": f"root@{SERVER}",
            "SSH_KEY": (self.keys / "deploy").read_text(), "KNOWN_HOSTS": f"{SERVER} {(self.keys / 'host.pub').read_text()}",
        }  # fmt: skip


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    if os.geteuid():
        pytest.skip("only root can give a server of its own an /opt/bottega")
    made = not HOME.exists()
    HOME.mkdir(exist_ok=True)
    (tmp_path / "bottega").mkdir()
    (tmp_path / "keys").mkdir(mode=0o700)
    host = Host(tmp_path / "bottega", tmp_path / "keys", free_port())
    daemon = host.open()
    try:
        until(lambda: (host.keys / "pid").exists() or daemon.poll() is not None)
        assert daemon.poll() is None, (host.keys / "log").read_text()
        yield host
    finally:
        daemon.terminate()
        daemon.wait(10)
        if made:
            HOME.rmdir()


def test_a_version_reaches_a_server_over_ssh_and_comes_up_from_the_registry(
    released: str, registry: str, images: dict[str, str], host: Host, tmp_path: Path
) -> None:
    environ = prepared(tmp_path, registry, images) | {
        "BOTTEGA_IMAGE": released,
        "COMPOSE_PROJECT_NAME": "bottega-delivery-test",
    }
    (host.folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in environ.items()))
    stack = Stack("compose.prod.yml", "bottega-delivery-test", {**environ, "BOTTEGA_VERSION": "1.2.3"})
    (tmp_path / "runner").mkdir()
    runner = host.runner(tmp_path / "runner")
    try:
        step(script("deploy.yml", "connect"), **runner)
        said = step(script("deploy.yml", "install"), 900, VERSION="1.2.3", **runner)
        assert "version 1.2.3 is up" in said
        assert "BOTTEGA_VERSION=1.2.3\n" in (host.folder / ".env").read_text()
        web = json.loads(run("docker", "inspect", stack.compose("ps", "--quiet", "web").strip()))[0]
        assert web["Config"]["Image"] == f"{released}:1.2.3"
        with pytest.raises(AssertionError, match="no version"):
            step(script("deploy.yml", "install"), VERSION="1.2.3; reboot", **runner)
        step(script("deploy.yml", "forget"), **runner)
        assert not (tmp_path / "runner/.ssh/id_deploy").exists()
    finally:
        stack.down()
        assert stack.left() == []


def prepared(folder: Path, registry: str, images: dict[str, str]) -> dict[str, str]:
    """The folders and secrets of docs/deployment.md below `folder`; the settings that name them."""
    secret = folder / "secrets"
    secret.mkdir(mode=0o700)
    for name in SECRETS:
        (secret / name).write_text(secrets.token_urlsafe(48))
    (secret / "mail_password").touch()
    for name in ("web/static", "web/media", "backups"):
        (folder / name).mkdir(parents=True)
        shutil.chown(folder / name, 1000, 1000)
    return {
        "POSTGRES_IMAGE": f"{registry}/{images.get('POSTGRES_IMAGE', 'postgres:18')}",
        "RABBITMQ_IMAGE": f"{registry}/{images.get('RABBITMQ_IMAGE', 'rabbitmq:3-management')}",
        "PUBLIC_URL": f"https://{SERVER}", "WEB_ROOT": f"{folder}/web", "SECRETS": str(secret), "BACKUPS": f"{folder}/backups",
        "HTTP_PORT": str(free_port()), "FIGURES_PORT": str(free_port()), "ROOM_FIGURES_PORT": str(free_port()),
    }  # fmt: skip
