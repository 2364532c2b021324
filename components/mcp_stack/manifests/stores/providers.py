"""`spec.provider` of a store, for each backend (external-secrets.io/v1)."""

from typing import Any

from ...spec.stores.aws import AwsStoreSpec
from ...spec.stores.azure import AzureStoreSpec
from ...spec.stores.fake import FakeStoreSpec
from ...spec.stores.gcp import GcpStoreSpec
from ...spec.stores.infisical import InfisicalStoreSpec
from ...spec.stores.kubernetes import KubernetesStoreSpec
from .fields import References, camel, given, nested
from .vault import vault

Fields = dict[str, Any]


def provider(refer: References) -> Fields:
    """The one provider of the store that `refer` names."""
    store = refer.spec.secret_stores[refer.name]
    found = {
        "infisical": store.infisical and _infisical(store.infisical, refer),
        "aws": store.aws and _aws(store.aws, refer),
        "vault": store.vault and vault(store.vault, refer),
        "gcpsm": store.gcp and _gcp(store.gcp, refer),
        "azurekv": store.azure and _azure(store.azure, refer),
        "kubernetes": store.kubernetes and _kubernetes(store.kubernetes, refer),
        "fake": store.fake and _fake(store.fake),
    }
    return {key: value for key, value in found.items() if value is not None}


def _infisical(store: InfisicalStoreSpec, refer: References) -> Fields:
    method = next(name for name in type(store.auth).model_fields if getattr(store.auth, name) is not None)
    scope = {
        "projectSlug": store.project,
        "environmentSlug": store.environment or refer.spec.environment,
        "secretsPath": store.path,
        "recursive": store.recursive,
        "expandSecretReferences": store.expand_references,
        "organizationSlug": store.organization,
    }
    return {
        "hostAPI": store.api,
        "secretsScope": given(scope),
        "auth": {f"{camel(method)}AuthCredentials": refer.fields(getattr(store.auth, method))},
        **refer.authority(store.ca),
    }


def _aws(store: AwsStoreSpec, refer: References) -> Fields:
    auth = store.auth and given(
        {
            "secretRef": refer.keys(store.auth.keys),
            "jwt": store.auth.service_account and {"serviceAccountRef": refer.account(store.auth.service_account)},
        }
    )
    fields = {
        "service": store.service,
        "region": store.region,
        "auth": auth,
        "role": store.role,
        "additionalRoles": store.additional_roles,
        "externalID": store.external_id,
        "prefix": store.prefix,
        "sessionTags": [{"key": key, "value": value} for key, value in sorted(store.session_tags.items())],
        "transitiveTagKeys": store.transitive_tag_keys,
    }
    return given(fields)


def _gcp(store: GcpStoreSpec, refer: References) -> Fields:
    auth = store.auth and given(
        {
            "secretRef": store.auth.key and {"secretAccessKeySecretRef": refer.secret(store.auth.key)},
            "workloadIdentity": refer.fields(
                store.auth.workload_identity, service_account="serviceAccountRef", cluster_project_id="clusterProjectID"
            ),
        }
    )
    return given({"projectID": store.project_id, "location": store.location, "auth": auth})


def _azure(store: AzureStoreSpec, refer: References) -> Fields:
    auth, fields = store.auth, {"vaultUrl": store.vault_url, "environmentType": store.cloud}
    if (principal := auth.service_principal) is not None:
        credentials = {name: getattr(principal, name) for name in ("client_id", "client_secret", "client_certificate")}
        found = {camel(name): refer.secret(one) for name, one in credentials.items()}
        return {**fields, "authType": "ServicePrincipal", "tenantId": principal.tenant_id, "authSecretRef": given(found)}
    if (identity := auth.managed_identity) is not None:
        return given({**fields, "authType": "ManagedIdentity", "identityId": identity.identity_id})
    workload = auth.workload_identity
    account = refer.account(workload.service_account) if workload else None
    tenant = workload.tenant_id if workload else None
    return given({**fields, "authType": "WorkloadIdentity", "serviceAccountRef": account, "tenantId": tenant})


def _kubernetes(store: KubernetesStoreSpec, refer: References) -> Fields:
    auth = store.auth
    server = store.server and given({"url": store.server.url, **refer.authority(store.server.ca)})
    found = {
        "serviceAccount": refer.account(auth.service_account),
        "token": auth.token and {"bearerToken": refer.secret(auth.token)},
        "cert": refer.fields(auth.certificate, certificate="clientCert", key="clientKey"),
    }
    return given(
        {
            "remoteNamespace": store.remote_namespace,
            "server": server,
            "auth": given(found),
            "authRef": refer.secret(auth.kubeconfig),
        }
    )


def _fake(store: FakeStoreSpec) -> Fields:
    return nested({"data": store.data})
