"""What becomes of each object, and what follows from it."""

import pytest

from mcp_stack.preview.diff import compare
from mcp_stack.preview.values import REDACTED, Secret
from tests.preview.diff.states import PROVIDER, config_map, deployment, provider, resource, state


def only(base, head):
    comparison = compare(base, head)
    assert len(comparison.items) == 1
    return comparison.items[0]


def test_the_same_is_no_change():
    comparison = compare(state(deployment(), config_map()), state(config_map(), deployment()))
    assert comparison.empty
    assert comparison.unchanged == 2


def test_a_changed_field_is_told_with_both_values():
    found = only(state(deployment(replicas=1)), state(deployment(replicas=3)))
    assert found.action == "change"
    assert [(change.path, change.old, change.new) for change in found.changes] == [("spec.replicas", 1, 3)]
    assert found.notes == ()


def test_a_changed_pod_template_rolls_out_new_pods():
    found = only(state(deployment(image="web:1")), state(deployment(image="web:2")))
    assert found.notes == ("rolls out new pods",)


def test_what_is_new_is_created_and_what_is_gone_is_deleted():
    service, claim = resource("Service", "web"), resource("PersistentVolumeClaim", "data")
    comparison = compare(state(claim), state(service))
    assert [(item.action, item.item.title) for item in comparison.items] == [
        ("create", "Service shop/web"),
        ("delete", "PersistentVolumeClaim shop/data"),
    ]
    assert comparison.items[1].notes == ("check what becomes of its data",)
    assert compare(None, state(service)).count("create") == 1


def test_new_content_of_a_hashed_map_is_one_change_and_a_rollout():
    base = state(config_map("0123456789", "a: 1\n"), deployment())
    head = state(config_map("9876543210", "a: 2\n"), deployment(config="web-config-9876543210"))
    first, second = compare(base, head).items
    assert (first.action, first.item.kind) == ("replace", "ConfigMap")
    assert [(change.path, change.old, change.new) for change in first.changes] == [('data["proxy.yaml"]', "a: 1\n", "a: 2\n")]
    assert first.replaces == ()
    assert first.former.name == "web-config-0123456789"
    assert "created beside the old one" in first.notes[0]
    assert (second.action, second.changes) == ("change", ())
    assert second.notes == ("rolls out new pods: ConfigMap web-config has new content",)


@pytest.mark.parametrize(
    ("old", "new", "paths"),
    [
        (deployment(), deployment(selector={"app": "other"}), ("spec.selector.matchLabels.app",)),
        (deployment(), deployment(namespace="other"), ("metadata.namespace",)),
        (deployment(), deployment(name="other"), ("metadata.name",)),
        (deployment(), deployment(kind="StatefulSet", aliases=(deployment().urn,)), ("kind",)),
        (resource("Service", "web", spec={"clusterIP": "None"}), resource("Service", "web", spec={}), ("spec.clusterIP",)),
        (resource("ConfigMap", "web", data={"a": "1"}), resource("ConfigMap", "web", data={"a": "2"}), ("data.a",)),
        (resource("Secret", "web", stringData={"a": "1"}), resource("Secret", "web", stringData={"a": "2"}), ("stringData.a",)),
    ],
)
def test_what_cannot_be_changed_in_place_is_a_replacement(old, new, paths):
    found = only(state(old), state(new))
    assert (found.action, found.replaces) == ("replace", paths)


def claim(**spec):
    return resource("PersistentVolumeClaim", "data", spec=spec)


def test_a_claim_grows_in_place_and_gets_another_class_by_being_made_anew():
    small, large = ({"resources": {"requests": {"storage": size}}} for size in ("1Gi", "2Gi"))
    grown = only(state(claim(**small)), state(claim(**large)))
    assert (grown.action, grown.replaces) == ("change", ())
    moved = only(state(claim(storageClassName="a")), state(claim(storageClassName="b")))
    assert (moved.action, moved.replaces) == ("replace", ("spec.storageClassName",))


def test_a_map_of_the_same_name_takes_its_readers_with_it():
    found = only(state(resource("ConfigMap", "web", data={"a": "1"})), state(resource("ConfigMap", "web", data={"a": "2"})))
    assert found.notes == ("deleted before it is created anew, and with it whatever depends on it",)


@pytest.mark.parametrize(("field", "kind"), [("enableSecretMutable", "Secret"), ("enableConfigMapMutable", "ConfigMap")])
def test_a_provider_that_updates_in_place_replaces_nothing(field, kind):
    cluster = provider(**{field: True})
    sides = [state(cluster, resource(kind, "web", data={"a": value}, provider=PROVIDER)) for value in ("1", "2")]
    found = only(*sides)
    assert (found.action, found.replaces) == ("change", ())


def test_of_a_secret_only_the_key_is_told_even_where_the_program_did_not_mark_it():
    cluster = provider(enableSecretMutable=True)
    for old, new in [("one", "two"), (Secret("one"), Secret("two")), ("one", Secret("two"))]:
        sides = [state(cluster, resource("Secret", "web", stringData={"token": value}, provider=PROVIDER)) for value in (old, new)]
        (change,) = only(*sides).changes
        assert (change.path, change.old, change.new, change.secret) == ("stringData.token", REDACTED, REDACTED, True)


def test_a_new_checksum_says_that_a_secret_changed():
    base, head = (state(deployment(annotations={"mcp-stack/secrets-checksum": Secret(text)})) for text in ("1", "2"))
    assert only(base, head).notes == ("rolls out new pods: a secret changed",)


def test_an_alias_keeps_an_object_that_moves_in_the_program():
    old = resource("Service", "web")
    moved = resource("Service", "web", parent_type="shop:index:Shelf")
    kept = resource("Service", "web", parent_type="shop:index:Shelf", aliases=(old.urn,))
    assert compare(state(old), state(kept)).empty
    found = only(state(old), state(moved))
    assert found.action == "replace"
    assert "add an alias to keep it" in found.notes[0]
    assert old.urn in found.notes[0]


def test_protection_and_other_options_are_part_of_the_comparison():
    found = only(
        state(deployment(options={"protect": True, "dependencies": ["a"]})), state(deployment(options={"dependencies": ["b"]}))
    )
    assert [change.path for change in found.changes] == ["options"]
    assert found.action == "change"


def test_providers_charts_and_outputs_are_compared_too():
    base, head = state(provider(context="a"), url="http://a"), state(provider(context="b"), url=Secret("http://b"))
    comparison = compare(base, head)
    assert [(item.item.kind, item.changes[0].path) for item in comparison.items] == [
        ("pulumi:providers:kubernetes", "inputs.context")
    ]
    assert [(change.path, change.secret) for change in comparison.outputs] == [("url", True)]


def test_a_namespace_that_goes_takes_everything_along():
    found = only(state(resource("Namespace", "shop", namespace=None)), state())
    assert found.notes == ("everything in it is deleted, too",)
