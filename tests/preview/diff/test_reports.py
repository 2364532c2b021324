"""One comparison as text, as a comment on a pull request, and for tools: the same facts, no secret in any."""

import json

import pytest

from mcp_stack.preview.diff import compare
from mcp_stack.preview.diff.data import json_report
from mcp_stack.preview.diff.markdown import markdown_report
from mcp_stack.preview.diff.text import text_report
from mcp_stack.preview.values import Secret
from tests.preview.diff.states import PROVIDER, config_map, deployment, provider, resource, state

CLUSTER = provider(enableSecretMutable=True)


def secret(value):
    return resource("Secret", "tokens", stringData={"token": Secret(value)}, provider=PROVIDER)


BASE = state(CLUSTER, config_map(), deployment(image="web:1"), secret("hush-old"), resource("Service", "old"), url="a")
HEAD = state(
    CLUSTER,
    config_map("9876543210", "a: 2\n"),
    deployment(image="web:2", config="web-config-9876543210"),
    secret("hush-new"),
    resource("Service", "new", spec={"ports": [{"port": 80}]}),
    url="b",
)
REPORTS = [text_report, markdown_report, json_report]

TEXT = """\
stack dev: main → working tree

~ Secret shop/tokens
    stringData.token: secret, set anew (not shown)

± ConfigMap shop/web-config-0123456789 → web-config-9876543210
    ! new content under a new name: created beside the old one, pods move over, then web-config-0123456789 is deleted
    data["proxy.yaml"]:
      @@ -1 +1 @@
      -a: 1
      +a: 2

+ Service shop/new
    apiVersion: v1
    kind: Service
    metadata:
      name: new
      namespace: shop
    spec:
      ports:
      - port: 80

~ Deployment shop/web
    ! rolls out new pods: ConfigMap web-config has new content
    spec.template.spec.containers[web].image: web:1 → web:2

- Service shop/old

~ outputs
    url: a → b

1 to create, 2 to change, 1 to replace, 1 to delete, 1 output to change, 1 unchanged
"""

MARKDOWN_TOKEN = """\
<details><summary><code>~ Secret shop/tokens</code></summary>


```diff
! stringData.token: secret, set anew (not shown)
```
</details>"""


def test_the_text_reads_from_top_to_bottom():
    assert text_report(compare(BASE, HEAD), "main", "working tree") == TEXT


def test_a_comment_starts_with_the_counts_and_folds_the_rest():
    text = markdown_report(compare(BASE, HEAD), "main", "working tree")
    assert text.startswith("### `dev`: 1 to create, 2 to change, 1 to replace, 1 to delete, 1 output to change, 1 unchanged\n")
    assert MARKDOWN_TOKEN in text
    assert "- spec.template.spec.containers[web].image: web:1\n+ spec.template.spec.containers[web].image: web:2\n" in text
    assert text.count("<details>") == text.count("</details>") == 6


def test_tools_get_the_same_facts():
    found = json.loads(json_report(compare(BASE, HEAD), "main", "working tree"))
    assert found["summary"] == {"create": 1, "change": 2, "replace": 1, "delete": 1, "unchanged": 1}
    assert [(change["action"], change["kind"], change["name"]) for change in found["changes"]] == [
        ("change", "Secret", "tokens"),
        ("replace", "ConfigMap", "web-config-9876543210"),
        ("create", "Service", "new"),
        ("change", "Deployment", "web"),
        ("delete", "Service", "old"),
    ]
    assert found["changes"][0]["changes"] == [{"path": "stringData.token", "old": "[secret]", "new": "[secret]", "secret": True}]
    assert found["outputs"] == [{"path": "url", "old": "a", "new": "b", "secret": False}]


@pytest.mark.parametrize("report", REPORTS)
def test_no_report_holds_a_secret(report):
    text = report(compare(BASE, HEAD), "main", "working tree")
    created = report(compare(None, HEAD), "main", "working tree")
    assert "hush" not in text + created


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_is_the_same_every_time_whatever_the_order_of_registration(report):
    shuffled = [state(*reversed(side.resources), **side.outputs) for side in (BASE, HEAD)]
    assert report(compare(BASE, HEAD), "a", "b") == report(compare(*shuffled), "a", "b")


@pytest.mark.parametrize("report", REPORTS)
def test_nothing_changed_is_said(report):
    text = report(compare(BASE, BASE), "a", "b")
    assert "no change, 5 unchanged" in text or json.loads(text)["summary"]["unchanged"] == 5


def test_a_long_line_becomes_two():
    long = "registry.example.com/" + "a" * 60
    text = text_report(compare(state(deployment(image=f"{long}:1")), state(deployment(image=f"{long}:2"))), "a", "b")
    assert f"image:\n      - {long}:1\n      + {long}:2\n" in text


def test_what_is_added_or_removed_is_shown_whole():
    old, new = resource("Role", "r", rules=[{"verbs": ["get"]}]), resource("Role", "r", extra={"a": {"b": 1}})
    text = text_report(compare(state(old), state(new)), "a", "b")
    assert "extra: added\n      + a:\n      +   b: 1\n" in text
    assert "rules: removed\n      - - verbs:\n      -   - get\n" in text


@pytest.mark.parametrize(
    ("old", "new", "line"), [("", "x", 'v: "" → x'), (" x", None, 'v: " x" → (absent)'), (1, True, "v: 1 → true")]
)
def test_values_are_told_apart_from_their_quotes(old, new, line):
    sides = [resource("K", "k", **({} if value is None else {"v": value})) for value in (old, new)]
    assert line in text_report(compare(*map(state, sides)), "a", "b")


def test_a_comment_never_exceeds_its_limit_and_still_names_everything():
    head = state(*(resource("ConfigMap", f"map-{number:03}", data={"text": "word " * 400}) for number in range(40)))
    text = markdown_report(compare(None, head), "a", "b", limit=20_000)
    assert len(text) <= 20_000
    assert all(f"map-{number:03}" in text for number in range(40))
    assert "Some details did not fit" in text
    assert "40 to create" in text.splitlines()[0]


def test_no_content_can_break_out_of_the_comment():
    nasty = "```\n</details><script>alert(1)</script>\n````\n"
    old, new = (resource("ConfigMap", "map", data={"a": text}) for text in ("x\n", nasty))
    text = markdown_report(compare(state(old), state(new)), "<b>", "b")
    assert "`````diff\n" in text
    assert "<code>&lt;b&gt;</code>" in text
