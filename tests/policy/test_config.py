import pytest

from mcp_stack_policy import POLICIES, PolicyConfigError, configuration
from tests.policy.program import DEPLOYMENT, WEB, judged

UNPINNED = (DEPLOYMENT, (*WEB, "image"), "acme/web")


def test_levels_are_the_policys_own_or_those_of_all_or_of_one():
    def level(config):
        return [(name, level) for name, level, *_ in judged(UNPINNED, config=config)]

    assert level({}) == [("pinned-images", "mandatory")]
    assert level({"all": "advisory"}) == [("pinned-images", "advisory")]
    assert level({"all": "disabled", "pinned-images": {"enforcementLevel": "advisory"}}) == [("pinned-images", "advisory")]
    assert level({"all": "mandatory", "pinned-images": "disabled"}) == []


def test_a_violation_says_what_is_wrong_and_what_to_do():
    ((_, _, title, path, text),) = judged(UNPINNED)
    assert (title, path) == ("Deployment shop/web", "spec.template.spec.containers[web].image")
    assert text.startswith("'acme/web' has neither tag nor digest")
    assert text.endswith("name a version, or better a digest (`image@sha256:…`)")


def test_everything_that_is_wrong_is_said_at_once():
    with pytest.raises(PolicyConfigError) as caught:
        configuration(
            {
                "pinned-image": "mandatory",
                "nothing-like-it": {},
                "all": {"enforcementLevel": "remediate", "exempt": []},
                "pinned-images": {"require_digest": "yes", "moving_tag": [], "moving_tags": [1]},
                "secret-literals": {"min_length": 0, "min_entropy": True, "enforcementLevel": "advisory"},
            }
        )
    problems = caught.value.problems
    assert problems[0] == "pinned-image: no such policy, did you mean `pinned-images`?"
    assert problems[1].startswith("nothing-like-it: no such policy; there are: secret-literals, ")
    assert problems[2:] == [
        "all.enforcementLevel: 'remediate' is no level: mandatory, advisory, disabled",
        "all.exempt: no such setting",
        "pinned-images.require_digest: 'yes' does not fit: true or false",
        "pinned-images.moving_tag: no such setting, did you mean `moving_tags`?",
        "pinned-images.moving_tags: [1] does not fit: a list of texts",
        "secret-literals.min_length: 0 does not fit: a whole number, at least 1",
        "secret-literals.min_entropy: True does not fit: a number, at least 0",
    ]
    with pytest.raises(PolicyConfigError, match="a mapping of policies"):
        configuration([])


def test_every_default_is_a_value_that_a_user_may_set():
    configuration({policy.name: policy.defaults() for policy in POLICIES})
