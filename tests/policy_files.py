"""Published payer policies as the tests keep them: a contract folder for each, and beside it a file of rules and cases.

``<policy>.toml`` names the payer, where the policy is published and what is invented; each ``[[rule]]`` says one rule
of it in our words with the ``fragment`` of the contract that says it, or why no contract can (``beyond``); each
``[[case]]`` is a worked case.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from case_files import CASES, Case

POLICIES = CASES / "policies"
PLAUSIBLE = CASES / "plausible"


@dataclass(frozen=True)
class Rule:
    """One rule of a policy; ``says`` is a sentence of our own."""

    says: str
    fragment: tuple[str, ...] = ()
    case: str = ""
    beyond: str = ""


@dataclass(frozen=True)
class Policy:
    """One policy: its contract folder has the file's name."""

    file: Path
    payer: str
    published: str
    invented: str
    rules: tuple[Rule, ...]
    cases: tuple[Case, ...]

    @property
    def name(self) -> str:
        """The name of the policy's file and contract folder."""
        return self.file.stem

    def folder(self, contract: str = "") -> Path:
        """Return the folder of the policy's contract, or of another reading of it that lies beside."""
        return self.file.parent / (contract or self.name)

    def written(self) -> str:
        """Return the text of all contract files, blanks run together."""
        folders = [self.folder(), *(self.folder(c.contract) for c in self.cases if c.contract)]
        return run_together("".join(f.read_text(encoding="utf-8") for d in folders for f in sorted(d.glob("*.toml"))))


def run_together(text: str) -> str:
    """Return text with every run of blanks and line ends as one blank."""
    return " ".join(text.split())


def read_policy(file: Path) -> Policy:
    """Read one policy; a key that is not known is an error."""
    said = tomllib.loads(file.read_text(encoding="utf-8"), parse_float=str)
    rules = tuple(Rule(**{**r, "fragment": _listed(r.get("fragment", ()))}) for r in said.pop("rule"))
    cases = tuple(_case(case, said["payer"], file.stem) for case in said.pop("case"))
    return Policy(file=file, rules=rules, cases=cases, **said)


def read_policies(folder: Path = POLICIES) -> list[Policy]:
    """Return every policy of a folder, by name of its file."""
    return [read_policy(file) for file in sorted(folder.glob("*.toml"))]


def _case(said: dict[str, Any], payer: str, file: str) -> Case:
    listed = {name: tuple(said[name]) for name in ("lines", "allowed")}
    return Case(**{"payer": payer, **said, **listed, "file": file})


def _listed(fragment: str | list[str]) -> tuple[str, ...]:
    return (fragment,) if isinstance(fragment, str) else tuple(fragment)
