"""The restricted pod security standard, rule by rule."""

import pytest

from tests.preview.checks.sound import CONTAINER, GONE, POD, TEMPLATE, brief, expect, findings

CLOCK = "spec.template.spec.containers[clock]"
CONTEXT = (*CONTAINER, "securityContext")
MOUNT = ("Deployment clock", (*CONTAINER, "volumeMounts"), [{"name": "v", "mountPath": "/v"}])

FAULTS = [
    ((*POD, "hostNetwork"), True, "spec.template.spec.hostNetwork"),
    ((*POD, "hostPID"), True, "spec.template.spec.hostPID"),
    ((*POD, "hostIPC"), True, "spec.template.spec.hostIPC"),
    (
        (*POD, "securityContext", "windowsOptions"),
        {"hostProcess": True},
        "spec.template.spec.securityContext.windowsOptions.hostProcess",
    ),
    (
        (*POD, "securityContext", "sysctls"),
        [{"name": "kernel.msgmax", "value": "1"}],
        "spec.template.spec.securityContext.sysctls[0]",
    ),
    ((*POD, "securityContext", "runAsUser"), 0, "spec.template.spec.securityContext.runAsUser"),
    ((*POD, "securityContext", "seLinuxOptions"), {"type": "spc_t"}, "spec.template.spec.securityContext.seLinuxOptions"),
    ((*POD, "securityContext", "seccompProfile", "type"), "Unconfined", "spec.template.spec.securityContext.seccompProfile.type"),
    (
        (*POD, "securityContext", "appArmorProfile"),
        {"type": "Unconfined"},
        "spec.template.spec.securityContext.appArmorProfile.type",
    ),
    ((*POD, "securityContext", "seccompProfile"), GONE, f"{CLOCK}.securityContext.seccompProfile"),
    ((*POD, "securityContext", "runAsNonRoot"), GONE, f"{CLOCK}.securityContext.runAsNonRoot"),
    ((*CONTEXT, "runAsNonRoot"), False, f"{CLOCK}.securityContext.runAsNonRoot"),
    ((*CONTEXT, "runAsUser"), 0, f"{CLOCK}.securityContext.runAsUser"),
    ((*CONTEXT, "privileged"), True, f"{CLOCK}.securityContext.privileged"),
    ((*CONTEXT, "allowPrivilegeEscalation"), GONE, f"{CLOCK}.securityContext.allowPrivilegeEscalation"),
    ((*CONTEXT, "allowPrivilegeEscalation"), True, f"{CLOCK}.securityContext.allowPrivilegeEscalation"),
    ((*CONTEXT, "capabilities"), GONE, f"{CLOCK}.securityContext.capabilities.drop"),
    ((*CONTEXT, "capabilities", "add"), ["NET_BIND_SERVICE", "SYS_ADMIN"], f"{CLOCK}.securityContext.capabilities.add"),
    ((*CONTEXT, "procMount"), "Unmasked", f"{CLOCK}.securityContext.procMount"),
    ((*CONTEXT, "windowsOptions"), {"hostProcess": True}, f"{CLOCK}.securityContext.windowsOptions.hostProcess"),
    ((*CONTEXT, "seLinuxOptions"), {"user": "root"}, f"{CLOCK}.securityContext.seLinuxOptions"),
    ((*CONTEXT, "seccompProfile"), {"type": "Unconfined"}, f"{CLOCK}.securityContext.seccompProfile.type"),
    ((*CONTAINER, "ports", 0, "hostPort"), 80, f"{CLOCK}.ports[http].hostPort"),
    ((*CONTAINER, "livenessProbe", "tcpSocket", "host"), "10.0.0.1", f"{CLOCK}.livenessProbe.tcpSocket.host"),
    ((*CONTAINER, "lifecycle", "postStart"), {"httpGet": {"host": "x", "port": 8000}}, f"{CLOCK}.lifecycle.postStart.httpGet.host"),
    (
        (*TEMPLATE, "metadata", "annotations"),
        {"container.apparmor.security.beta.kubernetes.io/clock": "unconfined"},
        'spec.template.metadata.annotations["container.apparmor.security.beta.kubernetes.io/clock"]',
    ),
]


@pytest.mark.parametrize(("path", "value", "place"), FAULTS, ids=[place for _, _, place in FAULTS])
def test_each_rule_finds_its_fault(path, value, place):
    assert brief(findings(("Deployment clock", path, value))) == [("pod-security", "Deployment shop/clock", place)]


@pytest.mark.parametrize("kind", ["hostPath", "nfs", "gcePersistentDisk", "flexVolume", "iscsi"])
def test_volumes_of_the_node_or_of_a_driver_are_refused(kind):
    edits = [("Deployment clock", (*POD, "volumes"), [{"name": "v", kind: {}}]), MOUNT]
    expect("pod-security", edits, [("Deployment shop/clock", "spec.template.spec.volumes[v]", f"{kind} volumes are refused")])


@pytest.mark.parametrize("kind", ["emptyDir", "configMap", "downwardAPI", "csi", "ephemeral", "image", "projected"])
def test_the_other_volumes_are_allowed(kind):
    source = {"name": "gateway-config"} if kind == "configMap" else {}
    assert findings(("Deployment clock", (*POD, "volumes"), [{"name": "v", kind: source}]), MOUNT) == []


def test_users_of_their_own_make_root_harmless():
    edits = [
        ("Deployment clock", (*POD, "hostUsers"), False),
        ("Deployment clock", (*POD, "securityContext", "runAsNonRoot"), GONE),
    ]
    assert findings(*edits, ("Deployment clock", (*POD, "securityContext", "runAsUser"), 0)) == []


@pytest.mark.parametrize("field", ["initContainers", "ephemeralContainers"])
def test_every_container_of_a_pod_is_judged(field):
    found = findings(("Deployment clock", (*POD, field), [{"name": "first", "image": "acme/first:1"}]))
    places = [place for check, _, place in brief(found) if check == "pod-security"]
    assert places == [
        f"spec.template.spec.{field}[first].securityContext.allowPrivilegeEscalation",
        f"spec.template.spec.{field}[first].securityContext.capabilities.drop",
    ]


def test_jobs_and_bare_pods_are_judged_too():
    security = {"containers": [{"name": "one", "image": "acme/one:1"}]}
    job = {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "job", "namespace": "shop"}}
    job["spec"] = {"jobTemplate": {"spec": {"template": {"spec": security}}}}
    found = [finding for finding in findings((None, (), job)) if finding.check == "pod-security"]
    assert {finding.path.partition(".containers")[0] for finding in found} == {"spec.jobTemplate.spec.template.spec"}
    assert len(found) == 4
