"""Values of the chart of seed 003: `global`, and a map `mcp` of services."""

from typing import Any

from . import literals
from .kubernetes import autoscaling, certificate, given, merged, probe, resources
from .literals import Vault
from .naming import server_names
from .reading import Notes, Section, mapping
from .stores import Stores


def values_stack(root: Section, vault: Vault, notes: Notes) -> dict[str, Any]:
    """The stack with the same servers, each exposed as the chart did, and no gateway, which the chart does not have."""
    stack, usual, stores = _global(root.section("global"), vault)
    services = root.section("mcp")
    names = server_names(services.left(), "mcp", notes)
    entries = {ours: services.section(theirs) for theirs, ours in names.items()}
    secrets = {ours: entry.section("secret") for ours, entry in entries.items()}
    for one in secrets.values():
        stores.declare(one)
    found = {ours: _service(ours, entry, secrets[ours], usual, stores, vault) for ours, entry in entries.items()}
    servers = {name: one for name, one in found.items() if one}
    root.close()
    synced = stores.kept(servers)
    defaults = stack.pop("defaults", {}) | given(restart=synced.pop("restart", None))
    notes.add("", "the chart has no gateway, so `gateway.enabled` is false; take that out to have one URL for all servers")
    return {**stack, **synced, **given(defaults=defaults), "gateway": {"enabled": False}, "servers": servers}


def _global(section: Section, vault: Vault) -> tuple[dict[str, Any], dict[str, Any], Stores]:
    """Keys of the stack, what each service inherits as the chart merges it (probes, resources, autoscaler, TLS), and stores."""
    image = section.section("image")
    versioning = section.section("versioning")
    exposure = section.section("ingress")
    usual: dict[str, Any] = {"expose": exposure.flag("enabled")}
    tls = exposure.section("tls")
    wanted, secret = tls.flag("enabled"), tls.text("secretName")
    usual["tls"] = secret if wanted is not False else None
    port = section.number("defaultPort")
    usual |= {"probes": mapping(section.take("probes")), "port": port, "autoscaling": mapping(section.take("autoscaling"))}
    namespace, storage = section.text("namespace"), section.section("storage")
    stores = Stores(section.section("infisical"), namespace, vault)
    stack = given(
        environment=section.text("environment"),
        domain=section.text("domain"),
        namespace={"name": namespace, "create": False} if namespace else None,  # the chart's Secrets are there
        image=given(
            registry=image.text("registry"),
            pull_policy=image.text("pullPolicy"),
            pull_secrets=[str(one.text("name")) for one in image.sections("pullSecrets")],
            versioning=versioning.text("strategy"),
        ),
        exposure={
            **given(via="ingress", ingress_class=exposure.text("className") or "nginx", tls=certificate(usual["tls"])),
            **given(annotations=exposure.map("annotations")),
        },
        defaults=given(port=port, resources=resources(section.section("resources")), storage_class=storage.text("className")),
    )
    section.drop("service", "the chart itself never read it")
    for one in (image, versioning, tls, exposure, storage, section):
        one.close()
    return stack, usual, stores


def _service(
    name: str, service: Section, secret: Section, usual: dict[str, Any], stores: Stores, vault: Vault
) -> dict[str, Any] | None:
    off = service.flag("enabled") is not True
    image = service.section("image")
    port = service.number("port") or usual["port"]
    found = given(
        image=_image(image),
        port=None if port == usual["port"] else port,
        labels=service.map("labels"),
        annotations=service.map("annotations"),
        resources=resources(service.section("resources")),
        probes=_probes(service.section("probes"), usual["probes"], port),
        service=_k8s_service(service.section("service"), port),
        storage=_persistence(service.section("persistence")),
    )
    found |= _environment(name, service.section("env"), stores, vault)
    found |= given(command=service.texts("command"), args=service.texts("args"))
    found |= _replicas(service, usual)
    exposure = _ingress(service.section("ingress"), usual)
    _existing(secret, stores, found)
    service.close()
    if "image" not in found:
        service.notes.add(service.path, "left out: it has no `image.repository`; import it together with the values below it")
        return None
    if found["image"].keys().isdisjoint(("tag", "digest")):
        service.notes.add(service.at("image"), "names no version, or `latest`, so `enabled` is false: give a tag or a digest first")
        off = True
    return {**({"enabled": False} if off else {}), **found, **({} if exposure is None else {"exposure": exposure})}


def _image(section: Section) -> dict[str, Any]:
    found = given(
        repository=section.text("repository"),
        registry=section.text("registry"),
        tag=section.text("tag"),
        digest=section.text("digest"),
        pull_policy=section.text("pullPolicy"),
    )
    if found.get("tag") == "latest":
        del found["tag"]
    section.close()
    return found if "repository" in found else {}


def _probes(section: Section, usual: Any, port: int | None) -> dict[str, Any]:
    """What the chart would have rendered: its own probes over the stack's numbers. A probe that it left out has a default here."""
    found: dict[str, Any] = {}
    for kind in ("startup", "readiness", "liveness"):
        base = mapping(usual).get(kind)
        own = mapping(section.take(kind))
        if not own:
            continue
        numbers = {key: value for key, value in mapping(base).items() if key != "enabled"}
        one = Section(merged(numbers, own), section.at(kind), section.notes)
        enabled = one.flag("enabled")
        if enabled is False:
            found[kind] = {"enabled": False}
            continue
        if enabled is None:
            one.notes.add(one.path, "the chart dropped it without `enabled: true`; it is there now")
        if kind != "readiness" and one.number("successThreshold") not in (None, 1):
            one.notes.add(one.at("successThreshold"), "left out: it can only be 1")
        found[kind] = probe(one, port)
    section.close()
    return {kind: one for kind, one in found.items() if one}


def _k8s_service(section: Section, port: int | None) -> dict[str, Any]:
    own, target = section.number("port"), section.text("targetPort")
    elsewhere = target is not None and target not in ("http", str(port))
    if elsewhere and not str(target).isdigit():
        section.notes.add(section.at("targetPort"), f"left out: {target}; a Service leads to the server's `port`, or to a number")
    if section.text("protocol") not in (None, "TCP"):
        section.notes.add(section.at("protocol"), "left out: MCP needs TCP")
    name = section.text("portName")
    found = given(
        type=section.text("type"),
        port=None if own == port else own,
        target_port=int(str(target)) if elsewhere and str(target).isdigit() else None,
        port_name=None if name == "http" else name,
        annotations=section.map("annotations"),
        session_affinity=section.text("sessionAffinity"),
    )
    section.close()
    return {} if found == {"type": "ClusterIP"} else found


def _persistence(section: Section) -> dict[str, Any]:
    """The chart's one claim, `data`. What it holds stays with the chart."""
    if section.flag("enabled") is not True:
        section.close("`enabled` beside it is not true, so it does nothing")
        return {}
    path, size, modes = section.text("mountPath"), section.text("size"), section.texts("accessModes")
    for mode in modes[1:]:
        section.notes.add(section.at("accessModes"), f"left out: {mode!r}; a claim has one access mode")
    one = given(
        path=path and (path.rstrip("/") or path),
        size=size,
        storage_class=section.text("storageClassName"),
        access_mode=next(iter(modes), None),
    )
    section.close()
    if path is None or size is None:
        section.notes.add(section.path, "left out: a volume needs `mountPath` and `size`")
        return {}
    old = "the chart's claim stays behind, and `helm uninstall` deletes it"
    section.notes.add(section.at("size"), f"is of a new volume: {old}; copy its data first, or mount it as an `existing_claim`")
    return {"claims": {"data": one}}


def _environment(name: str, section: Section, stores: Stores, vault: Vault) -> dict[str, Any]:
    env: dict[str, object] = {}
    secrets: dict[str, dict[str, str]] = {}
    for one in section.sections("env"):
        variable, value, source = one.text("name"), one.take("value"), one.section("valueFrom")
        reference = source.section("secretKeyRef")
        if variable and reference.has("name") and reference.has("key"):
            holder, key = str(reference.text("name")), str(reference.text("key"))
            if (synced := stores.named(holder)) is not None:
                env[variable] = {"secret": f"{synced}/{key}"}
            else:
                secret = literals.unused(literals.secret_name(variable), vault.taken)
                secrets[secret] = {"existing": holder, "key": key}
                env[variable] = {"secret": secret}
            reference.drop("optional", "a declared secret has to be there")
        elif variable and isinstance(value, str | int | float):
            text = str(value).lower() if isinstance(value, bool) else str(value)
            literal = text.replace("${", "$${") if "${" in text else text
            env[variable] = literals.environment(name, variable, literal, one.at("value"), vault)
        elif variable:
            one.notes.add(one.path, "left out: of `valueFrom`, `secretKeyRef` alone is taken over")
        for part in (reference, source, one):
            part.close("of `valueFrom`, `secretKeyRef` alone is taken over")
    env_from: list[dict[str, Any]] = []
    for one in section.sections("envFrom"):
        secret, config = one.section("secretRef"), one.section("configMapRef")
        holder = secret.text("name")
        synced = stores.named(holder)
        env_from.append(
            given(
                secret=synced,
                existing_secret=None if synced else holder,
                existing_config_map=config.text("name"),
                prefix=one.text("prefix"),
            )
        )
        for part in (secret, config, one):
            part.close()
    section.close()
    return given(env=env, env_from=[one for one in env_from if one], secrets=secrets)


def _replicas(service: Section, usual: dict[str, Any]) -> dict[str, Any]:
    own = service.take("autoscaling")
    base = {key: value for key, value in usual["autoscaling"].items() if key not in ("enabled", "metrics")}
    targets = ("targetCPUUtilizationPercentage", "targetMemoryUtilizationPercentage")
    if mapping(own).get("metrics"):
        base = {key: value for key, value in base.items() if key not in targets}
    on = mapping(own).get("enabled") is True
    scaling = autoscaling(Section(merged(base, mapping(own)) if on else own, service.at("autoscaling"), service.notes))
    replicas = service.number("replicas")
    if scaling is None:
        return given(replicas=replicas)
    if replicas is not None:
        service.notes.add(service.at("replicas"), f"left out: {replicas}, the autoscaler beside it decides")
    return {"autoscaling": scaling}


def _ingress(section: Section, usual: dict[str, Any]) -> dict[str, Any] | None:
    if section.flag("enabled") is not True or usual["expose"] is False:
        section.close("the Ingress beside it is off, so it does nothing")
        return None
    section.take("sse")  # streams pass through every exposure
    if section.text("pathType") not in (None, "Prefix"):
        section.notes.add(section.at("pathType"), "left out: paths are prefixes")
    tls = section.take("tls")
    secret = mapping(tls).get("secretName")
    if tls is False and usual["tls"]:
        section.notes.add(section.at("tls"), "left out: one host cannot do without the stack's `tls`")
    path = section.text("path")
    annotations = section.map("annotations")
    if annotations.pop("nginx.ingress.kubernetes.io/rate-limit", None) is not None:
        section.notes.add(
            section.at("annotations"), "left out: rate-limit, which ingress-nginx does not know; `limit-rpm` is what it has"
        )
    found = given(
        ingress_class=section.text("className"),
        host=section.text("host"),
        path=None if path == "/" else path,
        annotations=annotations,
        tls=certificate(secret),
    )
    section.close()
    return found


def _existing(section: Section, stores: Stores, found: dict[str, Any]) -> None:
    """A Secret that is there, or that another service has made; what the pods read of it stands under `env`."""
    reference = section.section("secretRef")
    name = reference.text("name")
    read = [one.get("existing_secret") or one.get("secret") for one in found.get("env_from", [])]
    if name and (stores.named(name) or name) not in read:
        section.notes.add(section.at("secretRef"), f"left out: nothing under `env` reads the Secret {name!r}")
    reference.drop("namespace", "pods read Secrets of their own namespace alone")
    for part in (reference, section):
        part.close()
