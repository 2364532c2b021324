"""The reference pages say what the models say."""

from mcp_stack.spec.stack import StackFile
from mcp_stack_proxy.config import ProxyConfig
from mcp_stack_proxy.config.described import descriptions
from tools.reference.__main__ import pages
from tools.reference.page import models_below


def test_the_pages_are_current():
    assert {path.name: path.read_text("utf-8") == text for path, text in pages().items()} == dict.fromkeys(
        ("stack-file.md", "proxy-configuration.md"), True
    )


def test_every_key_of_every_model_stands_on_a_page_with_a_description():
    together = "\n".join(pages().values())
    for model in [*models_below(StackFile), *models_below(ProxyConfig)]:
        for name in model.model_fields:
            assert descriptions(model).get(name), f"{model.__name__}.{name} has no docstring"
            assert f"| `{name}` |" in together
