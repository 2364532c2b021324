"""Objects that the API server has room for."""

from copy import deepcopy

import pytest

from tests.preview.checks.sound import TEMPLATE, expect, findings


def config_map(text):
    metadata = {"name": "big", "namespace": "shop"}
    return [(None, (), {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": text}})]


@pytest.mark.parametrize("text", ["x" * (1024 * 1024 + 1), "ü" * (512 * 1024 + 1)])
def test_a_config_map_that_is_too_large_is_found(text):
    expect("sizes", config_map(text), [("ConfigMap shop/big", "data", "a ConfigMap holds 1048576 at most")])


def test_a_config_map_at_the_limit_is_fine():
    assert findings(*config_map("ü" * (512 * 1024))) == []


@pytest.mark.parametrize("path", [("metadata",), (*TEMPLATE, "metadata")])
def test_annotations_that_are_too_large_are_found(path):
    at = ".".join((*path, "annotations"))
    annotations = {"owner": "x" * (256 * 1024 - len("owner") + 1)}
    edits = [("Deployment clock", (*path, "annotations"), annotations)]
    expect("sizes", edits, [("Deployment shop/clock", at, "262145 bytes; an object has 262144 at most")])
    fitting = deepcopy(annotations)
    fitting["owner"] = fitting["owner"][1:]
    assert findings(("Deployment clock", (*path, "annotations"), fitting)) == []
