"""The surroundings of a Pulumi engine: state in S3, the test provider, and nothing of the machine's own Pulumi."""

import logging
import os
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import boto3
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from moto.server import ThreadedMotoServer

PASSPHRASE = "e2e"
REGION = "us-east-1"
BACKENDS = cache(DomainDispatcherApplication.get_backend_for_host)


class Bucket:
    """State of one project's stacks, in S3 as moto serves it (docs.getmoto.org, server mode)."""

    def __init__(self, endpoint: str, name: str) -> None:
        self.endpoint, self.name = endpoint, name
        self._ask("PUT")

    @property
    def url(self) -> str:
        """As `pulumi login` takes it."""
        return f"s3://{self.name}?region={REGION}&endpoint={self.endpoint}&s3ForcePathStyle=true"

    def keys(self, prefix: str = "") -> list[str]:
        """Names of the objects below `prefix`."""
        return [part.partition("</Key>")[0] for part in self._ask("GET", f"?list-type=2&prefix={prefix}").split("<Key>")[1:]]

    def text(self, key: str) -> str:
        """Content of one object."""
        return self._ask("GET", f"/{key}")

    def _ask(self, method: str, rest: str = "") -> str:
        # moto looks whether a request is signed, not by whom.
        headers = {"Authorization": "AWS test:unchecked"}
        request = urllib.request.Request(f"{self.endpoint}/{self.name}{rest}", method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()


def kms_key(endpoint: str) -> str:
    """A new key of KMS at moto's address, as `pulumi stack init --secrets-provider` takes it."""
    client = boto3.client("kms", endpoint_url=endpoint, region_name=REGION, aws_access_key_id="a", aws_secret_access_key="b")
    key = client.create_key()["KeyMetadata"]["KeyId"]
    client.close()
    return f"awskms://{key}?region={REGION}&endpoint={endpoint}"


@contextmanager
def s3(host: str = "127.0.0.1") -> Iterator[str]:
    """Address of moto's server at `host`, S3 among the rest, which forgets everything at its end."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each of thousands of requests
    # Which service a host name means is asked with every request, and found by listing the package's directories.
    DomainDispatcherApplication.get_backend_for_host = BACKENDS
    server = ThreadedMotoServer(ip_address=host, port=0, verbose=False)
    server.start()
    try:
        found, port = server.get_host_and_port()
        yield f"http://{found}:{port}"
    finally:
        server.stop()


def engine_environment(
    home: Path, bucket: Bucket, provider_port: int, plugins: Path | None = None, *, each_step: bool = False
) -> Mapping[str, str]:
    """Variables under which a CLI or an Automation API program runs, and finds the plugins of a directory.

    `each_step`: the state is kept after each, as it is unless one asks for less. The last one of each command is what most look at.
    """
    return {
        **({} if each_step else {"PULUMI_SKIP_CHECKPOINTS": "true"}),
        **({"PATH": f"{plugins}{os.pathsep}{os.environ['PATH']}"} if plugins else {}),
        "PULUMI_HOME": str(home),
        "PULUMI_BACKEND_URL": bucket.url,
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",  # a copy of the state beside it, before each step
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_DEBUG_PROVIDERS": f"kubernetes:{provider_port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_COLOR": "1",
        "GOGC": "off",  # a command of a second leaves little to collect
        "GOMEMLIMIT": "1GiB",
    }
