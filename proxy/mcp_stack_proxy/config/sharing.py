"""What the replicas of one proxy share: keys, and how they reach each other."""

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, Field

from .addresses import split_address
from .strict import Strict


def advertised(address: str) -> str:
    """HOST:PORT with the brackets that an IPv6 address needs: the variable that holds a pod's has none."""
    host, _, port = address.rpartition(":")
    try:
        if ipaddress.ip_address(host).version == 6:
            address = f"[{host}]:{port}"
    except ValueError:
        pass  # a name, or an address in brackets
    if split_address(address)[1] == 0:
        raise ValueError(f"{address!r} has port 0, which nobody listens on")
    return address


class Sessions(Strict):
    """What lets several replicas serve the same clients: state travels sealed, with the client."""

    keys: Annotated[str, Field(min_length=1)]
    """File with the keys that session ids are sealed with: one a line, the newest first (`mcp-stack-proxy new-session-key` makes
    one). Read again when it changes. Every replica needs the same."""
    advertise: Annotated[str, AfterValidator(lambda text: text if "${" in text else advertised(text))] | None = None
    """HOST:PORT at which the other replicas reach this one, such as `${POD_IP}:8080`: what only this one can go on with is passed
    on to it, with the caller's credentials. Without it such requests are refused, and may be sent again."""
