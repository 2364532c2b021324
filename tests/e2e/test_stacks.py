"""Every shipped stack through the real engine, against a real API server: see tests/e2e/journey.py for the steps."""

import pytest

from mcp_stack.manifests import retained
from tests.judges.stacks import OF_FILES, OF_FILES_NAMES, rendered

EVERY = pytest.mark.parametrize("name", OF_FILES_NAMES)

SERVING = ("Deployment", "StatefulSet", "Service", "Namespace", "PersistentVolumeClaim", "Secret", "Ingress", "HTTPRoute")
"""Kinds whose replacement interrupts somebody."""


@pytest.fixture
def steps(journeys, name):
    return journeys.steps(name)


def seen(steps, step):
    """What a step observed; its error, or that it was never reached, fails the test."""
    assert step in steps, f"not reached; the last step was {list(steps.values())[-2:]}"
    assert "error" not in steps[step], steps[step]["error"]
    return steps[step]["seen"]


def operations(observed):
    return sorted({one["op"] for one in observed["operations"]})


def resources(name):
    return [one for one in rendered(*OF_FILES[OF_FILES_NAMES.index(name)]).resources if one.type != "pulumi:pulumi:Stack"]


@EVERY
def test_a_preview_creates_everything_and_nothing_happens(steps, name):
    preview = seen(steps, "preview")
    assert sorted(one["urn"] for one in preview["operations"]) == sorted(one.urn for one in resources(name))
    assert operations(preview) == ["create"]
    assert preview["there"] == []


@EVERY
def test_up_creates_what_the_preview_said(steps, name):
    planned, done = seen(steps, "preview"), seen(steps, "up")
    assert sorted(one["urn"] for one in done["operations"]) == sorted(one["urn"] for one in planned["operations"])
    assert operations(done) == ["create"]


@EVERY
def test_the_api_server_holds_what_is_rendered_object_by_object(steps, name):
    up = seen(steps, "up")
    assert up["objects"] == len(rendered(*OF_FILES[OF_FILES_NAMES.index(name)]).objects)
    assert up["disagreements"] == {}


@EVERY
def test_a_second_up_changes_nothing(steps, name):
    assert seen(steps, "up again")["operations"] == []


@EVERY
def test_a_change_of_every_component_does_what_its_diff_said_and_replaces_nothing_that_serves(steps, name):
    """That the change of one component reaches no other's objects is shown in tests/preview/diff/test_every_stack.py."""
    change = seen(steps, "change")
    assert change["disagreements"] == {}
    assert done(change) == said(change) != []
    replaced = [one["urn"] for one in change["operations"] if "replace" in one["op"] and kind(one["type"]) in SERVING]
    assert replaced == []


def said(change):
    """(operation, URN) of what the comparison of two evaluations shows to a reviewer."""
    return sorted((AS_ENGINES_SAY[action], urn) for action, urn in change["said"])


def done(change):
    return sorted({(REPLACING.get(one["op"], one["op"]), one["urn"]) for one in change["operations"]})


AS_ENGINES_SAY = {"create": "create", "change": "update", "replace": "replace", "delete": "delete"}

REPLACING = {"create-replacement": "replace", "delete-replaced": "replace"}


def kind(type_):
    return type_.rpartition(":")[2]


@EVERY
def test_the_change_taken_back_does_what_its_diff_said_and_leaves_what_was_there_before(steps):
    back = seen(steps, "back")
    assert back["disagreements"] == {}
    assert done(back) == said(back)


@EVERY
def test_a_refresh_finds_what_somebody_else_changed_and_nothing_that_the_api_server_wrote_in_another_way(steps):
    refresh = seen(steps, "refresh")
    assert [(one["op"], one["urn"]) for one in refresh["operations"]] == [("update", refresh["urn"])]


@EVERY
@pytest.mark.parity("stack.uninstall")
def test_destroy_leaves_nothing_behind_but_a_namespace_that_is_to_stay(steps, name):
    destroy = seen(steps, "destroy")
    assert sorted(one["urn"] for one in destroy["operations"]) == sorted(one.urn for one in resources(name))
    assert operations(destroy) == ["delete"]
    assert destroy["there"] == [one.title for one in rendered(*OF_FILES[OF_FILES_NAMES.index(name)]).objects if retained(one.plain)]
    assert destroy["state"] == 0
