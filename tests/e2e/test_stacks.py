"""Every shipped stack through the real engine, against a real API server: see tests/e2e/journey.py for the steps."""

import pytest

from mcp_stack.manifests import retained
from tests.e2e.changes import CHANGES
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
def test_a_change_of_each_component_reaches_its_objects_alone_and_replaces_none_that_serves(steps, name):
    components = [one for one in resources(name) if not one.custom]
    components = [one for one in components if below(one, name) != {one.urn}]  # secrets that are all of somebody else make nothing
    assert components
    for component in components:
        change = seen(steps, f"change {changing(component, name).urn}")
        assert change["disagreements"] == {}
        touched = {one["urn"] for one in change["operations"]}
        assert touched & below(component, name), f"nothing of {component.urn} changed"
        assert touched <= below(changing(component, name), name)
        replaced = [one["urn"] for one in change["operations"] if "replace" in one["op"] and kind(one["type"]) in SERVING]
        assert replaced == []


def changing(component, name):
    """The component itself, or the nearest one round it of which tests/e2e/changes.py knows a change."""
    by_urn = {one.urn: one for one in resources(name)}
    while component.type not in CHANGES:
        component = by_urn[component.parent]
    return component


def below(component, name):
    """URNs of a component and of everything in it."""
    parents = {one.urn: one.parent for one in resources(name)}
    found = set()
    for urn in parents:
        above = urn
        while above in parents and above != component.urn:
            above = parents[above]
        if above == component.urn:
            found.add(urn)
    return found


def kind(type_):
    return type_.rpartition(":")[2]


@EVERY
def test_the_change_taken_back_leaves_what_was_there_before(steps):
    assert seen(steps, "back")["disagreements"] == {}


@EVERY
def test_a_refresh_finds_nothing_that_the_api_server_wrote_in_another_way(steps):
    assert seen(steps, "refresh")["operations"] == []


@EVERY
def test_a_refresh_shows_what_somebody_else_changed(steps):
    drift = seen(steps, "drift")
    assert [(one["op"], one["urn"]) for one in drift["operations"]] == [("update", drift["urn"])]


@EVERY
@pytest.mark.parity("stack.uninstall")
def test_destroy_leaves_nothing_behind_but_a_namespace_that_is_to_stay(steps, name):
    destroy = seen(steps, "destroy")
    assert sorted(one["urn"] for one in destroy["operations"]) == sorted(one.urn for one in resources(name))
    assert operations(destroy) == ["delete"]
    assert destroy["there"] == [one.title for one in rendered(*OF_FILES[OF_FILES_NAMES.index(name)]).objects if retained(one.plain)]
    assert destroy["state"] == 0
