"""Keys about what is round a pod, and where they would do nothing."""

import pytest

STORAGE = {"servers.web.storage": {"claims": {"data": {"path": "/data", "size": "1Gi"}}}}
CHOOSE = "remove it, or choose `NodePort` or `LoadBalancer`"
CLAIM = {"servers.web.volumes": {"data": {"path": "/data", "existing_claim": {"name": "data"}}}}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {"servers.web.service_account": "theirs", "servers.web.service_account_annotations": {"role": "a"}},
            [
                "servers.web.service_account_annotations: does nothing, 'theirs' is somebody else's account, "
                "who annotates it; remove one of them"
            ],
            id="somebody else's account",
        ),
        pytest.param(
            {"namespace": {"create": False, "labels": {"a": "b"}, "annotations": {"a": "b"}}},
            [
                "namespace.labels: does nothing, the namespace is somebody else's; remove it",
                "namespace.annotations: does nothing, the namespace is somebody else's; remove it",
            ],
            id="somebody else's namespace",
        ),
        pytest.param(
            {"namespace": {"labels": {"pod-security.kubernetes.io/enforce": "baseline"}}},
            [
                'namespace.labels."pod-security.kubernetes.io/enforce": every pod of a stack runs restricted, and its '
                "namespace says so; remove it"
            ],
            id="a weaker standard",
        ),
        pytest.param(
            {**STORAGE, "servers.web.rollout": {"max_surge": 2}},
            ["servers.web.rollout: does nothing, a server with `storage` has one pod after the other replaced; remove it"],
            id="a StatefulSet",
        ),
        pytest.param(
            {**CLAIM, "servers.web.rollout": {"max_surge": 2}},
            [
                "servers.web.rollout: does nothing, `volumes.data.existing_claim` can be on one node only, so that the old pod "
                "goes first; remove it"
            ],
            id="a volume of one node",
        ),
        pytest.param({**STORAGE, "defaults.rollout": {"max_surge": 2}}, [], id="inherited by a StatefulSet"),
        pytest.param(
            {"servers.web.rollout": {"max_surge": 0}},
            [
                "servers.web.rollout: `max_surge` and `max_unavailable` are both 0, so no pod could ever be replaced; "
                "give one of them at least 1"
            ],
            id="a rollout that stands still",
        ),
        pytest.param(
            {"servers.web.rollout": {"recreate": True, "max_surge": 2}},
            ["servers.web.rollout: `max_surge` does nothing beside `recreate`; remove one of them"],
            id="a surge of nothing",
        ),
        pytest.param(
            {"servers.web.security": {"assigned_user": True, "run_as_user": 20001}},
            ["servers.web.security: `run_as_user` does nothing beside `assigned_user`; remove one of them"],
            id="two users",
        ),
        pytest.param(
            {"gateway.certificate_authority": {"existing_config_map": "corp"}},
            [
                "gateway.certificate_authority: does nothing, no server has a `url` with https, and the gateway calls nobody "
                "else by TLS; remove it"
            ],
            id="an authority for nobody",
        ),
        pytest.param(
            {"gateway.certificate_authority": {"existing_config_map": "corp", "existing_secret": "corp"}},
            ["gateway.certificate_authority: name exactly one of `existing_config_map` and `existing_secret`"],
            id="two authorities",
        ),
        pytest.param(
            {"servers.web.host_aliases": {"a.example": "10.0.0"}},
            ["servers.web.host_aliases.\"a.example\": '10.0.0' is no address such as 10.20.0.5 or fd00::5"],
            id="no address",
        ),
        *(
            pytest.param(
                {"servers.web.resources": {"devices": {name: 1}}},
                [f"servers.web.resources.devices.{shown}: {name!r} is no device of a vendor, such as nvidia.com/gpu"],
                id=f"device {name}",
            )
            for name, shown in (("gpu", "gpu"), ("kubernetes.io/gpu", '"kubernetes.io/gpu"'), ("a.example/b/c", '"a.example/b/c"'))
        ),
        *(
            pytest.param(
                {"servers.web.service": {key: value}},
                [f"servers.web.service: `{key}` does nothing for `type: ClusterIP`; {CHOOSE}"],
                id=key,
            )
            for key, value in (("node_port", 30001), ("external_traffic", "Local"))
        ),
        pytest.param(
            {"servers.web.service": {"type": "NodePort", "load_balancer": {"source_ranges": ["203.0.113.0/24"]}}},
            ["servers.web.service: `load_balancer` does nothing for `type: NodePort`; remove it, or choose `LoadBalancer`"],
            id="a load balancer that nobody makes",
        ),
        pytest.param(
            {"servers.web.service": {"ip_families": ["IPv4", "IPv6"]}},
            ["servers.web.service: two `ip_families` need `ip_family_policy: PreferDualStack` or `RequireDualStack`"],
            id="two families for one address",
        ),
        pytest.param(
            {"servers.web.service": {"ip_family_policy": "PreferDualStack", "ip_families": ["IPv4", "IPv4"]}},
            ["servers.web.service: ip_families: IPv4 stands there twice; name it once"],
            id="one family twice",
        ),
    ],
)
def test_what_does_nothing_round_a_pod_is_refused(problems, changes, expected):
    assert problems(changes) == expected


@pytest.mark.parametrize("name", ["default", "kube-system", "kube-public", "kube-node-lease"])
def test_a_namespace_that_every_cluster_has_never_becomes_the_stacks_own(problems, name):
    why = "every cluster has it, and as the stack's own it would deny all traffic of the pods in it, the cluster's among them"
    said = f"namespace.name: '{name}': {why}; choose another, or say `namespace: {{create: false}}`"
    assert problems({"namespace": {"name": name}}) == [said]
    assert problems({"namespace": {"name": name, "create": False}}) == []
