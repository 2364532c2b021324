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
    "ecr": {"keys": KEYS, "service_account": ACCOUNT},
    "gcr": {"key": C, "workload_identity": {"service_account": ACCOUNT, "cluster_name": "one", "cluster_location": "one"}},
    "acr": {
        "service_principal": {"client_id": C, "client_secret": C},
        "managed_identity": {},
        "workload_identity": {},
    },
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
    "password": {},
    "ecr": {"region": "eu-central-1"},
    "gcr": {"project_id": "acme"},
    "acr": {"registry": "acme.azurecr.io", "tenant_id": "tenant"},
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


GENERATED = ("password", "ecr", "gcr", "acr")
"""Backends that are asked for nothing."""

PAIRS = [(backend, method) for backend in BODIES for method in AUTH.get(backend, {None: None})]
EVERY = [pair for pair in PAIRS if pair[0] not in GENERATED]
"""Every backend that is asked, with every method."""

MAKING = [pair for pair in PAIRS if pair[0] in GENERATED]
"""Every one that makes values of its own, with every method."""
