"""No inert key: each leaf of the schema, changed alone, changes what is rendered."""

from dataclasses import replace

import pytest

from mcp_stack.manifests import manifests_for
from mcp_stack.spec import StackFile, load_spec
from mcp_stack.spec.gateway import GatewaySpec
from mcp_stack.spec.server import INHERITED, KEYS_OF_KIND, ServerSpec
from mcp_stack_proxy.config import ConfigError
from tests.spec.keys import walk
from tests.spec.keys.room import suffix_in
from tests.spec.keys.rooms import ROOMS
from tests.spec.keys.walk import REFUSALS, REFUSED, document, every_path, owners, rooms_of, values_of


def test_the_walk_reaches_every_model():
    paths = set(every_path())
    assert ("servers", "image", "probes", "readiness", "http_get", "path") in paths
    assert ("gateway", "limits", "drain_seconds") in paths
    assert ("servers", "url", "headers") in paths
    assert ("servers", "url", "replicas") not in paths
    assert ("gateway", "virtual_servers", "*", "tools", "0", "annotations", "read_only") in paths
    assert len(paths) > 400


def test_every_key_is_in_exactly_one_room():
    lost = {".".join(path): owner.__module__ for path, owner in owners() if len(rooms_of(owner)) != 1}
    assert lost == {}, "name the module in exactly one room of tests/spec/keys"


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.modules[0])
def test_a_room_says_nothing_about_keys_that_it_does_not_have(room):
    own = [path for path, owner in owners() if rooms_of(owner) == [room]]
    for table in (room.values, room.refused, room.beside, room.refusals):
        assert set(table) - {suffix_in(table, path) for path in own} == set()


def outcome(path, value):
    """What the stack renders to, or why it is refused."""
    try:
        spec = load_spec(document(path, value), "test", cluster=False)
    except ConfigError as error:
        if not ".".join(path).endswith(REFUSALS):
            raise
        return str(error)
    return manifests_for(spec, value_of=lambda key: f"value of {key}")


@pytest.mark.parity("stack.unknown-keys")
@pytest.mark.parametrize("path", [pytest.param(path, id=".".join(path)) for path in every_path()])
def test_each_key_changes_what_is_rendered(path):
    first, second = values_of(path)
    for place, why in REFUSED.items():
        if ".".join(path).endswith(place):
            with pytest.raises(ConfigError, match=why):
                outcome(path, second)
            return
    assert outcome(path, first) != outcome(path, second), f"{'.'.join(path)} does nothing"


def test_a_key_that_does_nothing_is_found(monkeypatch):
    """The walk itself can fail: an inert key is planted in the schema."""
    path = ("servers", "image", "planted")
    (room,) = rooms_of(ServerSpec)
    monkeypatch.setattr(walk, "room_of", lambda _: replace(room, values={"planted": ("one", "two")}))
    monkeypatch.setitem(KEYS_OF_KIND, "image", KEYS_OF_KIND["image"] | {"planted"})
    monkeypatch.setitem(ServerSpec.model_config, "extra", "allow")
    ServerSpec.model_rebuild(force=True)
    StackFile.model_rebuild(force=True)
    try:
        with pytest.raises(AssertionError, match="does nothing"):
            test_each_key_changes_what_is_rendered(path)
    finally:
        monkeypatch.undo()
        ServerSpec.model_rebuild(force=True)
        StackFile.model_rebuild(force=True)


def test_kinds_and_their_keys_name_real_fields():
    for keys in (*KEYS_OF_KIND.values(), *INHERITED.values()):
        assert keys <= set(ServerSpec.model_fields)
    assert set(GatewaySpec.model_fields) & {"url", "command"} == set()
