"""A second Docker Engine beside the first, as on another machine: network, firewall, mounts and disk of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest

from tests.conftest import NEEDS_ALL
from tests.deployment.engine import await_engine

# a dockerd that finds another one in its network takes away that one's bridge: this one never sees it
SCRIPT = """
mount -t tmpfs tmpfs /run
ip link set lo up
[ -z "$IMAGE" ] || mount -o "loop,$OPTIONS" "$IMAGE" "$FOLDER/data"
exec 3<&"$LISTENER"-
export LISTEN_FDS=1 LISTEN_PID=$$
exec dockerd --data-root "$FOLDER/data" --exec-root "$FOLDER/exec" --pidfile "$FOLDER/pid" \
  --host "unix://$FOLDER/sock" --host fd:// --default-address-pool base=10.211.0.0/16,size=26 "$@"
"""


@dataclass(frozen=True)
class OtherEngine:
    """Its address for who has a certificate, and a client on its own socket, for the test alone."""

    address: str
    client: docker.DockerClient

    def give(self, image: str) -> None:
        """Copy an image of the first engine to it."""
        first = docker.from_env()
        try:
            for _line in self.client.api.load_image(first.api.get_image(image)):
                pass
        finally:
            first.close()


@contextmanager
def other_engine(*options: str, disk: Path | None = None, mounted: str = "") -> Iterator[OtherEngine]:
    """Run one with further options of `dockerd`; `disk` is a file with a file system for its data, `mounted` how. Skips for who is not root."""
    if os.geteuid() and not NEEDS_ALL:
        pytest.skip("only root can start a Docker Engine")
    folder = Path(tempfile.mkdtemp(prefix="bottega-dockerd-"))
    (folder / "data").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as listener, (folder / "log").open("w") as log:
        address = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        process = subprocess.Popen(
            ["unshare", "--mount", "--net", "bash", "-ec", SCRIPT, "dockerd", *options],
            env={**os.environ, "FOLDER": str(folder), "LISTENER": str(listener.fileno()), "IMAGE": str(disk or ""), "OPTIONS": mounted},
            pass_fds=(listener.fileno(),), stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        await_engine(process, folder / "log", "--host", f"unix://{folder}/sock")
        client = docker.DockerClient(base_url=f"unix://{folder}/sock", version="auto")
        try:
            yield OtherEngine(address, client)
        finally:
            for container in client.api.containers(all=True):
                client.api.remove_container(container["Id"], v=True, force=True)
            client.close()
    finally:
        process.terminate()
        process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


class Authority:
    """Signs certificates for an engine and for who may use it, as `docker_tls` folders have them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self._openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=authority", "-keyout", "ca-key.pem", "-out", "ca.pem",
        )  # fmt: skip

    def sign(self, name: str, *, names: str = "", purpose: str = "clientAuth") -> Path:
        """A folder with ca.pem, cert.pem and key.pem; `names` as in IP:127.0.0.1."""
        folder = self.folder / name
        folder.mkdir()
        (folder / "facts").write_text(f"extendedKeyUsage={purpose}\n" + f"subjectAltName={names}\n" * bool(names))
        self._openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", f"/CN={name}", "-keyout", f"{name}/key.pem", "-out", f"{name}/asked",
        )  # fmt: skip
        self._openssl(
            "x509", "-req", "-in", f"{name}/asked", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial",
            "-days", "2", "-extfile", f"{name}/facts", "-out", f"{name}/cert.pem",
        )  # fmt: skip
        shutil.copy(self.folder / "ca.pem", folder)
        return folder

    def _openssl(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, check=True)
