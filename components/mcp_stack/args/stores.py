"""What arguments say about stores of secrets. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

from .credentials import (
    CertificateAuthorityArgs,
    CredentialArgs,
    ServiceAccountRefArgs,
)
from .infisical import (
    InfisicalOperatorArgs,
    InfisicalStoreArgs,
)


class AwsKeysArgs(TypedDict):
    """An access key."""

    access_key_id: CredentialArgs
    """Its id."""
    secret_access_key: CredentialArgs
    """Its secret."""
    session_token: NotRequired[CredentialArgs]
    """Token of temporary keys."""


class AwsAuthArgs(TypedDict):
    """Who the controller is to AWS: exactly one of `keys` and `service_account`."""

    keys: NotRequired[AwsKeysArgs]
    """An access key."""
    service_account: NotRequired[ServiceAccountRefArgs]
    """Account whose annotation `eks.amazonaws.com/role-arn` names a role (IRSA)."""


class AwsStoreArgs(TypedDict):
    """Secrets Manager or Parameter Store of one region."""

    service: str
    """Which of the two."""
    region: str
    """Region, such as eu-central-1."""
    auth: NotRequired[AwsAuthArgs]
    """Who the controller is; by default the identity of its own pod (IRSA, Pod Identity)."""
    role: NotRequired[str]
    """Role to assume."""
    additional_roles: NotRequired[list[str]]
    """Roles to assume before `role`, one after the other."""
    external_id: NotRequired[str]
    """External id that the role's trust policy asks for."""
    prefix: NotRequired[str]
    """Put before every key."""
    session_tags: NotRequired[dict[str, str]]
    """Tags of the assumed session."""
    transitive_tag_keys: NotRequired[list[str]]
    """Tags that further roles of the chain see."""


class VaultTlsArgs(TypedDict):
    """A client certificate for the connection itself."""

    certificate: CredentialArgs
    """The certificate in PEM."""
    key: CredentialArgs
    """Its key in PEM."""


class VaultAppRoleArgs(TypedDict):
    """An AppRole: exactly one of `role_id` and `role_id_from`."""

    path: NotRequired[str]
    """Where the method is mounted."""
    role_id: NotRequired[str]
    """Id of the role, which is no secret."""
    role_id_from: NotRequired[CredentialArgs]
    """Id of the role, from a Secret."""
    secret_id: CredentialArgs
    """Its secret."""


class VaultKubernetesArgs(TypedDict):
    """A Kubernetes account: `service_account` or `token`, the controller's own by default."""

    path: NotRequired[str]
    """Where the method is mounted."""
    role: str
    """Role of Vault."""
    service_account: NotRequired[ServiceAccountRefArgs]
    """Account whose token is shown."""
    token: NotRequired[CredentialArgs]
    """A token as it is."""


class VaultJwtArgs(TypedDict):
    """A token of an issuer that Vault trusts: exactly one of `token` and `service_account`."""

    path: NotRequired[str]
    """Where the method is mounted."""
    role: NotRequired[str]
    """Role of Vault; the mount's own by default."""
    token: NotRequired[CredentialArgs]
    """The token."""
    service_account: NotRequired[ServiceAccountRefArgs]
    """Account that a token is asked for."""
    expiration_seconds: NotRequired[int]
    """How long the account's token is good for; ten minutes by default."""


class VaultLdapArgs(TypedDict):
    """A user of a directory."""

    path: NotRequired[str]
    """Where the method is mounted."""
    username: str
    """User's name."""
    password: CredentialArgs
    """User's password."""


class VaultUserPassArgs(TypedDict):
    """A user of Vault."""

    path: NotRequired[str]
    """Where the method is mounted."""
    username: str
    """User's name."""
    password: CredentialArgs
    """User's password."""


class VaultCertArgs(TypedDict):
    """A client certificate."""

    path: NotRequired[str]
    """Where the method is mounted."""
    role: NotRequired[str]
    """Role of Vault; whichever matches by default."""
    certificate: CredentialArgs
    """The certificate in PEM."""
    key: CredentialArgs
    """Its key in PEM."""


class VaultIamArgs(TypedDict):
    """An identity of AWS: `keys` or `service_account`, the controller's own by default."""

    path: NotRequired[str]
    """Where the method is mounted."""
    vault_role: str
    """Role of Vault."""
    region: NotRequired[str]
    """Region of AWS."""
    role: NotRequired[str]
    """Role of AWS to assume."""
    server_id: NotRequired[str]
    """Value of the header X-Vault-AWS-IAM-Server-ID."""
    keys: NotRequired[AwsKeysArgs]
    """An access key."""
    service_account: NotRequired[ServiceAccountRefArgs]
    """Account whose annotation names a role of AWS (IRSA)."""


class VaultAuthArgs(TypedDict):
    """How the controller logs in: exactly one method."""

    app_role: NotRequired[VaultAppRoleArgs]
    """An AppRole."""
    kubernetes: NotRequired[VaultKubernetesArgs]
    """A Kubernetes account."""
    jwt: NotRequired[VaultJwtArgs]
    """A token of another issuer."""
    token: NotRequired[CredentialArgs]
    """A token of Vault as it is."""
    ldap: NotRequired[VaultLdapArgs]
    """A directory's user."""
    user_pass: NotRequired[VaultUserPassArgs]
    """A user of Vault."""
    cert: NotRequired[VaultCertArgs]
    """A client certificate."""
    iam: NotRequired[VaultIamArgs]
    """An identity of AWS."""


class VaultStoreArgs(TypedDict):
    """A key-value engine of Vault."""

    server: str
    """Address of the server."""
    path: NotRequired[str]
    """Where the engine is mounted; otherwise every key starts with it."""
    version: NotRequired[str]
    """Version of the engine."""
    namespace: NotRequired[str]
    """Namespace of Vault Enterprise."""
    ca: NotRequired[CertificateAuthorityArgs]
    """Whose certificates to trust, beside the public ones."""
    tls: NotRequired[VaultTlsArgs]
    """Certificate of the controller."""
    auth: VaultAuthArgs
    """How the controller logs in."""


class GcpWorkloadIdentityArgs(TypedDict):
    """A Kubernetes account that stands for a Google one."""

    service_account: ServiceAccountRefArgs
    """The account."""
    cluster_name: NotRequired[str]
    """Name of the cluster; asked of its metadata server by default."""
    cluster_location: NotRequired[str]
    """Location of the cluster; asked of its metadata server by default."""
    cluster_project_id: NotRequired[str]
    """Project of the cluster; asked of its metadata server by default."""


class GcpAuthArgs(TypedDict):
    """Who the controller is to Google: exactly one of `key` and `workload_identity`."""

    key: NotRequired[CredentialArgs]
    """A service account's key as JSON."""
    workload_identity: NotRequired[GcpWorkloadIdentityArgs]
    """An account of the cluster."""


class GcpStoreArgs(TypedDict):
    """Secret Manager of one project."""

    project_id: NotRequired[str]
    """The project; the cluster's own by default."""
    location: NotRequired[str]
    """Region of regional secrets."""
    auth: NotRequired[GcpAuthArgs]
    """Who the controller is; by default the identity of its own pod."""


class AzureServicePrincipalArgs(TypedDict):
    """An application: exactly one of `client_secret` and `client_certificate`."""

    tenant_id: str
    """Tenant."""
    client_id: CredentialArgs
    """Id of the application."""
    client_secret: NotRequired[CredentialArgs]
    """Its secret."""
    client_certificate: NotRequired[CredentialArgs]
    """Its certificate and key in PEM."""


class AzureManagedIdentityArgs(TypedDict):
    """An identity of the node."""

    identity_id: NotRequired[str]
    """Client id, where the node has several identities."""


class AzureWorkloadIdentityArgs(TypedDict):
    """A Kubernetes account that stands for an identity of Azure."""

    service_account: NotRequired[ServiceAccountRefArgs]
    """The account, with its client and tenant id as annotations; the controller's own by default."""
    tenant_id: NotRequired[str]
    """Tenant, where the account does not name it."""


class AzureAuthArgs(TypedDict):
    """Who the controller is to Azure: exactly one method."""

    service_principal: NotRequired[AzureServicePrincipalArgs]
    """An application with a secret or a certificate."""
    managed_identity: NotRequired[AzureManagedIdentityArgs]
    """An identity of the node."""
    workload_identity: NotRequired[AzureWorkloadIdentityArgs]
    """An account of the cluster."""


class AzureStoreArgs(TypedDict):
    """One Key Vault."""

    vault_url: str
    """Address, such as https://acme.vault.azure.net."""
    cloud: NotRequired[str]
    """Which of Azure's clouds."""
    auth: AzureAuthArgs
    """Who the controller is."""


class KubernetesServerArgs(TypedDict):
    """The API server."""

    url: NotRequired[str]
    """Address; this cluster's by default."""
    ca: CertificateAuthorityArgs
    """Whose certificate it shows. In every namespace the ConfigMap kube-root-ca.crt, key ca.crt, has this cluster's."""


class KubernetesCertificateArgs(TypedDict):
    """A client certificate."""

    certificate: CredentialArgs
    """The certificate in PEM."""
    key: CredentialArgs
    """Its key in PEM."""


class KubernetesAuthArgs(TypedDict):
    """Who the controller is to the API server: exactly one method."""

    service_account: NotRequired[ServiceAccountRefArgs]
    """An account of this cluster, which needs the right to read Secrets there."""
    token: NotRequired[CredentialArgs]
    """A token as it is."""
    certificate: NotRequired[KubernetesCertificateArgs]
    """A client certificate."""
    kubeconfig: NotRequired[CredentialArgs]
    """A kubeconfig with server and credentials."""


class KubernetesStoreArgs(TypedDict):
    """Secrets of one namespace."""

    remote_namespace: str
    """The namespace."""
    server: NotRequired[KubernetesServerArgs]
    """The API server; `kubeconfig` names it itself."""
    auth: KubernetesAuthArgs
    """Who the controller is."""


class FakeEntryArgs(TypedDict):
    """A value, readable by all who see the stack."""

    key: str
    """Its key."""
    value: str
    """The value."""
    version: NotRequired[str]
    """Its version."""


class FakeStoreArgs(TypedDict):
    """Values in plain text, for tests and demonstrations."""

    data: list[FakeEntryArgs]
    """The values."""


class ExistingStoreArgs(TypedDict):
    """A store of External Secrets that somebody else provides."""

    kind: str
    """A SecretStore lies in the stack's namespace, a ClusterSecretStore in none."""
    name: str
    """Its name."""


class RetryArgs(TypedDict):
    """What the controller does when the backend does not answer."""

    max: NotRequired[int]
    """Further attempts."""
    interval_seconds: NotRequired[int]
    """Time between them."""


class SecretStoreArgs(TypedDict):
    """A backend: exactly one of `infisical`, `aws`, `vault`, `gcp`, `azure`, `kubernetes`, `fake`, `infisical_operator` and
    `existing`. All but `infisical_operator` are read by the External Secrets Operator."""

    infisical: NotRequired[InfisicalStoreArgs]
    """Infisical, by External Secrets."""
    aws: NotRequired[AwsStoreArgs]
    """AWS Secrets Manager or Parameter Store."""
    vault: NotRequired[VaultStoreArgs]
    """HashiCorp Vault or OpenBao."""
    gcp: NotRequired[GcpStoreArgs]
    """Google Secret Manager."""
    azure: NotRequired[AzureStoreArgs]
    """Azure Key Vault."""
    kubernetes: NotRequired[KubernetesStoreArgs]
    """Secrets of another namespace or cluster."""
    fake: NotRequired[FakeStoreArgs]
    """Values in plain text, for tests and demonstrations."""
    infisical_operator: NotRequired[InfisicalOperatorArgs]
    """Infisical, by its own operator."""
    existing: NotRequired[ExistingStoreArgs]
    """A store of External Secrets that somebody else provides."""
    cluster: NotRequired[bool]
    """Makes a ClusterSecretStore, which lies in no namespace, of it; the stack's namespace and `namespaces` may use it."""
    namespaces: NotRequired[list[str]]
    """With `cluster`: further namespaces that may use it."""
    controller: NotRequired[str]
    """Class of the controller, where a cluster runs several."""
    refresh_seconds: NotRequired[int]
    """How often the controller checks that the store still works."""
    retry: NotRequired[RetryArgs]
    """What happens when the backend does not answer."""
