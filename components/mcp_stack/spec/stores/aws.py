"""AWS by External Secrets: https://external-secrets.io/latest/provider/aws-secrets-manager/."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mcp_stack_proxy.config import Strict

from .credentials import CredentialSpec, ServiceAccountRef, exactly_one

RoleArn = Annotated[str, Field(pattern=r"^arn:[a-z-]+:iam::[0-9]{12}:role/.+$")]
Region = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]+$")]


class AwsKeys(Strict):
    """An access key."""

    access_key_id: CredentialSpec
    """Its id."""
    secret_access_key: CredentialSpec
    """Its secret."""
    session_token: CredentialSpec | None = None
    """Token of temporary keys."""


class AwsAuth(Strict):
    """Who the controller is to AWS: exactly one of `keys` and `service_account`."""

    keys: AwsKeys | None = None
    """An access key."""
    service_account: ServiceAccountRef | None = None
    """Account whose annotation `eks.amazonaws.com/role-arn` names a role (IRSA)."""

    @model_validator(mode="after")
    def _one_method(self) -> Self:
        exactly_one(self, ("keys", "service_account"))
        return self


class AwsStoreSpec(Strict):
    """Secrets Manager or Parameter Store of one region."""

    service: Literal["SecretsManager", "ParameterStore"]
    """Which of the two."""
    region: Region
    """Region, such as eu-central-1."""
    auth: AwsAuth | None = None
    """Who the controller is; by default the identity of its own pod (IRSA, Pod Identity)."""
    role: RoleArn | None = None
    """Role to assume."""
    additional_roles: list[RoleArn] = []
    """Roles to assume before `role`, one after the other."""
    external_id: str | None = None
    """External id that the role's trust policy asks for."""
    prefix: str | None = None
    """Put before every key."""
    session_tags: dict[str, str] = {}
    """Tags of the assumed session."""
    transitive_tag_keys: list[str] = []
    """Tags that further roles of the chain see."""

    @model_validator(mode="after")
    def _role_alone(self) -> Self:
        for name in ("additional_roles", "external_id", "session_tags"):
            if self.role is None and getattr(self, name):
                raise ValueError(f"`{name}` does nothing without `role`")
        unknown = sorted(set(self.transitive_tag_keys) - set(self.session_tags))
        if unknown:
            raise ValueError(f"`transitive_tag_keys` names {unknown[0]!r}, which is no key of `session_tags`")
        return self
