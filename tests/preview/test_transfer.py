"""What another process evaluated arrives as it was."""

from hypothesis import given
from hypothesis import strategies as st

from mcp_stack.preview.rendered import Rendered
from mcp_stack.preview.resources import Resource
from mcp_stack.preview.transfer import dump, load
from mcp_stack.preview.values import Secret, Unknown

KEYS = st.sampled_from(["name", "$secret", "$unknown", "$map", "a.b"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.builds(Unknown),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3) | st.builds(Secret, inner),
    max_leaves=8,
)


@given(st.dictionaries(KEYS, VALUES, max_size=3))
def test_everything_survives_the_journey(inputs):
    resource = Resource(
        "urn", "type", "name", "parent", inputs, aliases=("former",), options={"protect": True}, remote=True, provider="p"
    )
    rendered = Rendered("shop", "dev", (resource,), inputs, ("careful",))
    assert load(dump(rendered)) == rendered
