"""Documents to import: the seeds' own pages where they are beside the repository, and what stands for them where they are not."""

import re
from pathlib import Path

import yaml

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"

SERVICES = """
global:
  namespace: mcp-secrets
  domain: example.com
  environment: staging
  image: {registry: registry.example.com, pullPolicy: IfNotPresent, pullSecrets: [{name: docker-registry-secret}]}
  versioning: {strategy: tag}
  defaultPort: 8000
  infisical:
    hostAPI: https://infisical.example.com
    projectSlug: my-project
    credentials: {secretName: infisical-credentials, clientIdKey: id, clientSecretKey: secret, namespace: mcp-secrets}
    store: {refreshInterval: 3600}
    externalSecret: {refreshInterval: 5m}
  ingress: {enabled: true, className: nginx, tls: {enabled: true, secretName: wildcard}}
  storage: {className: standard}
  probes:
    liveness: {enabled: true, initialDelaySeconds: 30, periodSeconds: 10, successThreshold: 1, failureThreshold: 3}
    readiness: {enabled: true, initialDelaySeconds: 10}
  autoscaling: {enabled: false, minReplicas: 1, maxReplicas: 10, targetCPUUtilizationPercentage: 80}
  resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {cpu: 500m, memory: 512Mi}}
mcp:
  my-api:
    enabled: true
    image: {repository: myapp/api, tag: v1.0.0, pullPolicy: Always}
    port: 8080
    replicas: 3
    labels: {team: api}
    annotations: {note: x}
    autoscaling:
      enabled: true
      minReplicas: 3
      maxReplicas: 20
      metrics:
        - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}
        - {type: Pods, pods: {metric: {name: calls}, target: {type: AverageValue, averageValue: "5"}}}
      behavior:
        scaleDown: {stabilizationWindowSeconds: 300, policies: [{type: Percent, value: 25, periodSeconds: 60}]}
        scaleUp: {stabilizationWindowSeconds: 0, selectPolicy: Max, policies: [{type: Pods, value: 4, periodSeconds: 30}]}
    probes:
      liveness: {enabled: true, httpGet: {path: /healthz, port: 8080}, initialDelaySeconds: 35, timeoutSeconds: 4}
      readiness: {enabled: true, tcpSocket: {port: 8081}}
      startup: {enabled: true, exec: {command: [/bin/up]}, failureThreshold: 60}
    secret:
      create: true
      store: {secretsPath: /api, environmentSlug: qa, recursive: true, expandSecretReferences: false, refreshInterval: 600}
      externalSecret: {targetSecretName: api-secret, refreshInterval: 2m}
    env:
      envFrom: [{secretRef: {name: api-secret}}, {configMapRef: {name: settings}, prefix: S_}]
      env:
        - {name: NODE_ENV, value: production}
        - {name: API_TOKEN, value: literal-token-value}
        - {name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}
    command: [serve]
    args: [--port, "8080"]
    service: {type: ClusterIP, port: 80, targetPort: 8080, portName: web, annotations: {a: b}, sessionAffinity: ClientIP}
    ingress:
      enabled: true
      className: nginx-staging
      host: api.example.com
      path: /v1
      pathType: Exact
      annotations: {nginx.ingress.kubernetes.io/rate-limit: "1000", nginx.ingress.kubernetes.io/limit-rps: "5"}
      tls: {secretName: own}
    resources: {requests: {cpu: 200m, memory: 256Mi}, limits: {cpu: 1000m, memory: 512Mi}}
  mongo:
    enabled: true
    image: {repository: mongo, digest: "sha256:02ea7819c849e5936d4683a5c437d035e03930a401f5aab984c7afaaf1b84b41"}
    port: 27017
    replicas: 1
    autoscaling: {enabled: false}
    persistence: {enabled: true, size: 50Gi, storageClassName: premium-ssd, mountPath: /data/db, accessModes: [ReadWriteOnce]}
    secret: {create: false, secretRef: {name: shared, namespace: mcp-secrets}}
    env: {env: [{name: MONGO_PASSWORD, valueFrom: {secretKeyRef: {name: reader-secret, key: MONGO}}}]}
    ingress: {enabled: false, path: /x}
  reader:
    enabled: true
    image: {repository: myapp/reader, tag: 1.0.0}
    secret: {create: true, store: {secretsPath: reader}, externalSecret: {targetSecretName: reader-secret}}
  unread:
    enabled: true
    image: {repository: myapp/unread, tag: 1.0.0}
    secret: {create: true, store: {name: mine}, externalSecret: {name: ours, targetSecretName: unread-secret}}
  asana-mcp: {enabled: true, image: {repository: mcp/asana}, ingress: {enabled: true, sse: true, host: mcp-asana.example.com}}
  worker-1: {enabled: true, secret: {create: false}}
"""

MPL = """
image: {repository: ghcr.io/acme/mpl-proxy, tag: "0.1.0", pullPolicy: IfNotPresent}
imagePullSecrets: [{name: ghcr}]
replicaCount: 3
mpl: {mode: strict, requiredProfile: qom-basic, enforceSchema: true, enforceAssertions: true, policyEngine: true, registry: /r}
transport: {port: 9443, upstream: "http://mcp-server.default.svc.cluster.local:8080", protocol: http, request_timeout_ms: 20000}
observability: {metricsPort: 9101, logLevel: info, logFormat: json}
resources: {limits: {cpu: "1", memory: 512Mi}, requests: {cpu: 250m, memory: 256Mi}}
autoscaling: {enabled: true, minReplicas: 2, maxReplicas: 10, targetCPUUtilizationPercentage: 70}
probes:
  liveness: {enabled: true, initialDelaySeconds: 10, periodSeconds: 10}
  readiness: {enabled: true, initialDelaySeconds: 5, periodSeconds: 5}
podAnnotations: {team: a}
securityContext: {runAsUser: 1000, capabilities: {drop: [ALL]}}
nodeSelector: {disk: ssd}
tolerations: [{key: a, operator: Exists, effect: NoSchedule}]
affinity: {nodeAffinity: {}, podAntiAffinity: {x: 1}}
service: {type: NodePort, port: 9444, metricsPort: 9101}
serviceMonitor: {enabled: true, namespace: metrics, interval: 15s, scrapeTimeout: 5s, labels: {release: prometheus}}
networkPolicy:
  enabled: true
  ingress:
    - {from: [{podSelector: {matchLabels: {role: ai-agent}}}], ports: [{port: 9443, protocol: TCP}]}
    - {from: [{namespaceSelector: {matchLabels: {name: monitoring}}}], ports: [{port: 9101}]}
  egress:
    - {to: [{podSelector: {matchLabels: {app: mcp-server}}}], ports: [{port: 8080}]}
ingress:
  enabled: true
  className: nginx
  annotations: {cert-manager.io/cluster-issuer: letsencrypt-prod}
  hosts: [{host: mpl.example.com, paths: [{path: /, pathType: Prefix}]}, {host: two.example.com}]
  tls: [{secretName: mpl-tls, hosts: [mpl.example.com]}]
"""

MPL_CONFIG = """
transport: {listen: "0.0.0.0:9443", upstream: "localhost:8080", protocol: websocket, connect_timeout_ms: 5000, max_retries: 3}
mpl: {registry: /config/registry, mode: transparent, required_profile: qom-basic, enforce_schema: true, policy_engine: true}
observability: {metrics_port: 9100, log_format: json, log_level: info}
limits: {max_connections: 10000, recovery_time_ms: 30000}
routing: [{stype_pattern: x, upstream: y}]
"""

CLIENT = """
{ // seed 001, and what clients add
  "mcpServers": {
    "sentry": {"url": "https://mcp.sentry.dev/sse", "headers": {"Authorization": "Bearer ${SENTRY_TOKEN}"}},
    "grafana": {"type": "http", "url": "https://grafana.example.com/mcp?api_key=s3cret-0", "headers": {"X-Api-Key": "s3cret-1"},
      "idle_timeout": "never", "oauth": {"clientId": "x"}},
    "gitHub_Server": {"type": "stdio", "command": "npx", "args": ["-y", "server-github", "--token", "s3cret-2", "--key=${KEY}"],
      "env": {"GITHUB_TOKEN": "s3cret-3", "MODE": "full", "DSN": "pg://${PW}@h", "FROM": "${OTHER}"},
      "min_idle_timeout": "30s", "cwd": "/srv", "timeout": 30000, "autoApprove": ["x"]},
    "off": {"command": "x", "disabled": true, "idle_timeout": "2m", "max_idle_timeout": "4m"},
    "kubectl": {"command": "kubectl", "cli": true, "cli_only": ["get"], "cli_depth": 1, "cli_help": "-h",
      "tool_acl": {"read": ["g"]}},
    "git": {"command": "git", "cli": true,
      "tools": [{"name": "log", "args": ["log"], "description": "d", "input_schema": {"a": 1}}]},
    "legacy": {"serverUrl": "https://user:s3cret-4@legacy.example.com/sse", "transport": "sse"},
    "empty": {"note": 1}
  },
  "serverAuth": {"providers": ["bearer", "forwarded"], "forwarded": {"header": "x-user"}, "acl": {"default": "deny"},
    "bearer": {"tokens": {"s3cret-5": "alice", "s3cret-6-0123456789abcdef0123456789": {"subject": "bob", "roles": ["dev"]}}}},
  "audit": {"enabled": true, "path": "/data", "log_arguments": true, "output": "file"},
  "inputs": [{"id": "x"}]
}
"""

WRITTEN = {"services": SERVICES, "mpl": MPL, "mpl-config": MPL_CONFIG, "client": CLIENT}


def of_seeds():
    """Every block of the seeds' pages that holds values or servers, by page and number."""
    found = {}
    for path in sorted(SEEDS.glob("00[013]_*.txt")) if SEEDS.is_dir() else []:
        for number, block in enumerate(re.findall(r"```(?:yaml|json)\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)):
            if "servers.json: |" in block:
                found[f"{path.name[:3]}-{number}"] = yaml.safe_load(block)["data"]["servers.json"]
            elif re.search(r"^(?:global|mcp):", block, re.MULTILINE) or ("kind: HelmRelease" in block and "  values:" in block):
                found[f"{path.name[:3]}-{number}"] = block
    return found
