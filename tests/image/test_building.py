"""The commands of `make image`: what a reader of the image can tell, and what makes two builds one."""

import re
from pathlib import Path

import pytest

from tools.image.building import Build, flags_of

ROOT = Path(__file__).parents[2]


def build(builder="buildah", **changes):
    given = {"base": "python:3.11-slim", "tag": "proxy:1", "version": "1.2.3", "revision": "abc", "epoch": 86400, **changes}
    return Build(builder=builder, **given)


def arguments(command):
    return dict(command[at + 1].split("=", 1) for at, word in enumerate(command) if word == "--build-arg")


@pytest.mark.parametrize("builder", ["buildah", "docker"])
def test_base_version_commit_and_time_are_handed_to_the_build(builder):
    assert arguments(build(builder).command()) == {
        "BASE": "python:3.11-slim",
        "VERSION": "1.2.3",
        "REVISION": "abc",
        "CREATED": "1970-01-02T00:00:00Z",
        "SOURCE_DATE_EPOCH": "86400",
    }


@pytest.mark.parametrize(
    ("builder", "said"),
    [
        ("buildah", ["--timestamp", "86400", "--identity-label=false"]),
        ("docker", ["--output", "type=docker,rewrite-timestamp=true", "--provenance=false", "--sbom=false", "--no-cache"]),
    ],
)
def test_nothing_of_when_and_by_whom_it_was_built_goes_in(builder, said):
    command = build(builder).command()
    assert [word for word in command if word in said] == said


@pytest.mark.parametrize("builder", ["buildah", "docker"])
def test_steps_of_an_earlier_build_are_taken_over_where_that_is_asked_for(builder):
    fresh, cached = build(builder).command(), build(builder, cached=True).command()
    differing = {"buildah": (set(), {"--layers"}), "docker": ({"--no-cache"}, set())}
    assert (set(fresh) - set(cached), set(cached) - set(fresh)) == differing[builder]


def test_flags_of_the_machine_come_last_before_the_context():
    flags = flags_of("buildah", {"BUILDAH_FLAGS": "--network host -v '/a b:/c'", "DOCKER_FLAGS": "--pull"})
    assert flags == ("--network", "host", "-v", "/a b:/c")
    assert build(flags=flags).command()[-5:] == [*flags, "."]


def test_the_dockerfile_takes_every_argument_that_the_build_gives():
    text = (ROOT / "proxy" / "Dockerfile").read_text()
    taken = set(re.findall(r"\b([A-Z_]+)(?==|\s|$)", " ".join(line[4:] for line in text.splitlines() if line.startswith("ARG "))))
    assert set(arguments(build().command())) <= taken


def test_what_goes_into_the_image_is_pinned_as_what_runs_here():
    """The same versions and hashes as in run.txt, so that the tests have run what the image has."""
    pinned = (ROOT / "requirements" / "run.txt").read_text()
    versions = re.findall(r"^[a-z][\w.-]*==\S+", (ROOT / "requirements" / "image.txt").read_text(), re.MULTILINE)
    assert versions
    assert [one for one in versions if one not in pinned] == []


def test_the_proxys_own_requirements_are_those_of_the_image():
    project = (ROOT / "proxy" / "pyproject.toml").read_text()
    wanted = (ROOT / "requirements" / "image.in").read_text().splitlines()
    listed = [
        one for line in re.findall(r"^(?:dependencies|serve|s3) = \[(.*)\]", project, re.MULTILINE) for one in line.split(", ")
    ]
    named = {re.split(r"[<>=]", one.strip('"'))[0] for one in listed}
    assert {re.split(r"[<>=]", line)[0] for line in wanted if line[0].isalpha()} == named
