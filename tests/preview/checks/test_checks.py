"""All checks together: silent where everything fits, and each finding is one readable line."""

from mcp_stack.preview.checks import Finding
from tests.preview.checks.sound import CONTAINER, findings


def test_a_stack_in_which_everything_fits_has_no_finding():
    assert findings() == []


def test_a_finding_is_one_line_with_severity_place_remedy_and_check():
    (found,) = findings(("Deployment clock", (*CONTAINER, "image"), "acme/clock:latest"))
    assert str(found) == (
        "error: Deployment shop/clock spec.template.spec.containers[clock].image: "
        "'acme/clock:latest' is another image tomorrow; name a version or a digest [images]"
    )


def test_a_finding_about_a_whole_object_has_no_path():
    assert str(Finding("program", "stack dev", "", "does not start")) == "error: stack dev: does not start [program]"
