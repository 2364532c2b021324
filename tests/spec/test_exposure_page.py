"""docs/exposure.md says of each controller what the table in the code says."""

from pathlib import Path

from mcp_stack.spec.controllers import ANY_GATEWAY, ANY_INGRESS, CONTROLLERS

PAGE = Path(__file__).parents[2] / "docs" / "exposure.md"


def test_the_page_tells_what_each_controller_can_be_told():
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    start = next(index for index, row in enumerate(cells) if row[0] == "controller")
    wishes, rows = cells[start][1:], {row[0]: row[1:] for row in cells[start + 2 :]}
    known = {one.name: (one.lacks, ", ".join(one.counts)) for one in CONTROLLERS}
    known |= {"another Gateway": (ANY_GATEWAY, ""), "another Ingress": (ANY_INGRESS, "")}
    can = {
        name: ["" if wish in lacks else counts if wish == "rate_limit" else "yes" for wish in wishes]
        for name, (lacks, counts) in known.items()
    }
    assert rows == can
