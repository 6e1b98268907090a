"""The files that GitHub reads are in the form that GitHub wants, as far as its schemas tell."""

import subprocess
import sys

import pytest
import yaml

from tests.packaging.environments import ROOT

GITHUB = ROOT / ".github"


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", "workflows/*.yml"),
        ("vendor.github-issue-forms", "ISSUE_TEMPLATE/[!c]*.yml"),
        ("vendor.github-issue-config", "ISSUE_TEMPLATE/config.yml"),
        ("vendor.dependabot", "dependabot.yml"),
    ],
)
def test_each_file_has_the_form_that_github_wants(schema: str, files: str) -> None:
    found = [str(path) for path in GITHUB.glob(files)]
    assert found
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *found]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


def test_the_tests_run_on_every_python_that_the_project_names() -> None:
    workflow = yaml.safe_load((GITHUB / "workflows/ci.yml").read_text(encoding="utf-8"))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for version in workflow["jobs"]["test"]["strategy"]["matrix"]["python"]:
        assert f'"Programming Language :: Python :: {version}"' in project
    assert project.count("Programming Language :: Python ::") == 3


def test_only_the_job_that_publishes_may_prove_who_it_is() -> None:
    workflow = yaml.safe_load((GITHUB / "workflows/publish.yml").read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    allowed = {name for name, job in workflow["jobs"].items() if "id-token" in str(job)}
    assert allowed == {"publish"}
