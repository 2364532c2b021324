"""What is round a pod: its account to a cloud, names, namespace, devices, users that a cluster assigns, and its successors."""

import pytest


def security(render, changes, name="test-web"):
    return render(changes).pod(name)["securityContext"]


def test_an_account_carries_what_a_cloud_knows_it_by_and_nothing_else_does(render):
    role = {"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/mcp"}
    rendered = render({"servers.web.service_account_annotations": role})
    carrying = [
        (one["kind"], one["metadata"]["name"]) for one in rendered if role.keys() <= one["metadata"].get("annotations", {}).keys()
    ]
    assert carrying == [("ServiceAccount", "test-web")]
    assert "eks" not in str(rendered.one("Deployment", "test-web"))


def test_names_that_no_resolver_knows_stand_with_their_addresses(render):
    aliases = {"sap.corp.example": "10.0.0.5", "erp.corp.example": "10.0.0.5", "six.corp.example": "fd00:0::5"}
    pod = render({"servers.web.host_aliases": aliases}).pod("test-web")
    assert pod["hostAliases"] == [
        {"ip": "10.0.0.5", "hostnames": ["erp.corp.example", "sap.corp.example"]},
        {"ip": "fd00::5", "hostnames": ["six.corp.example"]},
    ]
    assert "dnsPolicy" not in pod


@pytest.mark.parametrize(
    ("dns", "expected"),
    [
        ({"ndots": 2}, {"options": [{"name": "ndots", "value": "2"}]}),
        ({"searches": ["corp.example"]}, {"searches": ["corp.example"]}),
    ],
)
def test_pods_look_names_up_as_told_and_ask_the_cluster_all_the_same(render, dns, expected):
    pod = render({"gateway.dns": dns}).pod("test-gateway")
    assert (pod["dnsPolicy"], pod["dnsConfig"]) == ("ClusterFirst", expected)


@pytest.mark.parametrize(
    ("rollout", "strategy"),
    [
        ({}, {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}),
        ({"max_surge": 0, "max_unavailable": 1}, {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}}),
        ({"recreate": True}, {"type": "Recreate"}),
    ],
)
def test_pods_give_way_to_their_successors_as_told(render, rollout, strategy):
    assert render({"servers.web.rollout": rollout}).one("Deployment", "test-web")["spec"]["strategy"] == strategy


def test_a_device_is_asked_for_and_bounded_alike(render):
    resources = render({"servers.web.resources": {"devices": {"nvidia.com/gpu": 2}}}).container("test-web")["resources"]
    assert (resources["requests"]["nvidia.com/gpu"], resources["limits"]["nvidia.com/gpu"]) == ("2", "2")


def test_the_namespace_has_labels_of_its_own_and_stays_restricted(render):
    own = {"labels": {"istio-injection": "enabled"}, "annotations": {"openshift.io/node-selector": ""}}
    rendered = render({"namespace": own})
    metadata = rendered.one("Namespace", "mcp-test")["metadata"]
    assert metadata["labels"]["istio-injection"] == "enabled"
    assert metadata["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert metadata["annotations"]["openshift.io/node-selector"] == ""
    assert [one["kind"] for one in rendered if "istio-injection" in one["metadata"]["labels"]] == ["Namespace"]


def test_a_user_that_the_cluster_assigns_is_left_out_everywhere(render):
    rendered = render(
        {
            "servers.web.security": {"assigned_user": True},
            "servers.web.proxy": {},
            "servers.web.init_containers": [{"name": "before", "image": {"repository": "before", "tag": "1.0.0"}}],
        }
    )
    pod = rendered.pod("test-web")
    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    for container in (*pod["initContainers"], *pod["containers"]):
        assert {"runAsUser", "runAsGroup"}.isdisjoint(container["securityContext"])
    assert rendered.pod("test-box")["securityContext"]["runAsUser"] == 10001


def test_a_port_that_was_roots_may_be_listened_on(render):
    assert security(render, {"servers.web.port": 80})["sysctls"] == [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "80"}]
    assert "sysctls" not in security(
        render, {"servers.web": {"image": {"repository": "web", "tag": "1.0.0"}, "service": {"port": 80}}}
    )


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        (
            {"ip_family_policy": "PreferDualStack", "ip_families": ["IPv6", "IPv4"]},
            {"ipFamilyPolicy": "PreferDualStack", "ipFamilies": ["IPv6", "IPv4"]},
        ),
        ({"type": "NodePort", "external_traffic": "Local"}, {"externalTrafficPolicy": "Local"}),
        (
            {"type": "LoadBalancer", "load_balancer": {"load_balancer_class": "a.example/b", "source_ranges": ["203.0.113.0/24"]}},
            {"loadBalancerClass": "a.example/b", "loadBalancerSourceRanges": ["203.0.113.0/24"]},
        ),
    ],
)
def test_a_service_says_which_addresses_it_has_and_how_it_is_reached_from_outside(render, service, expected):
    spec = render({"servers.web.service": service}).one("Service", "test-web")["spec"]
    assert {key: spec[key] for key in expected} == expected


def test_a_node_port_is_that_of_the_servers_port(render):
    rendered = render({"servers.web.service": {"type": "NodePort", "node_port": 30123}})
    (port,) = rendered.one("Service", "test-web")["spec"]["ports"]
    assert (port["port"], port["nodePort"]) == (8000, 30123)


def test_the_service_of_single_pods_has_the_same_families(render):
    storage = {"claims": {"data": {"path": "/data", "size": "1Gi"}}}
    rendered = render({"servers.web.storage": storage, "servers.web.service": {"ip_family_policy": "PreferDualStack"}})
    assert rendered.one("Service", "test-web-pods")["spec"]["ipFamilyPolicy"] == "PreferDualStack"


@pytest.mark.parametrize(
    ("volume", "expected"),
    [
        (
            {"ephemeral": {"size": "200Gi", "storage_class": "fast"}},
            {
                "ephemeral": {
                    "volumeClaimTemplate": {
                        "spec": {
                            "accessModes": ["ReadWriteOnce"],
                            "resources": {"requests": {"storage": "200Gi"}},
                            "volumeMode": "Filesystem",
                            "storageClassName": "fast",
                        }
                    }
                }
            },
        ),
        (
            {"read_only": True, "csi": {"driver": "secrets-store.csi.k8s.io", "attributes": {"secretProviderClass": "kv"}}},
            {"csi": {"driver": "secrets-store.csi.k8s.io", "readOnly": True, "volumeAttributes": {"secretProviderClass": "kv"}}},
        ),
        (
            {"csi": {"driver": "a.example", "existing_secret": "login", "fs_type": "ext4"}},
            {"csi": {"driver": "a.example", "fsType": "ext4", "nodePublishSecretRef": {"name": "login"}}},
        ),
    ],
)
def test_volumes_of_classes_and_drivers_come_and_go_with_the_pod(render, volume, expected):
    pod = render({"servers.web.volumes": {"own": {"path": "/own", **volume}}}).pod("test-web")
    assert {"name": "own", **expected} in pod["volumes"]
    (mount,) = [one for one in pod["containers"][0]["volumeMounts"] if one["name"] == "own"]
    assert mount.get("readOnly", False) is volume.get("read_only", False)


@pytest.mark.parametrize(
    ("authority", "source"),
    [
        ({"existing_config_map": "corp"}, {"configMap": {"name": "corp", "items": [{"key": "ca.crt", "path": "ca.crt"}]}}),
        ({"existing_secret": "corp", "key": "root"}, {"secret": {"name": "corp", "items": [{"key": "root", "path": "ca.crt"}]}}),
    ],
)
def test_the_gateway_trusts_an_authority_of_ones_own_too(render, authority, source):
    rendered = render({"gateway.certificate_authority": authority})
    pod = rendered.pod("test-gateway")
    assert {"name": "authority", "projected": {"defaultMode": 0o440, "sources": [source]}} in pod["volumes"]
    (container,) = pod["containers"]
    assert {"name": "authority", "mountPath": "/authority", "readOnly": True} in container["volumeMounts"]
    assert {"name": "SSL_CERT_FILE", "value": "/authority/ca.crt"} in container["env"]
    assert "authority" not in str(rendered.pod("test-box"))
