"""One file for each controller: what an exposure asks for, in that controller's own words. Pure, like everything here."""

from collections.abc import Callable

from .aws import aws
from .azure import azure
from .contour import contour
from .envoy_gateway import envoy_gateway
from .f5_nginx import f5_nginx
from .gce import gce
from .gke_gateway import gke_gateway
from .haproxy import haproxy
from .ingress_nginx import ingress_nginx
from .target import Extra, Settings, Target
from .traefik import traefik, traefik_gateway

SETTINGS: dict[str, Callable[[Target], Settings]] = {
    "ingress-nginx": ingress_nginx,
    "f5-nginx": f5_nginx,
    "traefik": traefik,
    "haproxy": haproxy,
    "contour": contour,
    "aws": aws,
    "gce": gce,
    "azure": azure,
    "envoy-gateway": envoy_gateway,
    "gke-gateway": gke_gateway,
    "traefik-gateway": traefik_gateway,
}


def settings_of(target: Target) -> Settings:
    """What has to be said beyond hosts, paths and certificate; nothing where nobody knows the controller."""
    return SETTINGS[target.controller](target) if target.controller is not None else Settings()


__all__ = ["SETTINGS", "Extra", "Settings", "Target", "settings_of"]
