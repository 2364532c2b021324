"""A change of each component of every shipped stack: its own objects change, and no other's."""

from functools import cache

import pytest

from mcp_stack.preview import render
from mcp_stack.preview.diff import compare
from tests.changes import CHANGES, changed
from tests.e2e.project import Copy
from tests.judges.stacks import OF_FILES, OF_FILES_NAMES, rendered

SERVING = ("Deployment", "StatefulSet", "Service", "Namespace", "PersistentVolumeClaim", "Secret", "Ingress", "HTTPRoute")
"""Kinds whose replacement interrupts somebody."""


@pytest.mark.parametrize("name", OF_FILES_NAMES)
def test_a_change_of_a_component_reaches_its_objects_alone_and_replaces_none_that_serves(name, tmp_path):
    project, stack = OF_FILES[OF_FILES_NAMES.index(name)]
    copy = Copy(project, stack, tmp_path / "project")
    before, data = rendered(project, stack), copy.data
    components = [one for one in before.resources if not one.custom and one.type != "pulumi:pulumi:Stack"]
    components = [one for one in components if below(before, one) != {one.urn}]  # others' secrets make nothing
    assert components

    @cache
    def after(type_, component):
        copy.write(changed(data, type_, component, stack))
        return render(copy.directory, stack)

    for component in components:
        nearest = with_a_change(before, component)
        other = after(nearest.type, nearest.name)
        items = compare(before, other).items
        touched = {item.item.urn for item in items}
        assert touched & (below(before, component) | below(other, component)), f"nothing of {component.urn} changed"
        assert touched <= below(before, nearest) | below(other, nearest)
        assert [item.item.urn for item in items if item.replaces and item.item.kind in SERVING] == []


def with_a_change(rendered_, component):
    """The component itself, or the nearest one round it of which tests/changes.py knows a change."""
    by_urn = {one.urn: one for one in rendered_.resources}
    while component.type not in CHANGES:
        component = by_urn[component.parent]
    return component


def below(rendered_, component):
    """URNs of a component and of everything in it."""
    parents = {one.urn: one.parent for one in rendered_.resources}
    found = set()
    for urn in parents:
        above = urn
        while above in parents and above != component.urn:
            above = parents[above]
        if above == component.urn:
            found.add(urn)
    return found
