import pytest

from mcp_stack.preview.aliases import inherited

STACK = "urn:pulumi:dev::any::"
PARENT, OLD = f"{STACK}a:b:C::new", f"{STACK}a:b:C::old"


@pytest.mark.parametrize(
    ("urns", "formerly", "expected"),
    [
        ([f"{STACK}a:b:C$k:K::new-service"], [OLD], [f"{STACK}a:b:C$k:K::old-service"]),
        ([f"{STACK}a:b:C$k:K::service"], [OLD], [f"{STACK}a:b:C$k:K::service"]),
        ([f"{STACK}a:b:C$k:K::new-x", f"{STACK}a:b:C$k:K::y"], [OLD], [f"{STACK}a:b:C$k:K::old-x", f"{STACK}a:b:C$k:K::y"]),
        ([f"{STACK}a:b:C$k:K::new-x"], [f"{STACK}o:o:O$a:b:C::new"], [f"{STACK}o:o:O$a:b:C$k:K::new-x"]),
        ([f"{STACK}a:b:C$k:K::new-x"], ["urn:pulumi:dev::other::a:b:C::new"], ["urn:pulumi:dev::other::a:b:C$k:K::new-x"]),
        ([f"{STACK}a:b:C$k:K::new-x"], [], []),
    ],
    ids=["prefix", "own-name", "own-alias", "moved", "other-project", "none"],
)
def test_a_child_was_where_its_parent_was(urns, formerly, expected):
    assert inherited(urns, PARENT, formerly) == expected
