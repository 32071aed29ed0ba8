"""The contract language as JSON Schema: it knows what the language knows, and no more."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from hitmodel import paths
from hitmodel.contract_schema import contract_schema
from hitmodel.mechanisms.registry import MECHANISMS
from hitmodel.overlays import NAMED_TABLES
from hitmodel.terms import Version

SCHEMA = contract_schema()


def test_it_is_plain_json() -> None:
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_it_knows_every_table_and_no_word_of_our_own() -> None:
    assert set(SCHEMA["properties"]) == (set(Version.model_fields) - {"file", "written", "placeholders"}) | {"remove"}
    assert set(NAMED_TABLES) <= set(SCHEMA["properties"])
    for name in ("Schedule", "DrugPrices"):
        assert not {"path", "checksum"} & set(SCHEMA["$defs"][name]["properties"]), name


def test_a_term_is_one_of_the_mechanisms() -> None:
    choices = {choice["$ref"].rsplit("/", 1)[-1] for choice in SCHEMA["properties"]["term"]["items"]["anyOf"]}
    assert choices == set(MECHANISMS)
    for name, mechanism in MECHANISMS.items():
        made = SCHEMA["$defs"][name]
        assert made["description"] == mechanism.summary
        assert set(made["properties"]) == set(mechanism.model.model_fields)
        assert made["additionalProperties"] is False


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for inner in node.values():
            yield from references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from references(inner)


def test_every_reference_leads_somewhere() -> None:
    assert {ref.removeprefix("#/$defs/") for ref in references(SCHEMA)} <= set(SCHEMA["$defs"])


# --- contract files held against it, as an editor would ---


def as_json(path: Path) -> Any:
    """Read a contract file as an editor's checker sees it: dates as text, numbers as numbers."""
    return json.loads(json.dumps(tomllib.loads(path.read_text(encoding="utf-8")), default=lambda day: day.isoformat()))


def complaints(said: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(said)]


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


SHIPPED = sorted(paths.data("contracts").glob("*/*.toml"))


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_contract_files_that_ship_pass(file: Path) -> None:
    """Overlays too, which leave out most of what a contract must say."""
    assert complaints(as_json(file)) == []


def test_a_limit_may_be_one_word() -> None:
    assert complaints({"lesser_of": "line"}) == []
    assert complaints({"lesser_of": "lines"})


@pytest.mark.parametrize(
    "name",
    [
        "key_unknown",
        "section_unknown",
        "header_key_unknown",
        "share_in_percent",
        "codes_as_text",
        "primary_by_misspelt",
    ],
)
def test_broken_contracts_are_seen_in_the_editor(name: str) -> None:
    assert complaints(as_json(Path(__file__).parent / "bad_contracts" / f"{name}.toml"))


@pytest.mark.parametrize("rate", ["95.00", 0, -1, True])
def test_a_rate_is_a_number_above_zero(rate: object) -> None:
    term = {"id": "t", "codes": ["S9500"], "mechanism": "per_diem", "rate": rate}
    assert complaints({"term": [term]})
    assert complaints({"term": [term | {"rate": 95.0}]}) == []


def test_what_a_loaded_contract_keeps_for_itself_is_not_offered() -> None:
    assert complaints({"written": []})
    assert complaints({"drug_prices": {"checksum": "0"}})
