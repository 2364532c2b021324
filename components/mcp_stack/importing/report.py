"""What `mcp-stack import` writes: the stack file, and beside it what has to be set, and what was said otherwise or not at all."""

import shlex
from typing import Any

from ..spec.writing import write
from .formats import Imported


def stack_document(imported: Imported) -> str:
    """Text of `Pulumi.<stack>.yaml`, without the secrets, which the Pulumi CLI puts there encrypted."""
    order = ("environment", "domain", "namespace", "image", "proxy", "secret_stores", "secrets", "exposure", "monitoring")
    order = (*order, "defaults", "gateway", "servers")
    stack = {key: imported.stack[key] for key in order if imported.stack.get(key)}
    stack |= {key: value for key, value in imported.stack.items() if value and key not in stack}
    document: dict[str, Any] = {"config": {"pulumi:disable-default-providers": ["kubernetes"], "mcp-stack:stack": stack}}
    return write(document, width=132)


def report(imported: Imported, stack: str) -> str:
    """Commands that set the secrets, and every note. No value of a secret is in it."""
    lines = [f"read as {imported.format}: {len(imported.stack['servers'])} servers"]
    if imported.needed:
        lines.append("\nset these secrets; without a value on the line, the command asks for it:")
        for one in imported.needed:
            command = f"pulumi config set --secret {one.key} --stack {stack}"
            lines.append(f"  {command}" + (f" -- {shlex.quote(one.content)}" if one.content else ""))
            lines.append(f"      {one.found}")
    if imported.notes:
        lines.append("\nsaid otherwise, or not at all:")
        lines += [f"  {note}" for note in imported.notes]
    return "\n".join(lines) + "\n"
