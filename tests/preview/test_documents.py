"""YAML for people and for kubectl: stable, redacted, and only its own files are touched."""

import base64

import pytest
import yaml

from mcp_stack.preview.documents import LEDGER, document, file_names, stream, write
from mcp_stack.preview.errors import PreviewError
from mcp_stack.preview.rendered import KubeObject
from mcp_stack.preview.values import Secret


def item(kind, name="one", namespace="shop", api="v1", **fields):
    return KubeObject(
        {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": namespace}, **fields}, urn=f"urn:{name}"
    )


def test_a_stream_holds_every_object_and_parses_back():
    items = [
        item("ConfigMap", data={"text": "a\nb\n", "number": "1", "yes": "yes"}),
        item("Service", spec={"ports": [{"port": 80}]}),
    ]
    assert list(yaml.safe_load_all(stream(items))) == [found.plain for found in items]


def test_long_texts_are_readable_and_nothing_is_abbreviated():
    labels = {"a": "b"}
    text = document(item("ConfigMap", data={"config": "first: 1\nsecond: 2\n"}, x=labels, y=labels))
    assert "  config: |\n    first: 1\n    second: 2\n" in text
    assert "&id" not in text


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"stringData": {"token": Secret("hush")}}, {"stringData": {"token": "[secret]"}}),
        ({"stringData": {"token": "hush"}}, {"stringData": {"token": "[secret]"}}),
        ({"stringData": Secret({"token": "hush"})}, {"stringData": {"token": "[secret]"}}),
        ({"data": {"token": "aHVzaA=="}}, {"data": {"token": base64.b64encode(b"[secret]").decode()}}),
    ],
)
def test_a_secrets_values_are_redacted_marked_or_not(fields, shown):
    text = document(item("Secret", **fields))
    found = yaml.safe_load(text)
    assert {key: found[key] for key in shown} == shown
    assert "hush" not in text
    assert "aHVzaA" not in text


def test_a_secret_value_in_any_other_object_is_redacted():
    assert yaml.safe_load(document(item("ConfigMap", data={"url": Secret("https://u:p@h")})))["data"] == {"url": "[secret]"}


def test_values_are_shown_when_asked_for(tmp_path):
    made = item("Secret", stringData={"token": Secret("hush")})
    assert yaml.safe_load(document(made, secrets=True))["stringData"] == {"token": "hush"}
    (path,) = write([made], tmp_path, secrets=True)
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (item("Deployment", "web", api="apps/v1"), "deployment_shop_web.yaml"),
        (item("Namespace", "shop", ""), "namespace_shop.yaml"),
        (item("HTTPRoute", "web", api="gateway.networking.k8s.io/v1"), "httproute.gateway.networking.k8s.io_shop_web.yaml"),
        (item("ConfigMap", "web-config-0123456789", immutable=True), "configmap_shop_web-config.yaml"),
    ],
)
def test_a_files_name_says_kind_namespace_and_name_and_outlives_new_content(made, name):
    assert list(file_names([made])) == [name]


def test_two_maps_that_differ_in_the_digest_alone_keep_their_whole_names():
    made = [item("ConfigMap", f"web-{digest}", immutable=True) for digest in ("0123456789", "9876543210")]
    assert list(file_names(made)) == ["configmap_shop_web.yaml", "configmap_shop_web-9876543210.yaml"]


def test_one_object_twice_is_refused():
    with pytest.raises(PreviewError, match=r"Service shop/web is there twice: urn:web and urn:web"):
        file_names([item("Service", "web"), item("Service", "web")])


def test_a_rendering_replaces_the_one_before_and_nothing_else(tmp_path):
    write([item("Service", "old"), item("Service", "web")], tmp_path)
    (tmp_path / "notes.yaml").write_text("mine")
    (tmp_path / "service_shop_web.yaml").write_text("changed by hand")
    write([item("Service", "web"), item("Service", "new")], tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        LEDGER,
        "notes.yaml",
        "service_shop_new.yaml",
        "service_shop_web.yaml",
    ]
    assert (tmp_path / "notes.yaml").read_text() == "mine"
    assert yaml.safe_load((tmp_path / "service_shop_web.yaml").read_text())["kind"] == "Service"


def test_somebody_elses_file_is_never_overwritten(tmp_path):
    (tmp_path / "service_shop_web.yaml").write_text("mine")
    with pytest.raises(PreviewError, match=r"service_shop_web\.yaml exists and was not written by render"):
        write([item("Service", "web"), item("Service", "new")], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["service_shop_web.yaml"]


def test_the_ledger_reaches_no_file_outside_the_directory(tmp_path):
    directory, outside = tmp_path / "out", tmp_path / "precious.yaml"
    outside.write_text("mine")
    write([item("Service", "web")], directory)
    (directory / LEDGER).write_text("../precious.yaml\n")
    (directory / "service_shop_web.yaml").unlink()
    write([item("Service", "web")], directory)
    assert outside.read_text() == "mine"
