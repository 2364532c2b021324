"""Secrets in clear: in variables, command lines and ConfigMaps.

Three signs, in the order of how sure they are: Pulumi knows the value to be secret; it has the form of a token that somebody
issues; the name of its variable says that it is one. What is long and looks random is taken for one where it is a variable's whole
value. References (`$(NAME)`, `${NAME}`), paths, hashes and numbers are none of these.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from .model import Found, Option, Policy, Program, Settings
from .pods import Container, command_of, pods_of
from .resources import Object, Sensitive, dig, items, mapping

ISSUED = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a GitHub token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})"),
    "a GitLab token": re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}"),
    "an AWS access key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a Google API key": re.compile(r"\bAIza[0-9A-Za-z_-]{35}"),
    "a Slack token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
    "an API key of this stack": re.compile(r"\bmsk_[A-Za-z0-9_-]{20,}"),
    "a secret key of a model's provider": re.compile(r"\bsk-[A-Za-z0-9_-]{20,}"),
    "a Hugging Face token": re.compile(r"\bhf_[A-Za-z0-9]{30,}"),
    "a token of npm": re.compile(r"\bnpm_[A-Za-z0-9]{36}"),
    "a secret key of Stripe": re.compile(r"\b[rs]k_live_[A-Za-z0-9]{20,}"),
    "a JSON Web Token": re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),
    "a connection string with a password": re.compile(
        r"(?i)(?:^|;)\s*(?:password|pwd)\s*=\s*(?![${<%\s;])[^;\s]+\s*;|;\s*(?:password|pwd)\s*=\s*(?![${<%\s;])[^;\s]+"
    ),
    "an address with a password": re.compile(r"\b[a-z][a-z0-9+.-]*://[^/\s:@]*:(?!\$[({])[^/\s@]+@"),
}
"""Forms that nothing else has."""

_NAME = re.compile(
    r"(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|PASS|PWD|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|SECRET_?KEY|PRIVATE_?KEY|CREDENTIALS?)$"
)
"""Names that end in what they hold. `TOKEN_FILE`, `MAX_TOKENS` and `SECRET_NAME` do not."""

_LINE = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?["']?([A-Za-z_][\w.-]*)["']?[ \t]*[:=][ \t]*"""
    r"""["']?([^\s"'{\[<%!*&|>][^\s"']*)["']?[ \t]*[,;]?[ \t]*$""",
    re.MULTILINE,
)
"""`name: value` and `name=value` on a line of a file. What templates and other languages put there begins otherwise."""

_IN_FILES = re.compile(r"(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|API_?KEY|SECRET_?KEY|CLIENT_SECRET)$")
"""Fewer names than of variables: `secret: web-tls` and `token: auth` name something in many a file."""

_REFERENCE = re.compile(r"\$\([A-Za-z_][A-Za-z0-9_]*\)|\$\{[^}]*\}")
_HARMLESS = re.compile(r"\.{0,2}/|~/|(?:sha256|sha512|md5):|[0-9.,:;+-]+$|(?i:true|false|none|null|yes|no)$|[a-z][a-z0-9+.-]*://")
"""Beginnings of values that are no secret by themselves: paths, digests, numbers, words of YAML, addresses."""

RUN = 20
"""Characters without a break from which a value may look random."""

_OPTION = re.compile(r"--?(?P<name>[A-Za-z][A-Za-z0-9-]*)=(?P<value>.+)", re.DOTALL)


def _literals(item: Object, program: Program, settings: Settings) -> Found:
    pods = pods_of(item)
    for container in pods.containers() if pods else ():
        for index, variable in enumerate(items(container.spec, "env")):
            name = str(dig(variable, "name") or index)
            why = _judged(name, mapping(variable).get("value"), settings)
            if why:
                yield f"{container.path}.env[{name}].value", why
        yield from _words(container, settings)
    if item.kind == "ConfigMap":
        for key, value in mapping(item.manifest, "data").items():
            why = _known(value) or _by_name(key, value, settings) or _by_line(value, settings)
            if why:
                yield f"data[{key}]", why


def _words(container: Container, settings: Settings) -> Found:
    """Command lines: `--token=…`, `--token …`, and whatever has the form of a token."""
    words = command_of(container)
    for index, word in enumerate(words):
        why = _known(word)
        option = _OPTION.fullmatch(word) if isinstance(word, str) else None
        before = words[index - 1] if index else None
        if not why and option:
            why = _by_name(option["name"], option["value"], settings)
        elif not why and isinstance(before, str) and before.startswith("-") and "=" not in before:
            why = _by_name(before.lstrip("-"), word, settings)
        if why:
            yield f"{container.path}.args", why


def _judged(name: str, value: Any, settings: Settings) -> str | None:
    return _known(value) or _by_name(name, value, settings) or _by_entropy(name, value, settings)


def _known(value: Any) -> str | None:
    if isinstance(value, Sensitive):
        return "a value that Pulumi knows to be secret stands here in clear"
    if isinstance(value, str):
        return next((f"{what} stands here in clear" for what, form in ISSUED.items() if form.search(value)), None)
    return None


def _by_name(name: str, value: Any, settings: Settings, names: re.Pattern[str] = _NAME) -> str | None:
    if not _is_literal(name, value, settings) or len(value) < settings["min_length"]:
        return None
    spelled = re.sub(r"(?<=[a-z])(?=[A-Z])|[-.]", "_", name).upper()
    return f"{name!r} is the name of a secret, and its value stands here in clear" if names.search(spelled) else None


def _by_line(text: Any, settings: Settings) -> str | None:
    """The first line of a file that gives a secret its value."""
    lines = _LINE.findall(text) if isinstance(text, str) else []
    return next((why for name, value in lines if (why := _by_name(name, value, settings, _IN_FILES))), None)


def _by_entropy(name: str, value: Any, settings: Settings) -> str | None:
    """Only what has no break in it: words that are joined by dashes are a name, however many they are."""
    if not _is_literal(name, value, settings) or not re.fullmatch(r"[A-Za-z0-9+/=_-]+", value):
        return None
    run = max(re.split(r"[^A-Za-z0-9]", value), key=len)
    mixed = re.search("[A-Z]", run) and re.search("[a-z]", run) and len(re.findall("[0-9]", run)) > 1
    if mixed and len(run) >= RUN and entropy(run) >= settings["min_entropy"]:
        return f"{len(value)} characters that look random stand here in clear"
    return None


def _is_literal(name: str, value: Any, settings: Settings) -> bool:
    if not isinstance(value, str) or not value or _HARMLESS.match(value) or _REFERENCE.search(value):
        return False
    return not any(fnmatchcase(name, pattern) for pattern in settings["allowed_names"])


def entropy(text: str) -> float:
    """Shannon's, in bits a character: a word of a language has about 3, what is drawn from base64 over 4."""
    shares: Iterator[float] = (count / len(text) for count in Counter(text).values())
    return -sum(share * math.log2(share) for share in shares)


SECRET_LITERALS = Policy(
    name="secret-literals",
    title="Secrets are no literals.",
    remedy="put it into a Secret and refer to it (`secretKeyRef`, or better a mounted file), and replace it: it has been seen",
    check=_literals,
    level="mandatory",
    severity="critical",
    own={
        "allowed_names": Option(
            {
                "type": "array",
                "items": {"type": "string"},
                "default": [],
                "description": "Names of variables, options and keys that hold no secret, with `*` for any part.",
            }
        ),
        "min_length": Option(
            {"type": "integer", "minimum": 1, "default": 6, "description": "Length from which a value is a secret by its name."}
        ),
        "min_entropy": Option(
            {
                "type": "number",
                "minimum": 0,
                "default": 4.2,
                "description": "Bits a character from which a long value looks random.",
            }
        ),
    },
)
