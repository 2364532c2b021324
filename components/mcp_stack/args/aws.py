"""What arguments consist of: aws. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

from .credentials import CredentialArgs, ServiceAccountRefArgs


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
