"""Somebody at a client of the official SDK, who is asked things."""

from mcp_types import CreateMessageResult, ElicitResult, ListRootsResult, Root, TextContent


class Person:
    """Answers what it is asked, in its own name, and remembers it."""

    def __init__(self, name):
        self.name = name
        self.asked = []
        self.refuses = None

    async def sample(self, _context, params):
        self.asked.append(f"sample {params.messages[0].content.text}")
        if self.refuses is not None:
            return self.refuses
        return CreateMessageResult(role="assistant", content=TextContent(type="text", text=self.name), model="m")

    async def elicit(self, _context, params):
        self.asked.append(f"{params.mode} {params.message}")
        return ElicitResult(action="accept", content={"name": self.name} if params.mode == "form" else None)

    async def roots(self, _context):
        self.asked.append("roots")
        return ListRootsResult(roots=[Root(uri=f"file:///{self.name}")])

    @property
    def callbacks(self):
        return {"sampling_callback": self.sample, "elicitation_callback": self.elicit, "list_roots_callback": self.roots}


def text(result):
    return "".join(block.text for block in result.content if block.type == "text")
