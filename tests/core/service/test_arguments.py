"""What a call takes: checked at one door, described from the same declaration."""

from dataclasses import FrozenInstanceError, dataclass
from typing import Any, Literal

import pytest

from core.errors import ParameterError
from core.service import CALLS, Arguments, Load, Recall
from core.service.arguments import LONGEST_LIST, LONGEST_TEXT, said


@dataclass(frozen=True, kw_only=True)
class Made(Arguments):
    name: str = said("what it is called")
    size: int = said("how many", default=3, low=1, high=9)
    share: float | None = said("of all", default=None, low=0.0, high=1.0)
    free: float = said("any number", default=0.0)
    kind: Literal["a", "b"] | None = said("of two", default="a")
    odd: bool = said("whether", default=False)
    values: tuple[float, ...] | None = said("numbers", default=None)


def test_json_becomes_frozen_arguments() -> None:
    made = Made.read({"name": "x", "share": 1, "values": [1, 2.5], "kind": None})
    assert made == Made(name="x", size=3, share=1.0, kind=None, values=(1.0, 2.5))
    assert isinstance(made.share, float)
    with pytest.raises(FrozenInstanceError):
        made.size = 4  # type: ignore[misc]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([], "The arguments must be a JSON object; got a list."),
        (None, "The arguments must be a JSON object; got null."),
        ({}, "The argument name is missing: what it is called."),
        ({"name": "x", "sise": 1}, "There is no argument 'sise'. There are: name, size, share, "),
        ({"name": 5}, "name must be text; got a number."),
        ({"name": ""}, f"name must have 1 to {LONGEST_TEXT:,} characters; got 0."),
        ({"name": "x" * 4_001}, f"name must have 1 to {LONGEST_TEXT:,} characters; got 4,001."),
        ({"name": "x", "size": 10}, "size must be between 1 and 9; got 10."),
        ({"name": "x", "size": True}, "size must be between|size must be a whole number"),
        ({"name": "x", "size": 2.0}, "size must be between|size must be a whole number"),
        ({"name": "x", "size": None}, "size must be between|size must be a whole number"),
        ({"name": "x", "share": 1.5}, "share must be between 0 and 1; got 1.5."),
        ({"name": "x", "share": -0.5}, "share must be between 0 and 1; got -0.5."),
        ({"name": "x", "share": float("nan")}, "share must be a finite number; got nan."),
        ({"name": "x", "share": 10**400}, "share must be a finite number; got inf."),
        ({"name": "x", "free": float("inf")}, "free must be a finite number; got inf."),
        ({"name": "x", "free": "1"}, "free must be a number; got '1'."),
        ({"name": "x", "kind": "c"}, "kind must be one of a, b; got 'c'."),
        ({"name": "x", "kind": {}}, "kind must be a single value; got an object."),
        ({"name": "x", "odd": 1}, "odd must be true or false; got a number."),
        ({"name": "x", "values": 1}, f"values must be a list of at most {LONGEST_LIST:,} numbers"),
        ({"name": "x", "values": [[1]]}, "values must be a single value; got a list."),
        ({"name": "x", "values": [1, "2"]}, "values must be a number; got '2'."),
        ({"name": "x", "values": [1, float("nan")]}, "values must be a finite number; got nan."),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(given: Any, words: str) -> None:
    with pytest.raises(ParameterError, match="^(" + words.replace("(", r"\(") + ")"):
        Made.read(given)


def test_python_goes_through_the_same_door() -> None:
    with pytest.raises(ParameterError, match=r"size must be between 1 and 9; got 0\."):
        Made(name="x", size=0)


def test_a_refusal_does_not_repeat_a_long_text() -> None:
    with pytest.raises(ParameterError) as refused:
        Made.read({"name": "x", "kind": "c" * 100_000})
    assert len(str(refused.value)) < 200
    with pytest.raises(ParameterError) as refused:
        Made.read({"name": "x", "free": {"a": ["c" * 100_000]}})
    assert len(str(refused.value)) < 200


def test_the_schema_says_what_is_checked() -> None:
    assert Made.schema() == {
        "type": "object",
        "properties": {
            "name": {"description": "what it is called", "type": "string"},
            "size": {
                "description": "how many",
                "type": "integer",
                "minimum": 1,
                "maximum": 9,
                "default": 3,
            },
            "share": {
                "description": "of all",
                "type": ["number", "null"],
                "minimum": 0.0,
                "maximum": 1.0,
                "default": None,
            },
            "free": {"description": "any number", "type": "number", "default": 0.0},
            "kind": {"description": "of two", "enum": ["a", "b", None], "default": "a"},
            "odd": {"description": "whether", "type": "boolean", "default": False},
            "values": {
                "description": "numbers",
                "type": ["array", "null"],
                "items": {"type": "number"},
                "maxItems": LONGEST_LIST,
                "default": None,
            },
        },
        "required": ["name"],
        "additionalProperties": False,
    }


def test_every_call_is_described_and_takes_its_defaults() -> None:
    assert list(CALLS) == [
        "sources",
        "load",
        "build",
        "open_index",
        "recall",
        "lost_items",
        "threshold",
        "search",
        "explain_miss",
    ]
    for name, call in CALLS.items():
        schema = call.arguments.schema()
        assert call.name == name
        assert call.says.endswith(".")
        needed = dict.fromkeys(schema["required"], "x")
        assert call.arguments.read(needed) == call.arguments(**needed)
        for each in schema["properties"].values():
            whole = "integer" in each.get("type", "")
            assert not whole or {"minimum", "maximum"} <= each.keys()
    assert Load.schema()["required"] == ["source"]
    assert Recall.schema()["properties"]["k"]["maximum"] == 1_000
