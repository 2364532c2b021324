import pytest


@pytest.mark.parametrize(
    ("web", "expected"),
    [
        ({"spreading": {"max_skew": 2}}, ["servers.web.spreading: does nothing at one replica; remove it, or raise `replicas`"]),
        ({"spreading": {"max_skew": 2}, "replicas": 2}, []),
        ({"spreading": {"max_skew": 2}, "autoscaling": {"min": 1, "max": 2}}, []),
        ({"spreading": {"enabled": False}}, []),
        (
            {"spreading": {"enabled": False, "required": True}, "replicas": 2},
            ["servers.web.spreading.required: does nothing, `enabled` is false; remove one of them"],
        ),
        (
            {"spreading": {"over": ["a", "b", "a"]}, "replicas": 2},
            ["servers.web.spreading.over[2]: 'a' stands there already; remove it"],
        ),
    ],
)
def test_spreading_that_does_nothing_is_refused(problems, web, expected):
    assert problems({f"servers.web.{key}": value for key, value in web.items()}) == expected


def test_spreading_for_all_is_no_fault_of_one(problems):
    assert problems({"defaults.spreading": {"max_skew": 2}}) == []


def test_the_gateway_is_held_to_the_same(problems):
    assert [one.partition(":")[0] for one in problems({"gateway.spreading": {"required": True}})] == ["gateway.spreading"]
