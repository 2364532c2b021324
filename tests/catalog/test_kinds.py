"""The four lists."""

import pytest

from mcp_stack_proxy.catalog.kinds import KINDS
from mcp_stack_proxy.wire.revisions import CACHEABLE


@pytest.mark.requirement("lists:four")
def test_each_list_is_known_by_its_method_and_says_where_its_items_and_their_names_stand():
    assert {method: (kind.member, kind.key, kind.capability) for method, kind in KINDS.items()} == {
        "tools/list": ("tools", "name", "tools"),
        "prompts/list": ("prompts", "name", "prompts"),
        "resources/list": ("resources", "uri", "resources"),
        "resources/templates/list": ("resourceTemplates", "uriTemplate", "resources"),
    }
    assert set(KINDS) <= CACHEABLE
