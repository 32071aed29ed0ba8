"""The contract language as JSON Schema, for editors that complete and check while one types."""

from __future__ import annotations

from typing import Any

from hitmodel.mechanisms.registry import MECHANISMS
from hitmodel.terms import Version

OWN_FIELDS = ("file", "written")


def contract_schema() -> dict[str, Any]:
    """Return the JSON Schema of one contract file; one that extends another may leave out what it does not change."""
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
    schema["properties"]["term"] = {"type": "array", "items": {"anyOf": choices}}
    schema["properties"]["remove"] = {"type": "array", "items": {"type": "string"}}
    schema["title"] = "hitmodel contract"
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return schema
