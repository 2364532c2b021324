"""Our own variants, as data: what a configuration adds, and where it is asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from mcp_stack_proxy import __version__
from mcp_stack_proxy.config.api_keys import entries_text, new_key

from ..asks import Ask
from ..targets import configured
from .contender import Contender, Playing, Stage


@dataclass(frozen=True, slots=True)
class Variant:
    """`server`: keys of the one server's configuration. `checked`: callers show an API key, calls are counted and recorded."""

    name: str
    note: str
    path: str = "/servers/stub/mcp"
    prefix: str = ""
    server: dict[str, object] = field(default_factory=dict[str, object])
    checked: bool = False
    arguments: tuple[str, ...] = ()
    """More of the command line."""


_CHECKED = Variant(
    "mcp-stack-proxy, checked",
    "API keys, arguments and results by the tools' schemas, a limit of calls, metrics, an audit record for each",
    "/mcp",
    "stub__",
    {"validation": {"arguments": "enforce", "results": "enforce"}, "limits": {"max_concurrent": 256}},
    checked=True,
)

VARIANTS = (
    Variant("mcp-stack-proxy, relay", "one server, passed through"),
    Variant("mcp-stack-proxy, aggregate", "the merged endpoint, names prefixed", "/mcp", "stub__"),
    _CHECKED,
    Variant("mcp-stack-proxy, relay, two workers", "both on the one core", arguments=("--workers", "2")),
    replace(_CHECKED, name="mcp-stack-proxy, checked, two workers", note="both on the one core", arguments=("--workers", "2")),
)


def contender(variant: Variant) -> Contender:
    """The variant among the others."""
    return Contender(variant.name, __version__, variant.note, lambda stage: _play(variant, stage), _listing(variant))


@contextmanager
def _play(variant: Variant, stage: Stage) -> Iterator[Playing]:
    settings: dict[str, object] = {"servers": {"stub": {"url": stage.url, **variant.server}}}
    extra: dict[str, str] = {}
    if variant.checked:
        key, entry = new_key("bench", [])
        keys = stage.directory / "keys.yaml"
        keys.write_text(entries_text([entry]))
        settings["authentication"] = {"api_keys": str(keys)}
        extra["Authorization"] = f"Bearer {key}"
        settings |= {"metrics": {}, "audit": {"output": str(stage.directory / "audit.log")}}

    def named(tool: str) -> Ask:
        return Ask(variant.prefix + tool, extra=extra)

    with configured(stage.directory / "run", settings, variant.path, named("small"), *variant.arguments) as target:
        yield Playing(target, named("small"), named)


def _listing(variant: Variant):
    return _list if variant.name.endswith("aggregate") else None


@contextmanager
def _list(stage: Stage, servers: int) -> Iterator[Playing]:
    settings: dict[str, object] = {
        "servers": {f"s{number}": {"url": f"http://{stage.server}/many/mcp"} for number in range(servers)}
    }
    with configured(stage.directory / "list", settings, "/mcp", Ask(None)) as target:
        yield Playing(target, Ask(None), Ask)
