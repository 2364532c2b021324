"""A valid store of every backend with every way to log in; secrets by `config`, which need no namespace anywhere."""

C = {"config": "credential"}
ACCOUNT = {"name": "account"}
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
KEYS = {"access_key_id": C, "secret_access_key": C}

AUTH = {
    "infisical": {
        "universal": {"client_id": C, "client_secret": C},
        "azure": {"identity_id": C},
        "gcp_id_token": {"identity_id": C},
        "gcp_iam": {"identity_id": C, "service_account_key_file_path": C},
        "jwt": {"identity_id": C, "jwt": C},
        "ldap": {"identity_id": C, "ldap_username": C, "ldap_password": C},
        "oci": {"identity_id": C, "private_key": C, "fingerprint": C, "user_id": C, "tenancy_id": C, "region": C},
        "kubernetes": {"identity_id": C},
        "aws": {"identity_id": C},
        "token": {"access_token": C},
    },
    "aws": {"keys": KEYS, "service_account": ACCOUNT},
    "vault": {
        "app_role": {"role_id": "id", "secret_id": C},
        "kubernetes": {"role": "mcp", "service_account": ACCOUNT},
        "jwt": {"service_account": ACCOUNT},
        "token": C,
        "ldap": {"username": "mcp", "password": C},
        "user_pass": {"username": "mcp", "password": C},
        "cert": {"certificate": C, "key": C},
        "iam": {"vault_role": "mcp", "keys": KEYS},
    },
    "gcp": {"key": C, "workload_identity": {"service_account": ACCOUNT}},
    "azure": {
        "service_principal": {"tenant_id": "tenant", "client_id": C, "client_secret": C},
        "managed_identity": {},
        "workload_identity": {},
    },
    "kubernetes": {"service_account": ACCOUNT, "token": C, "certificate": {"certificate": C, "key": C}, "kubeconfig": C},
    "infisical_operator": {
        "universal": {"client_id": C, "client_secret": C},
        "kubernetes": {"identity_id": C, "service_account": ACCOUNT},
        "aws_iam": {"identity_id": C},
        "azure": {"identity_id": C},
        "gcp_id_token": {"identity_id": C},
        "gcp_iam": {"identity_id": C, "service_account_key_file_path": "/var/run/key.json"},
        "ldap": {"identity_id": C, "username": C, "password": C},
    },
}

BODIES = {
    "infisical": {"project": "acme"},
    "aws": {"service": "SecretsManager", "region": "eu-central-1"},
    "vault": {"server": "https://vault.example.com"},
    "gcp": {"project_id": "acme"},
    "azure": {"vault_url": "https://acme.vault.azure.net"},
    "kubernetes": {"remote_namespace": "vault"},
    "infisical_operator": {"project": "acme"},
    "fake": {"data": [{"key": "one", "value": "1"}]},
    "existing": {"kind": "ClusterSecretStore", "name": "company"},
}


def store(backend, method=None):
    """Store of `backend` that logs in by `method`, the first that there is by default."""
    body = dict(BODIES[backend])
    if backend in AUTH:
        method = method or next(iter(AUTH[backend]))
        body["auth"] = {method: AUTH[backend][method]}
        if backend == "kubernetes" and method != "kubeconfig":
            body["server"] = {"ca": {"bundle": PEM}}
    return {backend: body}


EVERY = [(backend, method) for backend in BODIES for method in AUTH.get(backend, {None: None})]
"""Every backend with every method."""

RIVALS = [
    ("config", "existing"),
    ("role_id", "role_id_from"),
    ("token", "service_account"),
    ("keys", "service_account"),
    ("client_secret", "client_certificate"),
    ("bundle", "existing_secret", "existing_config_map"),
    ("project", "project_id"),
    ("remote", "data"),
    ("remote", "data_from"),
    ("extract", "find"),
    ("regexp", "transform", "merge"),
    ("literal", "existing_config_map", "existing_secret"),
]
"""Keys that exclude each other."""


def without_rivals(place, key):
    """Take out of the mapping `place` what excludes `key`."""
    for group in RIVALS:
        if key in group:
            for other in group:
                if other != key:
                    place.pop(other, None)


def with_store(data, path):
    """The stack `data` with a store in which `path` (`secret_stores.*.backend…`) means something, and a secret that it holds."""
    backend = path[2] if path[2] in BODIES else "fake"
    deep = len(path) > 4 and path[3] == "auth"
    made = store(backend, path[4] if deep else "token" if backend == "kubernetes" else None)
    data["secret_stores"] = {path[1]: made}
    data["secrets"]["token"] = {"store": path[1], "remote": {"key": "KEY"}}
    restarting(data)
    return made


def restarting(data):
    """The stack `data` whose pods are restarted by a controller."""
    for workload in (data["servers"]["command"], data["gateway"]):
        workload["restart"] = "reloader"


def prepare(data, path):
    """What has to stand beside `path` of a store."""
    made, last = with_store(data, path), path[-1]
    place = made
    for step in path[2:-1]:
        if isinstance(place, list):
            return
        without_rivals(place, step)
        place[step] = _begun(place.get(step), path, step)
        place = place[step]
    _source(place, path)
    if last == "namespaces" or (last == "namespace" and path[2] != "infisical_operator"):
        made["cluster"] = True
    if last in ("additional_roles", "external_id", "session_tags", "transitive_tag_keys"):
        place["role"] = "arn:aws:iam::123456789012:role/mcp"
    if last == "transitive_tag_keys":
        place["session_tags"] = {"one": "1", "two": "2"}
    without_rivals(place, last)


def _begun(value, path, step):
    """What of `value` below the key `step` can stay, and what it needs at least."""
    if isinstance(value, list):
        return value
    if step == "ca":
        return {"existing": "one", "key": "one"} if path[2] == "infisical_operator" else {"bundle": PEM}
    if step == "tls":
        return {"certificate": C, "key": C}
    return dict(ACCOUNT if step == "service_account" else value or {})


def _source(place, path):
    """A reference that has the last key of `path`."""
    last = path[-1]
    if "bundle" in place and last in ("key", "namespace", "existing_secret", "existing_config_map"):
        place.clear()
        place |= {"existing_config_map" if last == "existing_config_map" else "existing_secret": "one", "key": "one"}
    elif last in ("existing", "key", "namespace") and ("config" in place or not place):
        place.clear()
        place |= {"existing": "one", "key": "one"}
    elif last == "config":
        place.clear()
