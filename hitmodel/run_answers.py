"""What a run is computed again from where no executed notebook stands beside it: its questions, and its answers.

The questions are the notebook without outputs, the answers are every record that the report shows, as values. A report
made without a notebook has them in its folder. Those of an external report stay in the house: they lie in the folder
of reports, under the seal of the run, and are kept when the report itself is deleted, since it may have been sent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hitmodel.document import Block, Document, Prose, Verbatim
from hitmodel.errors import InputError
from hitmodel.files import written_whole
from hitmodel.frontpage import FrontPage
from hitmodel.pictures import Chart
from hitmodel.run_record import SEAL, Facts, canonical, checksum
from hitmodel.tables import Table

EXTERNAL_FOLDER = ".external"
_INJECTED = "injected-parameters"


@dataclass(frozen=True)
class Answers:
    """A notebook without outputs, and the document that came of it, pictures aside."""

    notebook: Any
    document: Document


def bare(notebook: Any) -> Any:
    """Return a notebook without outputs and without what a run put into it."""
    source = deepcopy(notebook)
    source.cells = [c for c in source.cells if _INJECTED not in c.metadata.get("tags", [])]
    for number, cell in enumerate(source.cells):
        if "id" in cell:
            cell["id"] = f"cell-{number}"
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    source.metadata = {"language_info": {"name": "python"}}
    return source


def questions_sum(notebook: Any) -> str:
    """Return a checksum of what a notebook asks and says: its cells with their tags, whatever it showed."""
    cells = [[c.cell_type, c.source, list(c.metadata.get("tags", []))] for c in bare(notebook).cells]
    return checksum(json.dumps(cells, ensure_ascii=False).encode("utf-8"))


def written_answers(answers: Answers) -> bytes:
    """Return questions and answers as the bytes of a file."""
    return _text(_plain(answers))


def read_answers(file: Path) -> Answers:
    """Return what `written_answers` wrote; raise `InputError` when it is not as it was written."""
    try:
        return _answers(json.loads(file.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "this cannot be read as the answers of a run", where=str(file), next_step="Take the run from a copy."
        ) from error


def keep_external(home: Path, seal: str, facts: Mapping[str, Any], answers: Answers) -> Path:
    """Write what an external run was made from into a folder of reports, and return where."""
    held = {"run": seal, "facts": dict(facts), **_plain(answers)}
    file = external_file(home, seal)
    file.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(file) as draft:
        draft.write_bytes(_text({**held, SEAL: checksum(canonical(held))}))
    return file


def external_file(home: Path, seal: str) -> Path:
    """Return where a folder of reports keeps what the external run with this seal was made from."""
    return home / EXTERNAL_FOLDER / f"{seal}.json"


def read_external(file: Path) -> tuple[Facts, Answers]:
    """Return the facts and the answers that `keep_external` wrote.

    Raises `InputError` when so much as one byte is not as it was written.
    """
    try:
        written = file.read_bytes()
        held = json.loads(written)
        unsealed = {key: value for key, value in held.items() if key != SEAL}
        if _text({**unsealed, SEAL: checksum(canonical(unsealed))}) == written:
            return held["facts"], _answers(held)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    raise InputError(
        "what the house kept of this external report is not as it was written",
        where=str(file),
        next_step="Take it from a copy of the folder of reports.",
    )


def _text(held: Mapping[str, Any]) -> bytes:
    return (json.dumps(held, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def _plain(answers: Answers) -> dict[str, Any]:
    document = answers.document
    return {
        "notebook": answers.notebook,
        "title": document.title,
        "edition": document.edition,
        "front": document.front.to_json() if document.front else None,
        "blocks": [_block(block) for block in document.blocks],
    }


def _block(block: Block) -> list[Any]:
    if isinstance(block, Prose):
        return ["text", list(block.tokens)]
    if isinstance(block, Verbatim):
        return ["printed", block.text]
    return ["table" if isinstance(block, Table) else "chart", block.to_json()]


def as_notebook(held: Mapping[str, Any]) -> Any:
    """Return a notebook from plain JSON values."""
    import nbformat

    return nbformat.from_dict(held)  # type: ignore[no-untyped-call]


def _answers(held: Mapping[str, Any]) -> Answers:
    front = FrontPage.from_json(held["front"]) if held["front"] else None
    blocks = tuple(_read(kind, value) for kind, value in held["blocks"])
    return Answers(as_notebook(held["notebook"]), Document(held["title"], held["edition"], blocks, front))


def _read(kind: str, held: Any) -> Block:
    if kind == "text":
        return Prose(tuple(held))
    if kind == "printed":
        return Verbatim(held)
    return Table.from_json(held) if kind == "table" else Chart.from_json(held, "")
