"""URIs and names inside params and results, between a server's own form and the public one."""

from collections.abc import Callable

import msgspec
from msgspec import Raw

from ..wire.envelope import Members, encode, members_of, objects_of, raw, string_of
from ..wire.errors import INVALID_PARAMS, RpcError
from .names import Namespaces

Rename = Callable[[str], str]


def read_reference(reference: Raw | None) -> tuple[Members, str, str]:
    """A completion's `ref`, the key of what it refers to (`name` of a prompt, `uri` of a resource or template), and that."""
    try:
        members = members_of(reference if reference is not None else b"null")
    except msgspec.DecodeError:
        raise RpcError(INVALID_PARAMS, "params.ref must be an object") from None
    kind = string_of(members.get("type"))
    if kind not in ("ref/prompt", "ref/resource"):
        raise RpcError(INVALID_PARAMS, "params.ref.type must be ref/prompt or ref/resource")
    key = "name" if kind == "ref/prompt" else "uri"
    public = string_of(members.get(key))
    if public is None:
        raise RpcError(INVALID_PARAMS, f"params.ref.{key} must be a string")
    return members, key, public


def resolve_reference(reference: Raw | None, namespaces: Namespaces) -> tuple[str, Raw]:
    """Server and native form of a completion's `ref`."""
    members, key, public = read_reference(reference)
    found = namespaces.resolve_name(public) if key == "name" else namespaces.resolve_uri(public)
    if found is None:
        raise unknown_reference(public)
    return found[0], raw({**members, key: found[1]})


def unknown_reference(public: str) -> RpcError:
    """There is nothing here of that name."""
    return RpcError(INVALID_PARAMS, f"Unknown reference: {public}")


def public_contents(result: Raw, rename: Rename) -> Raw:
    """`resources/read`: `contents[].uri`."""
    return _each(result, "contents", lambda item: _renamed(item, rename))


def public_content_blocks(result: Raw, rename: Rename) -> Raw:
    """`tools/call`: resource links and embedded resources in `content`."""
    return _each(result, "content", lambda block: _block(block, rename))


def public_messages(result: Raw, rename: Rename) -> Raw:
    """`prompts/get`: the same in each message's `content`."""

    def message(item: Members) -> Members:
        try:
            return {**item, "content": raw(_block(members_of(item["content"]), rename))}
        except (KeyError, msgspec.DecodeError):
            return item

    return _each(result, "messages", message)


def _block(block: Members, rename: Rename) -> Members:
    kind = string_of(block.get("type"))
    if kind == "resource_link":
        return _renamed(block, rename)
    if kind == "resource":
        try:
            return {**block, "resource": raw(_renamed(members_of(block["resource"]), rename))}
        except (KeyError, msgspec.DecodeError):
            return block
    return block


def _renamed(item: Members, rename: Rename) -> Members:
    uri = string_of(item.get("uri"))
    return item if uri is None else {**item, "uri": raw(rename(uri))}


def _each(result: Raw, member: str, change: Callable[[Members], Members]) -> Raw:
    """`result` with `change` made to each object of the list `member`; as it came where there is no such list."""
    try:
        members = members_of(result)
        items = objects_of(members[member])
    except (KeyError, msgspec.DecodeError):
        return result
    return Raw(encode({**members, member: [change(item) for item in items]}))
