"""A client's `mcpServers`, and seed 001's `servers.json`, which is one with more in it."""

import re
from typing import Any

import yaml

from mcp_stack_proxy.config import seconds_of
from mcp_stack_proxy.config.api_keys import MIN_LENGTH, digest_of

from . import literals
from .kubernetes import given
from .literals import Needed, Vault
from .naming import server_names
from .reading import Notes, Section

TRUSTED = "no caller shows a key, as before, so `gateway.trust_network: true` states it: change that to `gateway.authentication`"
ADDRESSES = ("httpUrl", "url", "serverUrl")
"""Keys under which clients have a server's URL; Gemini's own `url` is for the older transport alone."""
KINDS = {"stdio", "http", "sse", "streamable-http", "streamableHttp", "local", "remote"}
VOLUME = "10Gi"
"""Size of the volume for records that a file keeps, which says nothing of it."""
CLIENTS_OWN = "it is a setting of the client that the file was written for"


def client_stack(root: Section, vault: Vault, notes: Notes) -> dict[str, Any]:
    """The stack that runs what the file lists, behind a gateway."""
    entries = root.section("mcpServers")
    names = server_names(entries.left(), "mcpServers", notes)
    servers = {ours: _server(ours, entries.section(theirs), vault) for theirs, ours in names.items()}
    gateway = _authentication(root.section("serverAuth"), vault)
    gateway |= given(audit=_audit(root.section("audit")))
    for key in ("inputs", "$schema", "globalShortcut", "preferences"):
        root.drop(key, CLIENTS_OWN)
    root.close()
    return {"gateway": gateway, "servers": {name: one for name, one in servers.items() if one}}


def _server(name: str, entry: Section, vault: Vault) -> dict[str, Any] | None:
    kind = entry.text("type") or entry.text("transport")
    if kind is not None and kind not in KINDS:
        entry.notes.add(entry.at("type"), f"{kind!r} is no transport that is known; what counts is `command` or `url`")
    off = entry.flag("disabled") is True or entry.flag("enabled") is False
    for key in ("alwaysAllow", "autoApprove", "timeoutMs", "description", "icon", "gallery", "dev", "trust"):
        entry.drop(key, CLIENTS_OWN)
    entry.drop("tool_acl", "callers are not told apart by reading and writing tools yet; `tools.deny` keeps tools from all of them")
    found = given(limits=_limits(entry))
    if entry.has("command") and entry.holds_text("command"):
        found |= _command(name, entry, vault)
    elif any(entry.has(key) for key in ADDRESSES):
        found |= _url(name, entry, vault)
    else:
        entry.notes.add(entry.path, "left out: it has neither `command` nor `url`")
        return None
    found |= given(tools=_tools(entry))
    entry.close("a server of a stack has no such key")
    return {**({"enabled": False} if off else {}), **found}


def _tools(entry: Section) -> dict[str, Any]:
    """Which of its tools a client offered, in the words of several clients."""
    allow = [*entry.texts("includeTools"), *entry.texts("enabledTools")]
    return given(allow=allow, deny=[*entry.texts("excludeTools"), *entry.texts("disabledTools")])


def _limits(entry: Section) -> dict[str, Any]:
    """Clients count in seconds or in milliseconds and do not say which; no server is waited for a quarter of an hour."""
    timeout = entry.number("timeout")
    if timeout is None or timeout < 1:
        return {}
    seconds = timeout // 1000 if timeout >= 1000 else timeout
    entry.notes.add(entry.at("timeout"), f"{timeout} is taken for {seconds} s")
    return {"request_seconds": seconds}


def _command(name: str, entry: Section, vault: Vault) -> dict[str, Any]:
    env: dict[str, object] = {}
    given_env = {**entry.map("env"), **entry.map("environment")}
    for variable, value in given_env.items():
        env[variable] = literals.environment(name, variable, value, f"{entry.at('env')}.{variable}", vault)
    words = _without_shell([*entry.texts("command"), *entry.texts("args")], entry)
    program = words[0]
    words = literals.arguments(name, words, entry.at("args"), vault, env)
    if program.rpartition("/")[2] in ("npx", "uvx", "uv", "docker", "podman", "bunx", "pipx"):
        why = "fetches the server when it starts, which the proxy's image does not"
        entry.notes.add(entry.at("command"), f"{program!r} {why}: install it in an image made from ours (docs/image.md)")
    if theirs := [word for word in words if _OF_A_MACHINE.match(word)]:
        why = "is a path of the machine that the file was written for: put it into the image, or give the server a volume"
        entry.notes.add(entry.at("args"), f"{theirs[0]!r} {why}")
    entry.drop("cwd", "a server starts in the proxy's directory; give absolute paths")
    entry.drop("envFile", "put its variables into `env`, secrets by reference")
    found = given(command=words[:1], args=words[1:], env=env)
    if entry.flag("cli") is True:
        for key in ("idle_timeout", "min_idle_timeout", "max_idle_timeout"):
            entry.drop(key, "such a program runs once for each call")
        return {**found, "cli": _cli(entry)}
    return found | given(process=_process(entry))


_OF_A_MACHINE = re.compile(r"~[/\\]|/Users/|/home/|[A-Za-z]:[/\\]")


def _without_shell(words: list[str], entry: Section) -> list[str]:
    """`words` without `cmd /c`, by which clients start scripts on Windows."""
    if len(words) < 3 or words[0].lower() not in ("cmd", "cmd.exe") or words[1].lower() != "/c":
        return words
    entry.notes.add(entry.at("command"), f"{words[0]!r} is Windows' shell; its command is run without")
    return words[2:]


def _cli(entry: Section) -> object:
    presets: list[dict[str, Any]] = []
    for tool in entry.sections("tools"):
        presets.append(given(name=tool.text("name"), args=tool.texts("args"), description=tool.text("description")))
        tool.drop("input_schema", "a preset's arguments are fixed")
        tool.close()
    if presets:
        for key in ("cli_help", "cli_depth", "cli_only"):
            entry.drop(key, "presets take precedence, and no help is asked")
        return {"presets": presets}
    return given(help=entry.text("cli_help"), depth=entry.number("cli_depth"), subcommands=entry.texts("cli_only")) or True


def _process(entry: Section) -> dict[str, Any]:
    found = given(**{key: entry.text(key) for key in ("idle_timeout", "min_idle_timeout", "max_idle_timeout")})
    if (kept := found.get("idle_timeout")) and kept not in ("adaptive", "never"):
        try:
            seconds_of(kept)
        except ValueError as error:
            entry.notes.add(entry.at("idle_timeout"), f"left out: {error}")
            return {}
    bounds = [key for key in ("min_idle_timeout", "max_idle_timeout") if key in found]
    if bounds and "idle_timeout" not in found:
        found["idle_timeout"] = "adaptive"  # which seed 001 does where nothing is said
    elif found.get("idle_timeout") != "adaptive":
        for key in bounds:
            entry.notes.add(entry.at(key), "left out: it does nothing without `idle_timeout: adaptive`")
            del found[key]
    return found


def _url(name: str, entry: Section, vault: Vault) -> dict[str, Any]:
    env: dict[str, object] = {}
    first, *others = [key for key in ADDRESSES if entry.has(key)]
    address = entry.text(first) or ""
    for key in others:
        entry.drop(key, f"`{first}` says where the server is")
    at = entry.at("headers")
    headers = {key: literals.header(name, key, value, f"{at}.{key}", vault, env) for key, value in entry.map("headers").items()}
    for key in ("idle_timeout", "min_idle_timeout", "max_idle_timeout"):
        entry.drop(key, "nothing runs here that could rest; idle connections close by themselves")
    entry.drop("oauth", "tokens are not fetched by OAuth; give a header with one that does not expire")
    return given(url=literals.url(name, address, entry.at("url"), vault, env), headers=headers, env=env)


def _authentication(section: Section, vault: Vault) -> dict[str, Any]:
    providers = section.texts("providers") + section.texts("provider")
    keys: list[dict[str, Any]] = []
    tokens = section.section("bearer").section("tokens") if "bearer" in providers else None
    for number, token in enumerate(tokens.left() if tokens else [], 1):
        keys += _key(tokens, token, number)  # pyright: ignore[reportArgumentType]
    if "bearer" not in providers:
        section.drop("bearer", "`providers` does not name it, so it did nothing")
    section.drop("forwarded", "who calls is not taken from a header; hand out keys (`mcp-stack-proxy new-key`)")
    section.drop("oauthAs", "the gateway issues no tokens; hand out keys (`mcp-stack-proxy new-key`)")
    section.drop("acl", "every subject may use every server; `servers.NAME.tools` selects for all of them")
    for provider in providers:
        if provider not in ("bearer", "none"):
            section.notes.add(section.at("providers"), f"left out: {provider!r}; the gateway knows API keys alone")
    section.close()
    asked = any(provider != "none" for provider in providers)
    if not keys and not asked:
        section.notes.add("", TRUSTED)
        return {"trust_network": True}
    if not keys:
        section.notes.add(section.path, "callers showed who they are: fill `api-keys` with `mcp-stack-proxy new-key`")
    content = yaml.safe_dump(keys, sort_keys=False) if keys else None
    vault.needed["api-keys"] = Needed("api-keys", "the file of keys that `mcp-stack-proxy new-key` writes", content)
    return {"authentication": {"api_keys": {"secret": "api-keys"}}}


def _key(tokens: Section, token: str, number: int) -> list[dict[str, Any]]:
    """An entry of the file of keys; nothing that is said of a token names it."""
    raw = tokens.take(token)
    entry = Section({"subject": raw} if isinstance(raw, str) else raw, f"{tokens.path}[{number}]", tokens.notes)
    subject, roles = entry.text("subject"), entry.texts("roles")
    entry.close()
    if subject is None or "${" in token or len(token) < MIN_LENGTH:
        why = f"its token is shorter than {MIN_LENGTH} characters" if "${" not in token else "its token is a placeholder"
        tokens.notes.add(entry.path, f"left out: {why if subject else 'it has no subject'}; make one for {subject!r} with new-key")
        return []
    return [{**given(subject=subject, roles=roles), "hash": digest_of(token.encode())}]


def _audit(section: Section) -> dict[str, Any]:
    enabled, arguments, output = section.flag("enabled"), section.flag("log_arguments"), section.text("output")
    stored = output in (None, "file", "file+stdout") and (output is not None or section.has("path"))
    for key in ("path", "index_path"):
        why = "records lie below /data of the gateway's pods" if stored else "nothing is stored there by this `output`"
        section.drop(key, why)
    section.close()
    if enabled is False or output == "none":
        return {"enabled": False}
    found: dict[str, Any] = given(arguments="full" if arguments else None)
    if output == "stderr":
        found["output"] = output
    elif stored:
        section.notes.add(section.path, f"records are kept on a volume of {VOLUME}: give it the size that they need")
        found |= given(output="file" if output == "file" else None) | {"files": {"claim": {"size": VOLUME}}}
    elif output not in (None, "stdout"):
        section.notes.add(section.at("output"), f"{output!r}: the records of a stack go to standard output, or below /data")
    return found
