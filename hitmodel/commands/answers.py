"""``hitmodel answers``, and how a command answers from what was kept."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

if TYPE_CHECKING:
    from hitmodel.kept_answers import Answer

Fresh = Annotated[bool, typer.Option("--fresh", help="Work it out again, whatever was answered before.")]
OFF = "HITMODEL_ANSWERS"
"""Set to "off", this environment variable keeps answers from being kept or used."""


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(answers)


def answers(
    clear: Annotated[bool, typer.Option("--clear", help="Drop every answer that is kept.")] = False,
) -> None:
    """Say where answers are kept for the next time that the same is asked, and how many; or drop them.

    hitmodel answers --clear
    """
    from hitmodel import paths
    from hitmodel.kept_answers import KeptAnswers

    kept = KeptAnswers()
    where = paths.shown(kept.folder)
    if clear:
        typer.echo(f"{_count(kept.clear())} dropped from {where}.")
        return
    typer.echo(
        f"{_count(len(kept.files()))} in {where}: {kept.bytes / 1e6:.1f} of at most {kept.most_bytes / 1e6:.0f} MB."
    )


@dataclass(frozen=True)
class Question:
    """What a command is asked: its name, the claims, the contracts, the evidence, and every option by name."""

    command: str
    claims: Path
    contracts: Sequence[str]
    evidence: Path | None
    options: Mapping[str, object]

    def facts(self) -> dict[str, Any]:
        """Return everything that the answer hangs on: options, bytes of every file, the program, the screen.

        Raises as loading the contracts and finding the claims do.
        """
        from hitmodel.commands.screen import console
        from hitmodel.run_inputs import program, question_entries, reference_entries

        return {
            "command": self.command,
            "claims": str(self.claims),
            "contracts": list(self.contracts),
            "options": dict(self.options),
            "files": question_entries(self.claims, self.contracts, self.evidence),
            "tables": reference_entries(),
            "program": program(),
            "screen": [console().width, sys.stdout.isatty()],
        }


def answer(question: Question, work: Callable[[], None], fresh: bool = False) -> None:
    """Answer from what was kept, and say so; else do the work, which prints, and keep what it printed.

    What changed while the work was being done is not kept. A result that is an error is not, either.
    """
    from hitmodel.kept_answers import KeptAnswers

    key = "" if os.environ.get(OFF, "").lower() == "off" else _key(question)
    if not key:
        work()
        return
    kept = KeptAnswers()
    said = None if fresh else kept.get(key)
    if said is None:
        said = _said(work)
        if _key(question) == key:
            kept.put(key, said)
    else:
        sys.stdout.write(said.output)
        for text in said.notes:
            print(text, file=sys.stderr)
        print("(As answered before: nothing it hangs on has changed. --fresh works it out again.)", file=sys.stderr)
    if said.code:
        raise typer.Exit(said.code)


def _key(question: Question) -> str:
    """Return the name of a question's answer, "" where something that it hangs on is not there: the work says what."""
    from hitmodel.errors import HitmodelError
    from hitmodel.kept_answers import key_of

    try:
        return key_of(question.facts())
    except (HitmodelError, OSError):
        return ""


def _said(work: Callable[[], None]) -> Answer:
    """Do the work, and return what it printed meanwhile."""
    from hitmodel.commands.screen import noting
    from hitmodel.kept_answers import Answer

    code = 0
    with noting() as notes, _copied() as output:
        try:
            work()
        except typer.Exit as end:
            code = end.exit_code
    return Answer(output.getvalue(), tuple(notes), code)


@contextlib.contextmanager
def _copied() -> Iterator[io.StringIO]:
    """Copy what goes to standard output."""
    copy = _Copy(sys.stdout)
    with contextlib.redirect_stdout(copy):
        yield copy


class _Copy(io.StringIO):
    """What is written goes to a stream and is kept as well."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream

    def write(self, text: str) -> int:
        """Write to both."""
        self._stream.write(text)
        return super().write(text)

    def flush(self) -> None:
        """Flush the stream."""
        self._stream.flush()

    def fileno(self) -> int:
        """Return the stream's file, which is closed when the reader of a pipe, such as head, has seen enough."""
        return self._stream.fileno()

    def isatty(self) -> bool:
        """Whether the stream is a screen."""
        return self._stream.isatty()


def _count(number: int) -> str:
    return f"{number:,} answer" + "s" * (number != 1)
