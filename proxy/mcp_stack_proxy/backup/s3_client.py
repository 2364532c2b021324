"""The part of an S3 client that is used, boto3's own one, and its errors in words. boto3 is the extra `s3`."""

import os
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import Any, Protocol, cast

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ..config import environment
from .errors import BackupError

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
"""Variables, or files in the directory of the variables, that hold credentials."""

Answer = Mapping[str, Any]

HINTS = {
    "NoSuchBucket": "make the bucket, or mend its name",
    "AccessDenied": "the credentials have to allow to list, read, write and delete there",
    "InvalidAccessKeyId": "mend the credentials",
    "SignatureDoesNotMatch": "mend the credentials",
    "NoSuchKey": "somebody removed it meanwhile",
    "NotImplemented": "it has no conditional writes (If-None-Match), by which two backups at once are told apart",
}


class Paginator(Protocol):
    """Lists of any length, page by page."""

    def paginate(self, **asked: str) -> Iterable[Answer]:
        """The pages."""
        ...


class S3(Protocol):
    """Methods of boto3's client. Names of arguments are those of the API."""

    def put_object(self, **asked: Any) -> Answer:
        """Write an object."""
        ...

    def get_object(self, **asked: str) -> Answer:
        """Read one."""
        ...

    def delete_object(self, **asked: str) -> Answer:
        """Remove one."""
        ...

    def upload_file(self, *source_bucket_key: str) -> None:
        """Write a file, in parts where it is large."""
        ...

    def copy(self, source: Mapping[str, str], *bucket_key: str) -> None:
        """Copy an object in the store, in parts where it is large."""
        ...

    def get_paginator(self, operation_name: str) -> Paginator:
        """Pages of a list."""
        ...


class _Boto3(Protocol):
    def client(self, service: str, **settings: object) -> S3: ...


def s3_client(endpoint: str | None, region: str | None) -> S3:
    """A client with the credentials of the environment: variables, files that stand for variables, a profile, or the identity of
    the workload. Never arguments.

    With an `endpoint`, buckets are parts of the path, as MinIO and its like have them.
    """
    settings = Config(
        retries={"mode": "standard", "total_max_attempts": 5},
        connect_timeout=10,
        read_timeout=60,
        s3={"addressing_style": "path"} if endpoint else {},
    )
    with reaching(endpoint or "S3"):
        known = environment(os.environ)
        keys = {name.lower(): known.get(name) for name in KEYS}
        return cast("_Boto3", boto3).client("s3", endpoint_url=endpoint, region_name=region, config=settings, **keys)


@contextmanager
def reaching(place: str) -> Generator[None, None, None]:
    """Errors of the client as BackupError, without what was sent."""
    try:
        yield
    except ClientError as error:
        code = code_of(error)
        raise BackupError(f"{place} answers {code}; {HINTS.get(code, 'its documentation says what that means')}") from error
    except (BotoCoreError, Boto3Error, ValueError) as error:
        raise BackupError(f"{place} cannot be used: {error}") from error


def code_of(error: ClientError) -> str:
    """The store's own word for what is wrong."""
    response = cast("Mapping[str, Any]", error.response)
    return str(response.get("Error", {}).get("Code", "an error without a code"))
