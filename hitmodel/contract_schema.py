"""The contract language as JSON Schema, for editors that complete and check while one types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hitmodel.files import written_whole
from hitmodel.mechanisms.registry import MECHANISMS
from hitmodel.placeholders import PATTERN
from hitmodel.terms import Version

OWN_FIELDS = ("file", "written", "placeholders")
OWN_OF_FILES = {"Schedule": ("path", "checksum"), "DrugPrices": ("path", "checksum")}
"""What a loaded contract keeps for itself; a file that says it is refused."""

LEFT_OPEN = {"type": "string", "pattern": f"^{PATTERN}$"}
"""What a draft may say in the place of a number."""

BOUNDS = {"gt": "exclusiveMinimum", "ge": "minimum", "lt": "exclusiveMaximum", "le": "maximum"}


def contract_schema() -> dict[str, Any]:
    """Return the JSON Schema of one contract file.

    Of what a row must have it asks for the id alone, since a file that extends another may leave out the rest.
    """
    schema = Version.model_json_schema()
    definitions = schema.setdefault("$defs", {})
    choices = []
    for name, mechanism in MECHANISMS.items():
        model = mechanism.model.model_json_schema()
        definitions.update(model.pop("$defs", {}))
        model["description"] = mechanism.summary
        definitions[name] = model
        choices.append({"$ref": f"#/$defs/{name}"})
    for field in OWN_FIELDS:
        schema["properties"].pop(field, None)
    for record, fields in OWN_OF_FILES.items():
        for field in fields:
            definitions[record]["properties"].pop(field, None)
    for part in (schema, *definitions.values()):
        _ask_for_the_id_alone(part)
        _as_numbers(part)
    days = {"$ref": "#/$defs/Days"}
    schema["properties"]["days"] = {"anyOf": [days, {"type": "array", "items": days}]}
    levels = definitions["LesserOf"]["properties"]["level"]["enum"]
    schema["properties"]["lesser_of"] = {"anyOf": [{"enum": levels}, {"$ref": "#/$defs/LesserOf"}]}
    schema["properties"]["term"] = {"type": "array", "items": {"anyOf": choices}}
    schema["properties"]["remove"] = {"type": "array", "items": {"type": "string"}}
    schema["title"] = "hitmodel contract"
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return schema


def write_schema(target: Path) -> None:
    """Write the schema to a file. Raises `InputError` where it cannot be written."""
    with written_whole(target) as draft:
        draft.write_text(json.dumps(contract_schema(), indent=2) + "\n", encoding="utf-8")


def _ask_for_the_id_alone(part: dict[str, Any]) -> None:
    asked = [name for name in part.pop("required", ()) if name == "id"]
    if asked:
        part["required"] = asked


def _as_numbers(node: Any) -> None:
    """Say of money and shares, wherever they stand, that they are numbers, and between which bounds."""
    if isinstance(node, list):
        for inner in node:
            _as_numbers(inner)
    if not isinstance(node, dict):
        return
    if [way.get("type") for way in node.get("anyOf", ()) if "$ref" not in way][:2] == ["number", "string"]:
        ways = [way for way in node.pop("anyOf")[2:] if way != {"type": "null"}]
        node["anyOf"] = [{"type": "number"}, LEFT_OPEN, *ways]
    for ours, theirs in BOUNDS.items():
        if isinstance(node.get(ours), int | float):
            node[theirs] = node.pop(ours)
    for inner in node.values():
        _as_numbers(inner)
