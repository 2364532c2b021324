"""A small program in which nothing breaks a policy, and ways to spoil it."""

from copy import deepcopy

import yaml

from mcp_stack_policy import Object, configuration, judge

CLEAN = """
- apiVersion: v1
  kind: ServiceAccount
  metadata: {name: web, namespace: shop}
  automountServiceAccountToken: false
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: proxy, namespace: shop}
  data: {proxy.yaml: "authentication: {api_keys: {file: /keys}}", LEVEL: debug}
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: web, namespace: shop}
  spec:
    template:
      metadata: {labels: {app: web}}
      spec:
        serviceAccountName: web
        securityContext: {runAsUser: 10001}
        volumes: [{name: config, configMap: {name: proxy}}, {name: tmp, emptyDir: {}}]
        initContainers:
          - name: migrate
            image: ghcr.io/acme/web:1.2.3
            resources: {requests: {cpu: 1m, memory: 1Mi}, limits: {memory: 1Mi}}
        containers:
          - name: web
            image: ghcr.io:5000/acme/web:1.2.3
            command: [mcp-stack-proxy]
            args: [serve, --config, /config/proxy.yaml]
            env: [{name: LEVEL, value: debug}]
            ports: [{containerPort: 8000}]
            readinessProbe: {tcpSocket: {port: 8000}}
            livenessProbe: {tcpSocket: {port: 8000}}
            resources: {requests: {cpu: 100m}, limits: {memory: 64Mi}}
            securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}}
            volumeMounts: [{name: tmp, mountPath: /tmp}, {name: config, mountPath: /config/}]
- apiVersion: autoscaling/v2
  kind: HorizontalPodAutoscaler
  metadata: {name: web, namespace: shop}
  spec: {scaleTargetRef: {kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 4}
- apiVersion: policy/v1
  kind: PodDisruptionBudget
  metadata: {name: web, namespace: shop}
  spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}
- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata: {name: web, namespace: shop}
  spec: {podSelector: {matchExpressions: [{key: app, operator: In, values: [web]}]}}
- apiVersion: v1
  kind: Service
  metadata: {name: web, namespace: shop}
  spec: {selector: {app: web}, ports: [{port: 80}]}
- apiVersion: networking.k8s.io/v1
  kind: Ingress
  metadata: {name: web, namespace: shop}
  spec:
    rules: [{http: {paths: [{path: /, backend: {service: {name: web}}}]}}]
- apiVersion: gateway.networking.k8s.io/v1
  kind: HTTPRoute
  metadata: {name: web, namespace: shop}
  spec: {rules: [{backendRefs: [{name: web}]}]}
- apiVersion: rbac.authorization.k8s.io/v1
  kind: Role
  metadata: {name: web, namespace: shop}
  rules:
    - {apiGroups: [""], resources: [secrets], resourceNames: [one], verbs: [get]}
    - {apiGroups: [""], resources: [pods], verbs: [list]}
- apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata: {name: web, namespace: shop}
  roleRef: {kind: Role, name: web}
  subjects: [{kind: ServiceAccount, name: other, namespace: shop}]
"""

DEPLOYMENT = "Deployment web"
POD = ("spec", "template", "spec")
WEB = (*POD, "containers", 0)
CONTAINER = "spec.template.spec.containers[web]"
GONE = object()


def objects(*edits):
    """The clean program after `(title, path, value)`: without a path an object is added or taken away, GONE takes a key away."""
    found = yaml.safe_load(CLEAN)
    for title, path, value in edits:
        if title is None:
            found.append(deepcopy(value))
            continue
        item = next(one for one in found if f"{one['kind']} {one['metadata']['name']}" == title)
        if not path:
            found.remove(item)
            continue
        place = item
        for step in path[:-1]:
            place = place.setdefault(step, {}) if isinstance(place, dict) else place[step]
        if value is GONE:
            del place[path[-1]]
        elif isinstance(place, list) and path[-1] == len(place):
            place.append(value)
        else:
            place[path[-1]] = value
    return [Object(one, f"urn:pulumi:dev::shop::kubernetes::{one['metadata']['name']}") for one in found]


def judged(*edits, config=None):
    """`(policy, level, object, path, message)` of every violation after the edits."""
    return [
        (one.policy.name, one.level, one.violation.object.title, one.violation.path, one.text)
        for one in judge(objects(*edits), configuration(config or {}))
    ]


def broken(policy, *edits, config=None):
    """`(object, path)` of what breaks `policy`, and nothing else may be broken."""
    found = judged(*edits, config=config)
    assert {name for name, *_ in found} <= {policy}, found
    return [(title, path) for _, _, title, path, _ in found]


def made(kind, api="v1", name="one", namespace="shop", **fields):
    """One more object."""
    return None, (), {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": namespace}, **fields}
