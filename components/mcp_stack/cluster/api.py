"""A cluster's API, for reading. Logging in is lightkube's: certificates, tokens, exec plugins, the account of a pod."""

import json
import os
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import httpx2
import yaml
from lightkube.config import client_adapter
from lightkube.config.kubeconfig import DEFAULT_KUBECONFIG, SERVICE_ACCOUNT, KubeConfig, SingleConfig
from lightkube.core.exceptions import ConfigError

SECONDS = 10.0
"""For one answer. Plugins that log in take longer and are not bound by it."""

NOT_FOUND, FORBIDDEN, UNAUTHORIZED = 404, 403, 401


class ClusterError(Exception):
    """A cluster that cannot be asked, or does not answer; in words for whoever called."""


class Refused(ClusterError):
    """It answered, and the account may not know."""


class Api:
    """Reads paths of one cluster."""

    def __init__(self, get: Callable[[str], httpx2.Response], where: str) -> None:
        self._get = get
        self.where = where
        """Context and address, for messages."""

    def get(self, path: str) -> Mapping[str, Any] | None:
        """The answer's JSON; None where there is nothing. Refused where the account may not know, else ClusterError."""
        try:
            answer = self._get(path)
        except ConfigError as error:
            raise ClusterError(f"{self.where}: cannot log in: {' '.join(str(error).split())}") from None
        except (httpx2.HTTPError, OSError) as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise ClusterError(f"{self.where} does not answer: {reason}") from None
        if answer.status_code == NOT_FOUND:
            return None
        try:
            body: Any = answer.json()
        except json.JSONDecodeError:
            body = None
        said = str(cast("Mapping[str, Any]", body).get("message", "")) if isinstance(body, Mapping) else ""
        if answer.status_code in (FORBIDDEN, UNAUTHORIZED):
            raise Refused(said or f"{path}: {answer.status_code}")
        if answer.status_code >= 300 or not isinstance(body, Mapping):
            raise ClusterError(f"{self.where}: {path}: {answer.status_code} {said}".rstrip())
        return cast("Mapping[str, Any]", body)

    def items(self, path: str) -> list[Mapping[str, Any]]:
        """Every object of a list, all pages together; none where the kind is not known."""
        found: list[Mapping[str, Any]] = []
        page, more = self.get(path), ""
        while page is not None:
            found += cast("list[Mapping[str, Any]]", page.get("items") or [])
            more = str(cast("Mapping[str, Any]", page.get("metadata") or {}).get("continue") or "")
            if not more:
                return found
            page = self.get(f"{path}{'&' if '?' in path else '?'}continue={more}")
        return found


@contextmanager
def connect(context: str | None = None, environ: Mapping[str, str] = os.environ) -> Generator[Api]:
    """The cluster of `kubectl --context`; inside a pod without a kubeconfig its own. ClusterError where there is none."""
    config = _config(context, environ)
    try:
        http = client_adapter.Client(config, client_adapter.ConnectionParams(timeout=httpx2.Timeout(SECONDS)))
    except (ConfigError, OSError, ValueError) as error:
        raise ClusterError(f"context {config.context_name!r}: cannot log in: {error}") from None
    with http:
        yield Api(http.get, f"{config.context_name} ({config.cluster.server})")


def _config(context: str | None, environ: Mapping[str, str]) -> SingleConfig:
    """Of several files in KUBECONFIG the first that has the context; the first that names a current one says which."""
    paths = [Path(one).expanduser() for one in environ.get("KUBECONFIG", DEFAULT_KUBECONFIG).split(os.pathsep) if one]
    try:
        files = [KubeConfig.from_file(path) for path in paths if path.is_file()]
        if not files and Path(SERVICE_ACCOUNT).is_dir():
            files = [KubeConfig.from_service_account()]
        wanted = context or next((one.current_context for one in files if one.current_context), None)
        config = next((one.get(wanted) for one in files if wanted in one.contexts), None)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)  # the line itself may hold a token
        raise ClusterError(f"the kubeconfig is no YAML{f', line {mark.line + 1}' if mark else ''}") from None
    except (ConfigError, OSError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise ClusterError(f"the kubeconfig cannot be read: {error!r}") from None
    if config is not None and config.user is None:
        raise ClusterError(f"context {config.context_name!r} names no user, so nobody can log in with it")
    if config is None:
        looked = ", ".join(map(str, paths))
        what = f"no context {wanted!r}" if wanted else "no current context"
        raise ClusterError(f"{what} in {looked}; name one with --context, or set KUBECONFIG")
    return config
