"""Random stacks: valid ones pass every judge, spoiled ones are refused with every mistake by its path.

`make test` draws the same few each time; `make stacks STACKS=500` draws as many of each, others each time.
"""

import copy
import os
from functools import partial

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from mcp_stack.spec import load_spec
from mcp_stack_proxy.config import ConfigError
from tests.dotted import put
from tests.spec.keys.walk import BASE
from tests.stacks.drawn import KEYS, stacks, with_key, with_twin
from tests.stacks.judged import faults, project
from tests.stacks.planted import OFFERED, SERVERS, WHOLE, spoiled, unnamed

BOUNDED = 60
STACKS = int(os.environ.get("STACKS", BOUNDED))

random = partial(
    settings,
    max_examples=STACKS,
    derandomize=STACKS == BOUNDED,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
    deadline=None,
)


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return project(tmp_path_factory.mktemp("stack"))


@random()
@given(drawn=stacks())
def test_any_valid_stack_passes_every_judge(directory, drawn):
    data, spec, _ = drawn
    assert list(faults(directory, data, spec)) == []


@random()
@given(drawn=spoiled())
def test_any_spoiled_stack_is_refused_with_every_mistake_and_nothing_else(drawn):
    data, planted = drawn
    assert unnamed(data, planted) == ({}, [])


def test_every_key_of_the_schema_can_be_drawn():
    assert len(KEYS) > 1000


def test_what_contradicts_is_left_out():
    fixed = with_key(BASE, ("servers", "image", "replicas"), 3)
    assert fixed is not None
    assert with_key(fixed, ("servers", "image", "autoscaling", "min"), 2) is None
    assert with_twin({**fixed, "servers": {}}, "image") is None
    twins = with_twin(fixed, "image")
    assert twins is not None
    assert len(twins["servers"]) == len(fixed["servers"]) + 1


@pytest.mark.parametrize("what", [*SERVERS, *OFFERED, *WHOLE])
def test_each_mistake_alone_is_one(what):
    data = copy.deepcopy(BASE)
    if what in WHOLE:
        place, value, path = WHOLE[what]
        put(data, place, value)
    else:
        make, key = {**SERVERS, **OFFERED}[what]
        data["servers"]["planted"] = make("planted")
        path = f"servers.planted.{key}".rstrip(".")
    with pytest.raises(ConfigError):
        load_spec(copy.deepcopy(data), "test")
    assert unnamed(data, {what: path}) == ({}, [])


def test_a_mistake_that_is_not_there_is_missed():
    assert unnamed(copy.deepcopy(BASE), {"nothing": "servers"}) == ({"nothing": "servers"}, [])


def test_the_judges_see_what_is_planted(directory, monkeypatch):
    """The walk itself can fail: an object that no schema knows."""
    spec = load_spec(copy.deepcopy(BASE), "test")
    assert list(faults(directory, BASE, spec)) == []
    monkeypatch.setattr("tests.stacks.judged.shown", lambda item: {**item.plain, "planted": 1})
    assert list(faults(directory, BASE, spec)) != []
