"""The list of attackers does what it is for: the real nginx refuses them, and the real fail2ban reads all of them."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deployment.front_door import FrontDoor
from webapp.blueprints.traffic.services.blocking import Blocked, for_fail2ban, for_nginx
from webapp.core.settings import PROJECT

NOW = dt.datetime.now(dt.UTC)
LIST = [
    Blocked(address, 3, NOW - dt.timedelta(days=day), signature)
    for day, (address, signature) in enumerate(
        {
            "203.0.113.7": "wordpress",
            "2001:db8:aaaa::7": "injection",
            "::ffff:198.51.100.4": "rule",
            "198.51.100.9": "misses",
        }.items()
    )
]


@pytest.mark.needs("nginx")
@pytest.mark.needs("openssl")
def test_nginx_takes_the_list_and_refuses_who_is_in_it(tmp_path: Path) -> None:
    door = FrontDoor(tmp_path / "root")
    door.root.mkdir()
    door.install()
    blocked = door.root / "etc/nginx/bottega/optional.d/blocked.conf"
    blocked.write_text(for_nginx(LIST, NOW))
    done = subprocess.run(door.command("-t"), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (door.root / "nginx.pid").unlink()  # the test of a configuration leaves an empty one
    page = door.root / "opt/web/media/page.txt"
    page.write_text("here")
    with door.open():
        assert door.ask("/media/page.txt").status == 200  # nobody of the list
    here = Blocked("127.0.0.1", 1, NOW, "rule")
    blocked.write_text(for_nginx([*LIST, here], NOW))
    with door.open():
        for path in ("/media/page.txt", "/login", "/static/dist/core.js"):
            assert door.ask(path).status == 403, path


@pytest.mark.needs("fail2ban-regex")
def test_fail2ban_reads_every_line_of_the_list_by_the_filter_of_the_house(tmp_path: Path) -> None:
    log = tmp_path / "attackers.log"
    log.write_text(for_fail2ban(LIST))
    words = ["fail2ban-regex", "--print-all-matched", str(log), str(PROJECT / "deploy/fail2ban/filter.d/bottega.conf")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"Lines: {len(LIST)} lines, 0 ignored, {len(LIST)} matched, 0 missed" in done.stdout


@pytest.mark.needs("fail2ban-client")
@pytest.mark.needs("fail2ban-server")
def test_fail2ban_bans_who_is_in_the_list(tmp_path: Path) -> None:
    shutil.copytree("/etc/fail2ban", tmp_path / "fail2ban")
    for path in (tmp_path / "fail2ban/jail.d").iterdir():  # the jails of this machine
        path.unlink()
    shutil.copytree(PROJECT / "deploy/fail2ban", tmp_path / "fail2ban", dirs_exist_ok=True)
    jail = tmp_path / "fail2ban/jail.d/bottega.conf"
    log = tmp_path / "attackers.log"
    log.touch()
    # no rule of a firewall is made here: what is tried is who is banned
    written = jail.read_text().replace("/var/log/bottega-attackers.log", str(log)) + "banaction = noop\n"
    jail.write_text(written)
    (tmp_path / "fail2ban/action.d/noop.conf").write_text("[Definition]\nactionban = true\nactionunban = true\n")
    client = [
        "fail2ban-client",
        "-c",
        str(tmp_path / "fail2ban"),
        "-s",
        str(tmp_path / "f.sock"),
        "-p",
        str(tmp_path / "f.pid"),
    ]
    options = ["--logtarget", str(tmp_path / "f.log"), "--loglevel", "INFO"]
    tested = subprocess.run([*client, "-t"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stdout + tested.stderr
    (tmp_path / "fail2ban/fail2ban.local").write_text(f"[DEFAULT]\ndbfile = {tmp_path / 'f.sqlite3'}\n")
    subprocess.run([*client, *options, "start"], capture_output=True, check=True)
    try:
        log.write_text(for_fail2ban(LIST))
        banned: set[str] = set()
        for _ in range(100):
            said = subprocess.run([*client, "status", "bottega"], capture_output=True, text=True, check=True).stdout
            banned = set(re.findall(r"[\w.:]+", said.partition("Banned IP list:")[2]))
            if len(banned) == len(LIST):
                break
            subprocess.run(["sleep", "0.2"], check=True)
        assert banned == {"203.0.113.7", "2001:db8:aaaa::7", "198.51.100.4", "198.51.100.9"}
    finally:
        subprocess.run([*client, "stop"], capture_output=True, check=False)
