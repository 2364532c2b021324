"""What remains of a document when everything that the schema refuses is taken out, so that the other rules can be checked, too."""

from collections.abc import Sequence
from typing import Any, cast

from pydantic import BaseModel, ValidationError


def remains(model: type[BaseModel], data: Any) -> Any:
    """`data` without the places that `model` refuses, or None where nothing can be kept."""
    kept = _copied(data)
    while True:  # each round takes something out, which may show another fault behind it
        try:
            model.model_validate(kept)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                if not _take_out(kept, detail["loc"]):
                    return None
        else:
            return kept


def _copied(value: Any) -> Any:
    """A document of its own. Values stay what they are: outputs, which a program may give, cannot be copied."""
    if isinstance(value, dict):
        return {key: _copied(inner) for key, inner in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_copied(inner) for inner in cast("list[Any]", value)]
    return value


def _take_out(document: Any, location: Sequence[int | str]) -> bool:
    """Remove the innermost thing that `location` leads to; False where that is the document itself.

    A missing key takes its mapping along, a wrong element its whole list, whose other elements would otherwise move.
    """
    place, steps = document, list[tuple[dict[Any, Any], int | str]]()
    for part in location:
        if isinstance(place, dict) and part in place:
            holder = cast("dict[Any, Any]", place)
            steps.append((holder, part))
            place = holder[part]
        elif part != "[key]":
            break
    if not steps:
        return False
    holder, key = steps[-1]
    holder.pop(key, None)
    return True
