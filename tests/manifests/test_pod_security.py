"""Every pod passes the restricted profile (pod-security-admission, check_*.go of 1.37), whatever the stack file says."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

VOLUMES = {"configMap", "downwardAPI", "emptyDir", "projected", "secret", "csi", "persistentVolumeClaim", "ephemeral", "image"}


def violations(pod):
    """What the restricted profile would say."""
    security = pod.get("securityContext", {})
    if security.get("runAsNonRoot") is not True or security.get("runAsUser", 1) == 0:
        yield "runs as root"
    if security.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"):
        yield "seccomp"
    yield from (key for key in ("hostNetwork", "hostPID", "hostIPC") if pod.get(key))
    for volume in pod.get("volumes", []):
        yield from (f"volume {kind}" for kind in volume if kind != "name" and kind not in VOLUMES)
    for container in [*pod["containers"], *pod.get("initContainers", [])]:
        own = container.get("securityContext", {})
        if own.get("allowPrivilegeEscalation") is not False:
            yield "escalation"
        if own.get("capabilities", {}).get("drop") != ["ALL"] or own["capabilities"].get("add"):
            yield "capabilities"
        if own.get("privileged") or own.get("runAsUser") == 0:
            yield "privileged"
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            if "host" in container.get(probe, {}).get("httpGet", {}):
                yield "host in a probe"
        if any("hostPort" in port for port in container.get("ports", [])):
            yield "host port"


def pods(rendered):
    return [one["spec"]["template"]["spec"] for one in rendered if one["kind"] in ("Deployment", "StatefulSet")]


@pytest.mark.parity("hangar.pod-security")
def test_every_pod_is_restricted_and_has_no_token(render):
    rendered = render()
    assert len(pods(rendered)) == 3
    for pod in pods(rendered):
        assert list(violations(pod)) == []
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsUser"] >= 10000
        assert pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"] is True
    for one in rendered:
        if one["kind"] == "ServiceAccount":
            assert one["automountServiceAccountToken"] is False


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(user=st.integers(1, 2**31 - 1), read_only=st.booleans(), paths=st.lists(st.sampled_from(["/data", "/var/x"]), unique=True))
def test_no_key_opens_a_pod(render, user, read_only, paths):
    security = {"run_as_user": user, "read_only_root_filesystem": read_only}
    rendered = render({"servers.web.security": security, "servers.web.writable": paths, "servers.box.security": security})
    for pod in pods(rendered):
        assert list(violations(pod)) == []


@pytest.mark.parity("stack.extra-objects")
@pytest.mark.parametrize("security", [{}, {"run_as_user": 1000, "read_only_root_filesystem": False}])
@pytest.mark.parametrize("sidecar", [True, False])
def test_containers_beside_the_main_one_are_hardened_like_it(render, security, sidecar):
    beside = {"name": "beside", "image": {"repository": "beside", "tag": "1.0.0"}, "security": security, "sidecar": sidecar}
    places = ("servers.web", "servers.box", "gateway")
    rendered = render(
        {f"{place}.init_containers": [beside] for place in places} | {"servers.web.security": {"user_namespace": True}}
    )
    for pod in pods(rendered):
        assert list(violations(pod)) == []
        (container,) = pod["initContainers"]
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] is security.get("read_only_root_filesystem", True)
        assert context.get("runAsUser") == context.get("runAsGroup") == security.get("run_as_user")
        assert set(container["resources"]) == {"requests", "limits"}
    assert [pod.get("hostUsers") for pod in pods(rendered)].count(False) == 1
    assert rendered.pod("test-web")["hostUsers"] is False


@pytest.mark.parity("hangar.pod-security")
def test_each_security_key_changes_just_that_field(render):
    usual, changed = render(), render({"servers.web.security": {"read_only_root_filesystem": False}})
    container = changed.container("test-web")
    assert container.pop("securityContext") == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": False,
        "capabilities": {"drop": ["ALL"]},
    }
    expected = usual.container("test-web")
    expected.pop("securityContext")
    assert container == expected
    pod = render({"servers.web.security": {"run_as_user": 1000}}).pod("test-web")
    assert {key: pod["securityContext"][key] for key in ("runAsUser", "runAsGroup", "fsGroup")} == dict.fromkeys(
        ("runAsUser", "runAsGroup", "fsGroup"), 1000
    )


@pytest.mark.parity("mpl.security-context")
def test_the_proxy_is_restricted_and_can_write_its_volumes_as_whoever_it_runs(render):
    for user in (None, 1000, 65534):
        rendered = render({} if user is None else {"gateway.security": {"run_as_user": user}})
        pod, container = rendered.pod("test-gateway"), rendered.container("test-gateway")
        assert list(violations(pod)) == []
        context = pod["securityContext"]
        assert {context[key] for key in ("runAsUser", "runAsGroup", "fsGroup")} == {user or 10001}
        assert (context["runAsNonRoot"], context["seccompProfile"]) == (True, {"type": "RuntimeDefault"})
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        (scratch,) = [one["name"] for one in container["volumeMounts"] if one["mountPath"] == "/tmp"]
        assert "emptyDir" in next(one for one in pod["volumes"] if one["name"] == scratch)


def test_the_namespace_enforces_the_profile_too(render):
    labels = render().one("Namespace", "mcp-test")["metadata"]["labels"]
    assert {labels[f"pod-security.kubernetes.io/{mode}"] for mode in ("enforce", "audit", "warn")} == {"restricted"}


def test_root_is_refused(render):
    with pytest.raises(ValueError, match=r"servers\.web\.security\.run_as_user: 0: input should be greater than or equal to 1"):
        render({"servers.web.security": {"run_as_user": 0}})
