"""A stack in which everything fits, and a way to break it in one place."""

from copy import deepcopy
from pathlib import Path

import yaml

from mcp_stack.preview.checks import External, check_objects
from mcp_stack.preview.rendered import KubeObject

SOUND = list(yaml.safe_load_all((Path(__file__).parent / "sound.yaml").read_text(encoding="utf-8")))

GONE = object()
"""In place of a value: the key is removed."""


TEMPLATE = ("spec", "template")
POD = (*TEMPLATE, "spec")
CONTAINER = (*POD, "containers", 0)


def find(objects, title):
    """`Deployment clock` among plain manifests."""
    return next(item for item in objects if f"{item['kind']} {item['metadata']['name']}" == title)


def edited(*edits):
    """The sound stack with `(title, path, value)` put in; an edit without a path adds an object, one with GONE removes."""
    objects = deepcopy(SOUND)
    for title, path, value in edits:
        if title is None:
            objects.append(deepcopy(value))
        elif not path:
            objects.remove(find(objects, title))
        else:
            place = find(objects, title)
            for step in path[:-1]:
                place = place.setdefault(step, {}) if isinstance(place, dict) else place[step]
            if value is GONE:
                del place[path[-1]]
            elif isinstance(place, list) and path[-1] == len(place):
                place.append(deepcopy(value))
            else:
                place[path[-1]] = deepcopy(value)
    return objects


def findings(*edits, external=None):
    """What is wrong after the edits."""
    return check_objects([KubeObject(manifest) for manifest in edited(*edits)], external or External())


def brief(found):
    """`(check, object, path)` of findings."""
    return [(finding.check, finding.object, finding.path) for finding in found]


def expect(check, edits, faults):
    """Exactly `faults` are found, as `(object, path, part of the message)`, all by `check`."""
    found = findings(*edits)
    assert [(finding.check, finding.object, finding.path) for finding in found] == [(check, *fault[:2]) for fault in faults]
    for finding, (_, _, text) in zip(found, faults, strict=True):
        assert text in finding.message
