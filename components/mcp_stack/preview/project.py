"""A Pulumi project on disk: where its program is, what it declares, and what a stack's file says."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from .errors import NoSuchProject, NoSuchStack, PreviewError
from .project_files import config_directory, project_file, stack_file, stack_files


@dataclass(frozen=True, slots=True)
class Project:
    """Pulumi.yaml, as far as an evaluation needs it."""

    name: str
    directory: Path
    """Directory of Pulumi.yaml."""
    program: Path
    """Directory or file that runs."""
    config_dir: Path
    """Directory of the stack files (`stackConfigDir`)."""
    declared: Mapping[str, Mapping[str, Any]]
    """Declarations by full key: `type`, `default`, `value`, `secret`."""


@dataclass(frozen=True, slots=True)
class StackConfig:
    """A stack's configuration as a program receives it. Ciphertexts are replaced by placeholders."""

    values: Mapping[str, str]
    secrets: frozenset[str]
    """Keys whose values are secret."""


def find_project(start: Path) -> Path:
    """Directory of the nearest Pulumi.yaml at or above `start`."""
    start = start.resolve()
    for directory in (start, *start.parents):
        if project_file(directory) is not None:
            return directory
    raise NoSuchProject(
        f"{start} is in no Pulumi project: neither it nor a directory above has a Pulumi.yaml; name one with --project"
    )


def load_project(directory: Path) -> Project:
    """The project of `directory`; PreviewError where Pulumi would refuse it, or where its program is not in Python."""
    path = project_file(directory)
    if path is None:
        raise NoSuchProject(f"{directory} holds no Pulumi.yaml")
    document = _mapping(path)
    name = document.get("name")
    if not isinstance(name, str) or not name:
        raise PreviewError(f"{path}: name: {'required, but missing' if not name else f'{name!r} is no text; put it in quotes'}")
    runtime = document.get("runtime")
    language = cast("Mapping[str, Any]", runtime).get("name") if isinstance(runtime, Mapping) else runtime
    if language != "python":
        raise PreviewError(f"{path}: runtime: {language!r} cannot be evaluated here, only python")
    main = directory / str(document.get("main") or ".")
    config: Any = document.get("config") or {}
    declared: dict[str, Mapping[str, Any]] = {}
    if isinstance(config, Mapping):
        for key, value in cast("Mapping[str, Any]", config).items():
            full = key if ":" in key else f"{name}:{key}"
            declared[full] = cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {"value": value}
    return Project(name, directory, main, config_directory(directory, document), declared)


def stack_names(project: Project) -> list[str]:
    """Stacks that have a file, in order of name."""
    found = {path.name.removeprefix("Pulumi.").removesuffix(path.suffix) for path in stack_files(project.config_dir)}
    return sorted(name for name in found if name)


def stack_path(project: Project, stack: str) -> Path:
    """File of `stack`."""
    found = stack_file(project.config_dir, stack)
    if found is None:
        known = ", ".join(stack_names(project)) or "none"
        raise NoSuchStack(f"stack {stack!r} has no file {project.config_dir / f'Pulumi.{stack}.yaml'}; stacks with one: {known}")
    return found


def load_config(project: Project, stack: str) -> StackConfig:
    """What `stack`'s file says, completed by the project's defaults and checked against its declarations as the CLI does."""
    path = stack_path(project, stack)
    document = _mapping(path)
    given: dict[str, Any] = {}
    configured: Any = document.get("config") or {}
    if not isinstance(configured, Mapping):
        raise PreviewError(f"{path}: config: expected a mapping of keys such as `{project.name}:stack`")
    for key, value in cast("Mapping[str, Any]", configured).items():
        given[key if ":" in key else f"{project.name}:{key}"] = value
    values: dict[str, str] = {}
    secrets: set[str] = set()
    problems: list[str] = []
    for key, declaration in project.declared.items():
        fallback = declaration.get("value", declaration.get("default"))
        if key not in given and fallback is not None:
            given[key] = fallback
        elif key not in given and key.startswith(f"{project.name}:"):
            problems.append(f"{key}: required, but missing; set it with `pulumi config set {key} <value> --stack {stack}`")
    for key, value in given.items():
        plain, secret = _without_ciphertext(key, value)
        problems += _type_problems(key, plain, project.declared.get(key, {}), secret)
        values[key] = plain if isinstance(plain, str) else json.dumps(plain, default=str)
        if secret:
            secrets.add(key)
    if problems:
        raise PreviewError("\n".join([f"{path}:", *(f"  {problem}" for problem in problems)]))
    return StackConfig(values, frozenset(secrets))


def placeholder(key: str, ciphertext: str) -> str:
    """Stands for a secret that only the stack's passphrase opens: the same text for the same ciphertext, another for another.

    So a comparison of two revisions shows that a secret was set anew, although nobody here can read it.
    """
    return f"encrypted-{key.rpartition(':')[2]}-{hashlib.sha256(ciphertext.encode()).hexdigest()[:12]}"


def _without_ciphertext(key: str, value: Any) -> tuple[Any, bool]:
    """`value` with placeholders for every `secure`, and whether there was one."""
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, Any]", value)
        if set(fields) == {"secure"} and isinstance(fields["secure"], str):
            return placeholder(key, fields["secure"]), True
        pairs = {name: _without_ciphertext(f"{key}.{name}", inner) for name, inner in fields.items()}
        return {name: inner for name, (inner, _) in pairs.items()}, any(secret for _, secret in pairs.values())
    if isinstance(value, list):
        items = [_without_ciphertext(f"{key}.{index}", inner) for index, inner in enumerate(cast("list[Any]", value))]
        return [inner for inner, _ in items], any(secret for _, secret in items)
    return value, False


_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str, int, float, bool),
    "boolean": (bool,),
    "integer": (int,),
    "array": (list,),
    "object": (dict,),
}


def _type_problems(key: str, value: Any, declaration: Mapping[str, Any], secret: bool) -> list[str]:
    """Where Pulumi's CLI would refuse a value: a wrong type, or plain text for what is declared secret."""
    problems: list[str] = []
    kind = declaration.get("type")
    if isinstance(kind, str) and kind in _TYPES and not secret:
        wrong = not isinstance(value, _TYPES[kind]) or (kind == "integer" and isinstance(value, bool))
        if wrong and not (isinstance(value, str) and _reads_as(value, kind)):
            problems.append(f"{key}: is no {kind}, which Pulumi.yaml declares")
    if declaration.get("secret") and not secret:
        problems.append(f"{key}: is declared secret and stands in plain text; set it with `pulumi config set --secret {key}`")
    return problems


def _reads_as(text: str, kind: str) -> bool:
    """Whether text from `pulumi config set` stands for a `kind`; the CLI stores everything as text."""
    try:
        parsed = json.loads(text)
    except ValueError:
        return False
    return isinstance(parsed, _TYPES[kind]) and not (kind == "integer" and isinstance(parsed, bool))


def _mapping(path: Path) -> Mapping[str, Any]:
    try:
        document = yaml.load(path.read_text(encoding="utf-8-sig"), yaml.CSafeLoader)
    except OSError as error:
        raise PreviewError(f"{path}: cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise PreviewError(f"{path}: cannot be parsed: {' '.join(str(error).split())}") from None
    if document is None:
        return {}
    if not isinstance(document, Mapping):
        raise PreviewError(f"{path}: expected a mapping")
    return cast("Mapping[str, Any]", document)
