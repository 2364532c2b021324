import pytest

from mcp_stack.manifests.namespace import namespace, retained
from mcp_stack.spec import load_spec

CLAIM = {"data": {"path": "/data", "size": "1Gi"}}


def stack(web, **namespace_keys):
    image = {"repository": "ghcr.io/acme/web", "tag": "1.0.0"}
    return load_spec(
        {
            "namespace": namespace_keys,
            "proxy": {"image": image},
            "gateway": {"trust_network": True},
            "servers": {"web": {"image": image, **web}},
        },
        "test",
    )


@pytest.mark.parity("stack.uninstall")
@pytest.mark.parametrize(
    ("web", "keys", "kept"),
    [
        ({}, {}, False),
        ({}, {"when_deleted": "Retain"}, True),
        ({"storage": {"claims": CLAIM}}, {}, True),
        ({"storage": {"claims": CLAIM, "when_deleted": "Delete"}}, {}, False),
        ({"storage": {"claims": CLAIM, "when_deleted": "Delete"}, "backup": {"to": {"claim": {"size": "1Gi"}}}}, {}, True),
        ({"volumes": {"data": {"path": "/data", "existing_claim": {"name": "theirs"}}}}, {}, True),
        ({"volumes": {"data": {"path": "/data", "existing_claim": {"name": "theirs"}}}}, {"when_deleted": "Delete"}, False),
        ({"volumes": {"data": {"path": "/data", "empty_dir": {}}}}, {}, False),
    ],
)
def test_a_namespace_stays_where_volumes_in_it_do_unless_the_stack_file_says_otherwise(web, keys, kept):
    made = namespace(stack(web, **keys))
    assert retained(made) is kept
    assert made["metadata"]["annotations"]["mcp-stack/when-destroyed"] == ("Retain" if kept else "Delete")


def test_a_claim_of_its_own_is_kept_and_no_other_object_by_the_annotation():
    assert retained({"kind": "PersistentVolumeClaim", "metadata": {"name": "backups"}})
    assert not retained({"kind": "Secret", "metadata": {"annotations": {"mcp-stack/when-destroyed": "Retain"}}})
    assert not retained({"kind": "Namespace", "metadata": {"name": "theirs"}})
