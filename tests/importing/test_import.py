"""Documents of other systems become stack files that pass every rule, without a secret in them, and without a silent loss."""

import copy
import itertools
import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mcp_stack.importing import import_documents, report, stack_document
from mcp_stack.spec import cluster_address, gateway_config, load_spec
from mcp_stack_proxy.config import ConfigError, Source, parse
from mcp_stack_proxy.config.load import document
from mcp_stack_proxy.config.strict import join
from tests.judges import yamllint

from .samples import CLIENT, MPL, MPL_CONFIG, SERVICES, WRITTEN, of_seeds

SAMPLES = {**WRITTEN, **of_seeds()}


def imported(*texts, stack="staging", proxy=None):
    return import_documents([Source("file", text) for text in texts], stack, proxy)


def notes(found):
    return {note.path: note.message for note in found.notes}


def leaves(value, path=()):
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))
    else:
        yield path


def places(path):
    """The paths of what `path` leads through, as a note has them."""
    shown = itertools.accumulate(path, join, initial="")
    return set(shown) - {""}


def without(value, path):
    changed = copy.deepcopy(value)
    place = changed
    for part in path[:-1]:
        place = place[part]
    del place[path[-1]]
    return changed


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parity("stack.import-values", "mpl.import", "aggregate.config-servers-json")
def test_the_result_is_a_stack_file_that_nothing_is_wrong_with(name):
    found = imported(SAMPLES[name])
    stack = yaml.safe_load(stack_document(found))["config"]["mcp-stack:stack"]
    spec = load_spec(stack, "staging", has_config={one.key for one in found.needed}.__contains__)
    assert spec.config_keys() <= {one.key for one in found.needed}


IDLE = {
    "services": {
        ("global", "ingress", "enabled"),  # both are what happens without them
        ("global", "ingress", "className"),
        ("global", "ingress", "tls", "enabled"),
        ("global", "infisical", "credentials", "namespace"),  # the stack's own
        ("mcp", "my-api", "service", "targetPort"),
        ("mcp", "my-api", "autoscaling", "metrics", 0, "resource", "target", "type"),
        ("mcp", "mongo", "replicas"),
        ("mcp", "mongo", "autoscaling", "enabled"),
        ("mcp", "mongo", "secret", "create"),
        ("mcp", "mongo", "ingress", "enabled"),
        ("mcp", "asana-mcp", "enabled"),  # it is off for want of a version
        ("mcp", "asana-mcp", "ingress", "sse"),  # streams pass through every exposure
        ("mcp", "worker-1", "enabled"),  # it is left out for want of an image
        ("mcp", "worker-1", "secret", "create"),
        ("global", "probes", "liveness", "successThreshold"),  # 1 is what it is
        ("mcp", "my-api", "probes", "liveness", "httpGet", "port"),  # the server's own
        ("global", "probes", "liveness", "enabled"),  # of the chart's defaults, too, no template reads it
        ("global", "probes", "readiness", "enabled"),
        ("global", "probes", "liveness", "initialDelaySeconds"),  # the only server with a probe has its own
        ("global", "autoscaling", "enabled"),
        ("global", "autoscaling", "minReplicas"),
        ("global", "autoscaling", "maxReplicas"),
        ("global", "autoscaling", "targetCPUUtilizationPercentage"),
    },
    "mpl": {("mpl", "enforceSchema"), ("transport", "protocol"), ("networkPolicy", "enabled")}
    | {("probes", kind, "enabled") for kind in ("liveness", "readiness")}
    | {("ingress", "hosts", 0, "paths", 0, key) for key in ("path", "pathType")}
    | {("ingress", "tls", 0, "hosts", 0), ("networkPolicy", "ingress", 0, "ports", 0, "protocol")}
    | {("networkPolicy", "ingress", 0, "ports", 0, "port"), ("service", "metricsPort"), ("tolerations", 0, "operator")},
    "mpl-config": {("mpl", "enforce_schema"), ("mpl", "mode"), ("observability", "metrics_port")},
    "client": {("mcpServers", "legacy", "transport"), ("mcpServers", "grafana", "type"), ("audit", "enabled")},
}
"""What says the same as its absence. Nothing else may."""


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parity("stack.import-values", "mpl.import", "aggregate.config-servers-json")
def test_every_key_shows_in_the_stack_file_or_in_the_report(name):
    """Without it, one of the two reads otherwise."""
    data = document(Source("file", SAMPLES[name]))
    whole = imported(SAMPLES[name])
    before = stack_document(whole), report(whole, "staging")
    named = {note.path for note in whole.notes}
    silent = set()
    for path in leaves(data):
        if places(path) & named:
            continue
        found = imported(json.dumps(without(data, path)))
        if (stack_document(found), report(found, "staging")) == before:
            silent.add(path)
    assert silent - IDLE[name] == set()


@pytest.mark.parity("aggregate.config-servers-json")
def test_no_secret_is_in_the_file_or_the_report():
    found = imported(CLIENT)
    text = stack_document(found) + report(found, "staging") + repr(found)
    assert "s3cret" not in text
    assert "pulumi config set --secret grafana-x-api-key --stack staging" in text


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["--header", "Authorization: Bearer s3cret"], ["--header", "Authorization: Bearer ${A_AUTHORIZATION}"]),
        (["--header=X-Api-Key: s3cret"], ["--header=X-Api-Key: ${A_X_API_KEY}"]),
        (["-e", "GITHUB_TOKEN=s3cret"], ["-e", "GITHUB_TOKEN=${A_GITHUB_TOKEN}"]),
        (["https://u:s3cret@a.example.com"], ["${A_URL}"]),
        (["--url=https://a.example.com/?token=s3cret"], ["--url=https://a.example.com/?token=${A_TOKEN}"]),
        (["https://a.example.com/s/s3cret00112233445566778899aabbccddeeff/mcp"], ["${A_URL}"]),
        (["--api-key", "s3cret"], ["--api-key", "${A_API_KEY}"]),
        (["sk-s3cret"], ["${A_ARGUMENT}"]),
        (["--mode", "MODE=full", "a:b", "-v", "--key"], ["--mode", "MODE=full", "a:b", "-v", "--key"]),
    ],
)
def test_a_secret_on_a_command_line_is_seen(words, shown):
    found = imported(json.dumps({"mcpServers": {"a": {"command": "x", "args": words}}}))
    assert found.stack["servers"]["a"]["args"] == shown
    assert "s3cret" not in stack_document(found) + report(found, "staging")


def test_a_client_s_servers_are_behind_the_gateway():
    stack = imported(CLIENT).stack
    assert stack["servers"]["sentry"] == {
        "url": "https://mcp.sentry.dev/sse",
        "headers": {"Authorization": "Bearer ${SENTRY_TOKEN}"},
        "env": {"SENTRY_TOKEN": {"secret": "sentry-token"}},
    }
    assert stack["servers"]["grafana"]["url"] == "https://grafana.example.com/mcp?api_key=${GRAFANA_API_KEY}"
    github = stack["servers"]["git-hub-server"]
    assert (github["command"], github["args"][2:]) == (["npx"], ["--token", "${GIT_HUB_SERVER_TOKEN}", "--key=${KEY}"])
    assert github["env"]["FROM"] == {"secret": "other"}
    assert github["process"] == {"idle_timeout": "adaptive", "min_idle_timeout": "30s"}
    assert stack["servers"]["off"] == {"enabled": False, "command": ["x"], "process": {"idle_timeout": "2m"}}
    assert stack["servers"]["kubectl"]["cli"] == {"help": "-h", "depth": 1, "subcommands": ["get"]}
    assert stack["servers"]["git"]["cli"] == {"presets": [{"name": "log", "args": ["log"], "description": "d"}]}
    assert stack["servers"]["legacy"]["url"] == "${LEGACY_URL}"
    assert stack["gateway"]["audit"] == {"arguments": "full", "output": "file", "files": {"claim": {"size": "10Gi"}}}


@pytest.mark.parametrize(
    ("audit", "ours"),
    [
        ({"enabled": False, "path": "/data"}, {"enabled": False}),
        ({"output": "none"}, {"enabled": False}),
        ({"output": "stdout", "path": "/data"}, None),
        ({"output": "stderr"}, {"output": "stderr"}),
        ({"path": "/data/audit/data", "index_path": "/i"}, {"files": {"claim": {"size": "10Gi"}}}),
        ({"output": "file+stdout"}, {"files": {"claim": {"size": "10Gi"}}}),
        ({"output": "/var/log/calls"}, None),
    ],
)
@pytest.mark.parity("aggregate.audit-output", "aggregate.audit-volume")
def test_records_that_seed_001_keeps_are_kept_on_a_volume(audit, ours):
    text = json.dumps({"mcpServers": {"a": {"url": "https://a.example/mcp"}}, "audit": audit})
    assert imported(text).stack["gateway"].get("audit") == ours


@pytest.mark.parity("aggregate.config-servers-json")
def test_the_gateway_of_the_stack_is_told_what_the_file_tells_the_proxy():
    """The servers of seed 001's page."""
    bearer = {name: {"Authorization": f"Bearer ${{{name.upper()}_TOKEN}}"} for name in ("sentry", "grafana")}
    entries = {
        "sentry": {"url": "https://mcp.sentry.dev/sse", "headers": bearer["sentry"]},
        "grafana": {"url": "https://grafana.internal/api/mcp/sse", "headers": bearer["grafana"]},
    }
    text = json.dumps({"mcpServers": entries})
    spec = load_spec(imported(text).stack, "staging")
    told = gateway_config(spec, cluster_address(spec))["servers"]
    assert told == parse(Source("servers.json", text))["servers"]


def test_tokens_of_callers_become_hashes_where_they_are_long_enough():
    (keys,) = [one for one in imported(CLIENT).needed if one.key == "api-keys"]
    (entry,) = yaml.safe_load(keys.content)
    assert (entry["subject"], entry["roles"]) == ("bob", ["dev"])
    assert entry["hash"].startswith("sha256:")


@pytest.mark.parity("stack.import-values")
def test_a_service_of_the_chart_is_a_server():
    found = imported(SERVICES)
    api = found.stack["servers"]["my-api"]
    assert api["autoscaling"] == {
        "min": 3,
        "max": 20,
        "cpu": 70,
        "scale_up": {"stabilization_seconds": 0, "select": "Max", "policies": [{"type": "Pods", "value": 4, "period_seconds": 30}]},
        "scale_down": {"stabilization_seconds": 300, "policies": [{"type": "Percent", "value": 25, "period_seconds": 60}]},
    }
    assert api["probes"]["liveness"]["http_get"] == {"path": "/healthz"}
    assert api["probes"]["readiness"]["tcp_socket"] == {"port": 8081}
    assert api["env"] == {
        "NODE_ENV": "production",
        "API_TOKEN": {"secret": "my-api-api-token"},
        "DB_PASSWORD": {"secret": "db-password"},
    }
    assert api["secrets"] == {"db-password": {"existing": "db", "key": "password"}}
    assert api["env_from"] == [{"secret": "api-secret"}, {"existing_config_map": "settings", "prefix": "S_"}]
    assert api["exposure"]["annotations"] == {"nginx.ingress.kubernetes.io/limit-rps": "5"}
    said = notes(found)
    assert said["mcp.my-api.replicas"] == "left out: 3, the autoscaler beside it decides"
    assert {"mcp.my-api.autoscaling.metrics[1]", "mcp.my-api.secret.store.refreshInterval"} <= said.keys()


def test_a_service_without_a_version_is_off_and_one_without_an_image_is_not_there():
    found = imported(SERVICES)
    assert found.stack["servers"]["asana-mcp"]["enabled"] is False
    assert "worker-1" not in found.stack["servers"]
    assert {"mcp.asana-mcp.image", "mcp.worker-1"} <= notes(found).keys()


def test_overlays_are_put_over_their_base_as_helm_does():
    over = "mcp: {my-api: {image: {tag: v2.0.0}, replicas: null, command: [go]}}"
    found = imported(SERVICES, over)
    api = found.stack["servers"]["my-api"]
    assert (api["image"]["repository"], api["image"]["tag"], api["command"]) == ("myapp/api", "v2.0.0", ["go"])
    assert "mcp.my-api.replicas" not in notes(found)


@pytest.mark.parity("mpl.import")
def test_the_mpl_proxy_is_a_gateway_before_its_upstream():
    found = imported(MPL)
    gateway, server = found.stack["gateway"], found.stack["servers"]["upstream"]
    assert server == {
        "url": "http://mcp-server.default.svc.cluster.local:8080/mcp",
        "namespace": "",
        "limits": {"request_seconds": 20.0},
        "validation": {"arguments": "enforce", "results": "enforce"},
        "egress": [{"pods": {"app": "mcp-server"}, "ports": [8080]}],
    }
    assert (gateway["port"], gateway["clients"]) == (9443, [{"pods": {"role": "ai-agent"}}])
    assert gateway["management"] == {"port": 9101, "scrapers": [{"namespace": "monitoring"}]}
    assert (gateway["exposure"], found.stack["exposure"]["tls"]) == ({"host": "mpl.example.com"}, {"secret": "mpl-tls"})
    assert gateway["sessions"] == {"keys": {"secret": "session-keys"}}
    assert gateway["authentication"] == {"api_keys": {"secret": "api-keys"}}
    assert "it never worked" in notes(found)["observability.logLevel"]
    assert gateway["log"] == {"level": "info", "format": "json"}


@pytest.mark.parity("mpl.import")
def test_a_log_level_that_is_none_is_left_out_with_its_reason():
    found = imported(SAMPLES["mpl"].replace("logLevel: info", "logLevel: loud"))
    assert found.stack["gateway"]["log"] == {"format": "json"}
    assert "left out: 'loud' is no level" in notes(found)["observability.logLevel"]


@pytest.mark.parity("mpl.import")
def test_its_own_file_and_its_variables_mean_the_same():
    found = imported(MPL_CONFIG)
    assert found.stack["servers"]["upstream"]["url"] == "http://localhost:8080/mcp"
    lines = "MPL_LISTEN=0.0.0.0:9443\nexport MPL_UPSTREAM='localhost:8080'\nMPL_MODE=strict\nMPL_ENFORCE_SCHEMA=true\nMPL_OTHER=1\n"
    other = imported(lines)
    assert other.stack["gateway"]["port"] == 9443
    assert other.stack["servers"]["upstream"]["validation"]["arguments"] == "enforce"
    assert "variables.MPL_OTHER" in {note.path for note in other.notes} or "variables" in notes(other)


@pytest.mark.parametrize(
    ("text", "servers"),
    [
        ("kind: HelmRelease\nspec: {values: {mcp: {a: {enabled: true, image: {repository: x, tag: '1'}}}}}", ["a"]),
        ('kind: ConfigMap\ndata: {servers.json: \'{"mcpServers": {"a": {"url": "https://a.example.com"}}}\'}', ["a"]),
        ('{"servers": {"a": {"type": "http", "url": "https://a.example.com"}}, "inputs": []}', ["a"]),
        ('{"mcp": {"servers": {"a": {"command": "x"}}}}', ["a"]),
    ],
)
def test_what_wraps_a_known_format_is_opened(text, servers):
    assert list(imported(text).stack["servers"]) == servers


@pytest.mark.parametrize("name", SAMPLES)
def test_yamllint_has_nothing_to_say_of_what_is_written(name):
    assert yamllint.faults(stack_document(imported(SAMPLES[name]))) == []


def test_what_an_editor_fills_in_becomes_a_secret():
    entry = {
        "command": "serve",
        "args": ["--as", "${env:LOGIN}"],
        "env": {"TOKEN": "${input:gh-token}"},
    }
    far = {"url": "https://a.example.com/mcp", "headers": {"X-Key": "Bearer ${input:gh-token}"}}
    found = imported(json.dumps({"servers": {"near": entry, "far": far}, "inputs": [{"id": "gh-token"}]}))
    near, far = found.stack["servers"]["near"], found.stack["servers"]["far"]
    assert near["env"]["TOKEN"] == {"secret": "gh-token"}
    assert near["args"] == ["--as", "${LOGIN}"]
    assert near["env"]["LOGIN"] == {"secret": "login"}
    assert far["headers"] == {"X-Key": "Bearer ${GH_TOKEN}"}
    assert far["env"] == {"GH_TOKEN": {"secret": "gh-token"}}


@pytest.mark.parametrize("text", ["{}", "[1]", "a: 1", "just words", "kind: ConfigMap"])
def test_what_is_in_no_known_format_is_refused(text):
    with pytest.raises(ConfigError, match="what can be imported is"):
        imported(text)


def test_two_formats_are_not_merged():
    with pytest.raises(ConfigError, match="import one after the other"):
        imported(SERVICES, MPL)


def test_the_image_of_the_proxy_may_be_given():
    found = imported(CLIENT, proxy={"repository": "ghcr.io/acme/p", "tag": "1.2.3"})
    assert found.stack["proxy"]["image"] == {"repository": "ghcr.io/acme/p", "tag": "1.2.3"}
    assert not [note for note in found.notes if "made up" in note.message]


WORDS = st.text("abcXYZ019-_./:${} é", max_size=12)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-10, 100_000), st.floats(allow_nan=False, allow_infinity=False), WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=6,
)


@settings(max_examples=40, deadline=None)
@given(st.data())
@pytest.mark.parametrize("name", WRITTEN)
def test_whatever_a_place_holds_the_result_passes_or_is_refused_in_words(name, data):
    """A value of any kind in any place of a document that is good otherwise."""
    sample = document(Source("file", SAMPLES[name]))
    changed = copy.deepcopy(sample)
    for path in data.draw(st.lists(st.sampled_from(sorted(leaves(sample), key=repr)), min_size=1, max_size=3, unique=True)):
        place = changed
        for part in path[: data.draw(st.integers(0, len(path) - 1))]:
            inside = part in place if isinstance(place, dict) else isinstance(place, list) and part in range(len(place))
            place = place[part] if inside else place
        if isinstance(place, dict):
            key = next((part for part in path if part in place), "other")
            place[key] = data.draw(VALUES)
    try:
        found = imported(json.dumps(changed))
    except ConfigError:
        return
    load_spec(yaml.safe_load(stack_document(found))["config"]["mcp-stack:stack"], "staging")


@pytest.mark.parity("mpl.upstream-forms")
@pytest.mark.parametrize(
    ("upstream", "url"),
    [
        ("mcp-server:8080", "http://mcp-server:8080/mcp"),
        ("http://mcp-server.default.svc:8080", "http://mcp-server.default.svc:8080/mcp"),
        ("https://mcp.example.com/v1/mcp", "https://mcp.example.com/v1/mcp"),
    ],
)
def test_every_form_of_an_upstream_is_an_address(upstream, url):
    found = imported(f"transport: {{listen: '0.0.0.0:9443', upstream: '{upstream}'}}\nmpl: {{mode: transparent}}\n")
    spec = load_spec(found.stack, "staging", cluster=False)
    assert gateway_config(spec, cluster_address(spec))["servers"]["upstream"]["url"] == url


@pytest.mark.parity("mpl.upstream-forms")
@pytest.mark.parametrize("upstream", ["transport: {listen: '0.0.0.0:9443', upstream: ''}", "transport: {listen: '0.0.0.0:9443'}"])
def test_an_upstream_that_is_empty_is_refused_at_preview(upstream):
    """What is imported is switched off, and cannot be switched on as it is."""
    stack = imported(f"{upstream}\nmpl: {{mode: transparent}}\n").stack
    assert (stack["servers"]["upstream"]["enabled"], stack["gateway"]["enabled"]) == (False, False)
    switched_on = {**stack, "gateway": {"trust_network": True}, "servers": {"upstream": {"url": "http://upstream.invalid/mcp"}}}
    with pytest.raises(ConfigError, match=r"servers\.upstream\.url: upstream\.invalid is a name that never leads anywhere"):
        load_spec(switched_on, "staging")
    with pytest.raises(ConfigError, match=r"servers\.upstream\.url: '' is no http:// or https:// URL"):
        load_spec({**stack, "servers": {"upstream": {"url": ""}}}, "staging")


def servers_of(**servers):
    found = imported(json.dumps({"mcpServers": servers}))
    stack = yaml.safe_load(stack_document(found))["config"]["mcp-stack:stack"]
    load_spec(stack, "staging", has_config={one.key for one in found.needed}.__contains__)
    return stack["servers"], notes(found)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("${config:acme.key}", "${CONFIG_ACME_KEY}"),
        ("${command:acme.pick}", "${COMMAND_ACME_PICK}"),
        ("${workspaceFolder:web}/src", "${WORKSPACEFOLDER_WEB}/src"),
        ("${env:HOST:-localhost}", "${HOST:-localhost}"),
        ("a${/}b${pathSeparator}c", "a/b/c"),
        ("${env:HOME}/x:${PATH:-/bin}", "${CLIENT_HOME}/x:${CLIENT_PATH:-/bin}"),
        ("${}", "$${}"),
        ("${1}", "$${1}"),
        ("${A:?must}", "$${A:?must}"),
        ("${A:-${B}}", "$${A:-${B}}"),
        ("$HOME $(pwd) %APPDATA%", "$HOME $(pwd) %APPDATA%"),
    ],
)
def test_placeholders_of_every_client_are_taken_over_or_stand_for_themselves(theirs, ours):
    servers, _ = servers_of(
        one={"command": "run", "args": [theirs]}, far={"url": "https://a.example/mcp", "headers": {"X-A": theirs}}
    )
    assert servers["one"]["args"] == [ours]
    assert servers["far"]["headers"] == {"X-A": ours}


def test_what_several_clients_say_in_words_of_their_own():
    gemini = {"httpUrl": "https://g.example/mcp", "url": "https://g.example/sse", "includeTools": ["a"], "excludeTools": ["b*"]}
    opencode = {"type": "local", "command": ["uv", "run", "x"], "environment": {"A": "b"}, "enabled": True}
    windows = {"command": "cmd", "args": ["/c", "npx", "-y", "x"]}
    servers, told = servers_of(gemini=gemini, opencode=opencode, windows=windows, windsurf={"command": "x", "disabledTools": ["c"]})
    assert servers["gemini"] == {"url": "https://g.example/mcp", "tools": {"allow": ["a"], "deny": ["b*"]}}
    assert told["mcpServers.gemini.url"] == "left out: `httpUrl` says where the server is"
    assert servers["opencode"] == {"command": ["uv"], "args": ["run", "x"], "env": {"A": "b"}}
    assert servers["windows"] == {"command": ["npx"], "args": ["-y", "x"]}
    assert servers["windsurf"]["tools"] == {"deny": ["c"]}


@pytest.mark.parametrize("path", ["~/notes", "/Users/me/notes", "/home/me/notes", "C:\\notes", "D:/notes"])
def test_a_path_of_the_machine_that_the_file_was_written_for_is_told(path):
    _, told = servers_of(one={"command": "run", "args": [path]})
    assert told["mcpServers.one.args"].startswith(f"{path!r} is a path of the machine that the file was written for")


def test_an_empty_variable_is_one_and_nothing_at_all_is_told():
    servers, told = servers_of(one={"command": "run", "env": {"NO_PROXY": "", "GONE": None}})
    assert servers["one"]["env"] == {"NO_PROXY": ""}
    assert told["mcpServers.one.env.GONE"] == "left out: nothing, where a text belongs"


@pytest.mark.parametrize("command", ["", [], [""], [None], {}, 5])
def test_a_command_that_names_no_program_is_no_server(command):
    found = imported(json.dumps({"mcpServers": {"one": {"command": command}, "two": {"command": "run"}}}))
    assert list(found.stack["servers"]) == ["two"]
    assert "left out" in notes(found)["mcpServers.one"]
