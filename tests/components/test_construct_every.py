"""Every component of the schema, as the engine asks for it: plain, with unknowns, with secrets, and with what resolves late."""

import copy
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from google.protobuf import json_format
from pulumi.runtime.rpc import UNKNOWN

from tests.components.conftest import PROXY
from tests.components.engine_side import OUTPUT_SIGNATURE, SECRET_SIGNATURE, output, unknown

SCHEMA = json.loads((Path(__file__).parents[2] / "components" / "schema.json").read_text(encoding="utf-8"))
COMPONENTS = {token.rpartition(":")[2]: one for token, one in SCHEMA["resources"].items()}
TYPES = {"string": str, "array": list, "object": dict}

IMAGE = {"repository": "ghcr.io/acme/web", "tag": "1.0.0"}
URL = "https://far.example.com/mcp"
DIGEST = f"sha256:{'a' * 64}"
UPSTREAM = "urn:pulumi:dev::any::acme:index:Upstream::upstream"


class Case(NamedTuple):
    """Arguments of a component, and where among them an output may stand: its path there, and a value."""

    given: dict[str, Any]
    late: dict[tuple[str, ...], str]


WEB = {"image": IMAGE, "env": {"T": {"secret": "token"}, "LATER": "x"}}
TOKEN = {"secrets": {"token": {"config": "theToken"}}, "secretValues": {"theToken": "x"}}
VALUE = {("secretValues", "theToken"): "hush"}
FAR = {"url": URL, "egress": [{"internet": True}], "headers": {"X-Later": "${LATER}"}, "env": {"LATER": "x"}}
BOTH = {"web": WEB, "far": FAR}
LATE_FAR = {("servers", "far", "url"): URL, ("servers", "far", "env", "LATER"): "hush"}
ALONE = {"namespace": "team", "selector": {"app": "web"}}

CASES = {
    "McpStack": Case(
        {
            "stack": "team",
            "proxy": {"image": PROXY},
            "gateway": {"trustNetwork": True},
            "servers": {"web": WEB, "far": FAR},
            **TOKEN,
        },
        {
            **VALUE,
            ("servers", "web", "env", "LATER"): "hush",
            ("servers", "far", "url"): URL,
            ("servers", "far", "env", "LATER"): "hush",
        },
    ),
    "McpServer": Case({"namespace": "team", **WEB, **TOKEN}, {**VALUE, ("env", "LATER"): "hush"}),
    "McpGateway": Case(
        {"namespace": "team", "proxyImage": PROXY, "trustNetwork": True, "servers": {"far": FAR}},
        LATE_FAR,
    ),
    "McpProxy": Case(
        {"namespace": "team", "proxyImage": PROXY, "trustNetwork": True, **FAR}, {("url",): URL, ("env", "LATER"): "hush"}
    ),
    "SecretSync": Case({"namespace": "team", **TOKEN}, VALUE),
    "Exposure": Case(
        {"service": "shop", "port": 80, "domain": "example.com", "parent": {"name": "public"}}, {("service",): "shop-service"}
    ),
    "ImageBuild": Case({"repository": "ghcr.io/acme/web", "digest": DIGEST}, {("digest",): DIGEST}),
    "Autoscaling": Case({"namespace": "team", "workload": "web"}, {}),
    "Disruption": Case({**ALONE, "minReplicas": 2}, {}),
    "Network": Case({**ALONE, "clients": [{"namespace": "agents"}], "ports": [8000], "egress": [{"internet": True}]}, {}),
    "Backup": Case(
        {"namespace": "team", "existingClaim": "data", "size": "5Gi", "image": PROXY, "to": {"s3": {"bucket": "acme"}}},
        {("to", "s3", "bucket"): "acme-backups"},
    ),
    "Monitoring": Case({**ALONE, "labels": {"release": "prometheus"}}, {}),
}

PLACES = [(name, path, value) for name, case in CASES.items() for path, value in case.late.items()]
EVERY = pytest.mark.parametrize("component", CASES)
EVERYWHERE = pytest.mark.parametrize(
    ("component", "path", "value"), PLACES, ids=[f"{name}-{'.'.join(path)}" for name, path, _ in PLACES]
)
MAKES_NOTHING = {"ImageBuild"}


def put(given, path, value):
    made = copy.deepcopy(given)
    inner = made
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return made


def bare(value):
    """`value` without what stands in it as a secret."""
    if isinstance(value, dict):
        if SECRET_SIGNATURE.items() <= value.items() or (OUTPUT_SIGNATURE.items() <= value.items() and value["secret"]):
            return "[secret]"
        return {key: bare(inner) for key, inner in value.items()}
    return [bare(inner) for inner in value] if isinstance(value, list) else value


def fits(found, declared):
    return isinstance(found, TYPES[declared["type"]])


def test_the_cases_are_the_schemas_components():
    assert CASES.keys() == COMPONENTS.keys()


@pytest.mark.parity("stack.package")
@EVERY
@pytest.mark.parametrize("preview", [True, False], ids=["preview", "update"])
def test_every_component_gives_out_what_the_schema_says(construct, component, preview):
    state, objects = construct(component, "web", CASES[component].given, preview)
    declared = COMPONENTS[component]
    assert set(declared.get("required", [])) <= state.keys() <= declared["properties"].keys()
    assert [name for name, value in state.items() if value is not None and not fits(value, declared["properties"][name])] == []
    assert objects or component in MAKES_NOTHING


@pytest.mark.parity("stack.package")
@EVERYWHERE
@pytest.mark.parametrize("sent", [UNKNOWN, unknown(UPSTREAM)], ids=["bare", "output"])
def test_what_is_unknown_in_a_preview_reaches_what_it_is_for_and_hides_no_name(construct, engine, component, path, value, sent):
    def asked(given):
        state, _ = construct(component, "web", put(CASES[component].given, path, given))
        objects = {one.name: json_format.MessageToDict(one.object) for one in engine[1].registered if one.custom}
        engine[1].registered.clear()
        return state, objects

    state, objects = asked(sent)
    plain, made = asked(value)
    assert objects.keys() == made.keys()
    unlike = {name for name in objects if objects[name] != made[name]}
    assert unlike or component in MAKES_NOTHING
    shown = {name: one["metadata"]["name"] for name, one in objects.items() if not name.endswith("-config")}
    assert shown == {name: one["metadata"]["name"] for name, one in made.items() if not name.endswith("-config")}
    assert state.keys() == plain.keys()
    assert {key for key in state if state[key] != plain[key]} <= ({"digest", "reference"} if component == "ImageBuild" else set())


@pytest.mark.parity("stack.package")
@EVERYWHERE
def test_a_secret_stays_one_in_everything_that_is_made_of_it(construct, engine, component, path, value):
    marked = value.replace("hush", "a-value-that-nobody-may-see").replace("far.", "nobody-may-see.").replace("aaaa", "bbbb")
    state, _ = construct(component, "web", put(CASES[component].given, path, output(marked)), preview=False)
    registered = [json_format.MessageToDict(one.object) for one in engine[1].registered]
    assert marked in str(registered) or component in MAKES_NOTHING
    assert marked in str(state) if component in MAKES_NOTHING else marked not in str(state)
    assert marked not in str([bare(state), bare(registered)])
    assert marked not in str([one for one in registered if one.get("kind") == "ConfigMap"])


@pytest.mark.parity("stack.package")
@EVERYWHERE
def test_what_resolves_late_is_waited_for_by_what_is_made_of_it(construct, engine, component, path, value):
    """In an update the engine sends the value with the resources that it comes from; children say that they depend on these."""
    late = {**OUTPUT_SIGNATURE, "value": value, "secret": False, "dependencies": [UPSTREAM]}
    state, _ = construct(component, "web", put(CASES[component].given, path, late), preview=False)
    assert value in str([json_format.MessageToDict(one.object) for one in engine[1].registered]) + str(state)
    waiting = [one for one in engine[1].registered if one.custom and UPSTREAM in one.dependencies]
    assert waiting or component in MAKES_NOTHING
    assert all(UPSTREAM in str(one.propertyDependencies) for one in waiting)
