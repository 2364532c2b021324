"""AWS Secrets Manager and Parameter Store, by boto3, as moto serves them.

From External Secrets' pages "AWS Secrets Manager" and "Parameter Store". It logs in by access keys or as the controller itself,
with a role or without.
"""

import re
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tests.e2e.stores.client import Absent, StoreError
from tests.e2e.stores.surroundings import Fields, Surroundings
from tests.e2e.stores.values import Values, member


@cache
def client(service: str, address: str, region: str, keys: tuple[str, str], role: str | None, external_id: str | None) -> Any:
    """A client of a service, in a role or without. It is kept for the next look: making one reads megabytes of definitions."""
    session = boto3.Session(*keys, region_name=region)
    if role is not None:
        extra = {"ExternalId": external_id} if external_id is not None else {}
        assumed = session.client("sts", endpoint_url=address).assume_role(
            RoleArn=role, RoleSessionName="external-secrets-provider-aws", **extra
        )["Credentials"]
        session = boto3.Session(assumed["AccessKeyId"], assumed["SecretAccessKey"], assumed["SessionToken"], region_name=region)
    return session.client(service, endpoint_url=address)


class Aws:
    """One of AWS' services, by the store's credentials, region and role."""

    service = ""

    def __init__(self, fields: Fields, around: Surroundings) -> None:
        self.prefix: str = fields.get("prefix", "")
        keys = fields.get("auth", {}).get("secretRef")
        pair = ("controller", "controller")
        if keys:
            pair = (around.secret(keys["accessKeyIDSecretRef"]), around.secret(keys["secretAccessKeySecretRef"]))
        self.client = client(self.service, around.aws, fields["region"], pair, fields.get("role"), fields.get("externalID"))

    def value(self, ref: Fields) -> str:
        """One value, or a member of it."""
        try:
            text = self._read(f"{self.prefix}{ref['key']}", ref.get("version"))
        except ClientError as error:
            code = error.response["Error"]["Code"]
            raise (Absent if code in ("ResourceNotFoundException", "ParameterNotFound") else StoreError)(str(error)) from None
        except BotoCoreError as error:
            raise StoreError(str(error)) from None
        return member(text, ref["property"], ref["key"]) if "property" in ref else text

    def found(self, find: Fields) -> Values:
        """Values whose names fit."""
        if "name" not in find:
            raise StoreError("this stand-in finds by name alone")
        pattern = re.compile(find["name"]["regexp"])
        return {name: text.encode() for name, text in self._all(find.get("path")).items() if pattern.search(name)}

    def validate(self) -> None:
        """The provider looks at its credentials alone."""

    def _read(self, name: str, version: str | None) -> str:
        raise NotImplementedError

    def _all(self, path: str | None) -> dict[str, str]:
        raise NotImplementedError


class SecretsManager(Aws):
    """Secrets by name. A version is a stage unless it begins with `uuid/`."""

    service = "secretsmanager"

    def _read(self, name: str, version: str | None) -> str:
        which = {"VersionId": version.removeprefix("uuid/")} if version and version.startswith("uuid/") else {}
        stage = {} if which else {"VersionStage": version or "AWSCURRENT"}
        found = self.client.get_secret_value(SecretId=name, **which, **stage)
        return found["SecretString"] if "SecretString" in found else found["SecretBinary"].decode()

    def _all(self, path: str | None) -> dict[str, str]:
        filters = [{"Key": "name", "Values": [path]}] if path else []
        pages = self.client.get_paginator("list_secrets").paginate(Filters=filters)
        return {one["Name"]: self._read(one["Name"], None) for page in pages for one in page["SecretList"]}


class ParameterStore(Aws):
    """Parameters by path."""

    service = "ssm"

    def _read(self, name: str, version: str | None) -> str:
        name = f"{name}:{version}" if version else name
        return self.client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]

    def _all(self, path: str | None) -> dict[str, str]:
        pages = self.client.get_paginator("get_parameters_by_path").paginate(Path=path or "/", Recursive=True, WithDecryption=True)
        return {one["Name"]: one["Value"] for page in pages for one in page["Parameters"]}
