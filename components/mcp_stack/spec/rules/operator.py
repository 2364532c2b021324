"""What Infisical's own operator cannot do of what a secret may ask (InfisicalStaticSecret, secrets.infisical.com/v1beta1)."""

from collections.abc import Iterator

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join

from ..stores.remote import DataFrom, RemoteRef
from ..stores.secret import SecretSpec

OURS = "the operator knows no such thing; remove it, or read Infisical by External Secrets (`infisical`)"


def operator_problems(secret: SecretSpec, place: str) -> Iterator[Problem]:
    """Every key of `secret` that the operator would not act on."""
    values = {**({join(place, "remote"): secret.remote} if secret.remote else {})}
    values |= {join(place, "data", key): one for key, one in secret.data.items()}
    for at, one in values.items():
        yield from (Problem(join(at, name), OURS) for name in _set(one, RemoteRef, {"key"}))
    for index, one in enumerate(secret.data_from):
        yield from _everything(one, join(place, "data_from", index))
    template = secret.target.template
    if secret.data_from and secret.data and not (template and template.data):
        hint = "name every key in `target.template.data`, or make two secrets of it"
        yield Problem(join(place, "data_from"), f"the operator takes either named keys or all of a folder; {hint}")
    if secret.refresh.policy != "Periodic":
        yield Problem(join(place, "refresh", "policy"), OURS)
    if secret.refresh.sync_windows is not None:
        yield Problem(join(place, "refresh", "sync_windows"), OURS)
    if secret.target.registry is not None:
        yield Problem(join(place, "target", "registry"), OURS)
    for name in ("creation", "deletion"):
        value = getattr(secret.target, name)
        if value not in ("Owner", "Orphan", "Retain"):
            yield Problem(join(place, "target", name), f"{value!r}: {OURS}")
    for name in ("sources", "merge_policy"):
        if template is not None and name in template.model_fields_set:
            yield Problem(join(place, "target", "template", name), OURS)


def _everything(one: DataFrom, place: str) -> Iterator[Problem]:
    """Of many values it knows all of a folder alone."""
    if one.find is None:
        yield Problem(join(place, "extract"), OURS)
    else:
        yield from (Problem(join(place, "find", name), OURS) for name in sorted(one.find.model_fields_set - {"path"}))
    if one.rewrite:
        yield Problem(join(place, "rewrite"), OURS)


def _set(value: RemoteRef, model: type[RemoteRef], known: set[str]) -> list[str]:
    return [name for name in model.model_fields if name in value.model_fields_set - known]
