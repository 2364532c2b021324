"""`spec.provider.vault` of a store (external-secrets.io/v1)."""

from typing import Any

from ...spec.stores.vault import VaultAppRole, VaultAuth, VaultCert, VaultIam, VaultJwt, VaultStoreSpec
from .fields import References, given

_KUBERNETES = {"path": "mountPath", "service_account": "serviceAccountRef", "token": "secretRef"}
_PASSWORD = {"password": "secretRef"}


def vault(store: VaultStoreSpec, refer: References) -> dict[str, Any]:
    """A key-value engine of Vault."""
    fields = {
        "server": store.server,
        "path": store.path,
        "version": store.version,
        "namespace": store.namespace,
        **refer.authority(store.ca),
        "tls": refer.fields(store.tls, certificate="certSecretRef", key="keySecretRef"),
        "auth": _auth(store.auth, refer),
    }
    return given(fields)


def _auth(auth: VaultAuth, refer: References) -> dict[str, Any]:
    found = {
        "appRole": auth.app_role and _app_role(auth.app_role, refer),
        "kubernetes": refer.fields(auth.kubernetes, **_KUBERNETES),
        "jwt": auth.jwt and _jwt(auth.jwt, refer),
        "tokenSecretRef": refer.secret(auth.token),
        "ldap": refer.fields(auth.ldap, **_PASSWORD),
        "userPass": refer.fields(auth.user_pass, **_PASSWORD),
        "cert": auth.cert and _cert(auth.cert, refer),
        "iam": auth.iam and _iam(auth.iam, refer),
    }
    return given(found)


def _app_role(role: VaultAppRole, refer: References) -> dict[str, Any]:
    return given(
        {
            "path": role.path,
            "roleId": role.role_id,
            "roleRef": refer.secret(role.role_id_from),
            "secretRef": refer.secret(role.secret_id),
        }
    )


def _jwt(jwt: VaultJwt, refer: References) -> dict[str, Any]:
    token = jwt.service_account and given(
        {"serviceAccountRef": refer.account(jwt.service_account), "expirationSeconds": jwt.expiration_seconds}
    )
    return given({"path": jwt.path, "role": jwt.role, "secretRef": refer.secret(jwt.token), "kubernetesServiceAccountToken": token})


def _cert(cert: VaultCert, refer: References) -> dict[str, Any]:
    return given(
        {
            "path": cert.path,
            "vaultRole": cert.role,
            "clientCert": refer.secret(cert.certificate),
            "secretRef": refer.secret(cert.key),
        }
    )


def _iam(iam: VaultIam, refer: References) -> dict[str, Any]:
    return given(
        {
            "path": iam.path,
            "vaultRole": iam.vault_role,
            "region": iam.region,
            "role": iam.role,
            "vaultAwsIamServerID": iam.server_id,
            "secretRef": refer.keys(iam.keys),
            "jwt": iam.service_account and {"serviceAccountRef": refer.account(iam.service_account)},
        }
    )
