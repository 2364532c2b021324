"""What TypeScript adds to a program that runs (test_languages.py): types that refuse mistakes, and what an editor shows."""

import itertools
import json
import os
import re
import subprocess

import pytest
import yaml

from tests.e2e.building import EXAMPLE, PACKAGES, SNIPPET, TYPESCRIPT, missing_node, node_sdk, shown_by_an_editor, typescript
from tests.e2e.engine import Bucket, engine_environment

SECONDS = 120

pytestmark = [
    pytest.mark.skipif(missing_node() is not None, reason=missing_node() or ""),
    pytest.mark.parity("stack.package"),
]


def mistakes():
    """Line by line: what is to be said of a mistake, as a comment, and below it the mistake under a name of its own."""
    lines = enumerate((TYPESCRIPT / "wrong.ts").read_text("utf-8").splitlines(), 1)
    for (_, said), (number, line) in itertools.pairwise(lines):
        if said.startswith("// ") and "new " in line:
            yield re.search('"([a-z-]+)"', line)[1], (number, said.removeprefix("// "))


WRONG = dict(mistakes())
"""Name of a mistake -> its line, and what is to be said of it."""


@pytest.mark.parametrize("program", ["index.ts", "main.ts", "refused.ts", "values.ts", SNIPPET])
def test_what_is_shown_compiles_under_strict_types(program):
    assert typescript().errors[program] == {}


def test_the_example_asks_for_the_package_under_the_name_and_at_the_place_that_the_command_gives_it():
    paths = (EXAMPLE / "package.json", node_sdk() / "sdk" / "package.json", PACKAGES.parent / "package.json")
    asked, made, pinned = (json.loads(path.read_text("utf-8")) for path in paths)
    project = yaml.safe_load((EXAMPLE / "Pulumi.yaml").read_text("utf-8"))
    ((package, place),) = project["packages"].items()
    assert (EXAMPLE / place / "PulumiPlugin.yaml").is_file()
    assert asked["dependencies"][made["name"]] == f"file:sdks/{package}"
    assert asked["dependencies"]["@pulumi/pulumi"] == f"^{pinned['dependencies']['@pulumi/pulumi']}"


def test_nothing_but_the_mistakes_is_refused():
    assert set(typescript().errors["wrong.ts"]) == {number for number, _ in WRONG.values()}
    assert len(WRONG) == 10


@pytest.mark.parametrize(("number", "said"), WRONG.values(), ids=WRONG)
def test_the_compiler_says_what_is_wrong(number, said):
    assert said in typescript().errors["wrong.ts"][number]


@pytest.fixture(scope="module")
def shown():
    """What an editor shows of each key."""
    return shown_by_an_editor()


def test_an_editor_explains_every_key_on_one_line_in_the_programs_own_words(shown):
    assert len(shown) > 1000
    assert [key for key, one in shown.items() if not one["doc"].strip() or "\n" in one["doc"]] == []
    keys = {key.rpartition(".")[2] for key in shown}
    words = {key: re.findall(r"[a-z]+(?:_[a-z]+)+", " ".join(re.findall("`[^`]*`", one["doc"]))) for key, one in shown.items()}
    foreign = {
        key: [one for one in found if re.sub("_(.)", lambda part: part[1].upper(), one) in keys] for key, found in words.items()
    }
    assert {key: found for key, found in foreign.items() if found} == {}


def test_only_objects_of_somebody_elses_api_are_of_any_type(shown):
    assert {key for key, one in shown.items() if re.search(r"\bany\b", one["type"])} == {"McpProxy.container", "McpProxy.volumes"}


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("types.input.ServiceArgs.type", ["ClusterIP", "NodePort", "LoadBalancer"]),
        ("types.input.ImageArgs.pullPolicy", ["Always", "IfNotPresent", "Never"]),
        ("McpServerArgs.restart", ["reloader", "infisical", "rereads"]),
    ],
)
def test_an_editor_offers_the_values_that_there_are(shown, key, values):
    assert shown[key]["values"] == values


def test_names_of_types_say_what_they_are_once(shown):
    assert [key for key in shown if "ArgsArgs" in key or "SpecArgs" in key] == []


def test_only_what_is_needed_has_to_be_given(shown):
    needed = {key for key, one in shown.items() if re.match(r"[A-Z]\w+Args\.", key) and not one["optional"]}
    assert {key for key in needed if key.startswith(("Mcp", "Disruption"))} == {
        "McpGatewayArgs.servers", "DisruptionArgs.minReplicas", "DisruptionArgs.namespace", "DisruptionArgs.selector",
    }  # fmt: skip


def test_what_types_allow_and_a_rule_forbids_is_said_in_a_preview(plugin, api, provider, endpoint, pulumi_home, tmp_path):
    given = engine_environment(pulumi_home, Bucket(endpoint, "state-refused"), provider[1], plugin.parent)
    command, environment = [*typescript().command("refused"), "preview"], {**os.environ, **given}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 1
    assert "McpServer 'tickets': 2 problems" in done.stderr
    assert "replicas: 0" in done.stderr
    assert "image.tag: 'latest' names another image tomorrow" in done.stderr
