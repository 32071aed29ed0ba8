"""Where patient identity stops: ids become keyed hashes, and only the key's owner can look one up again.

The key is made once, outside the project and the workspace, in a folder that its owner alone may read. Beside it lies a
crosswalk from the hash of a claim number to the number itself, so that a claim can be found and appealed. Patient ids
are hashed too, and kept nowhere: names, birth dates, addresses and member ids never reach a file of hitmodel.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hitmodel.errors import InputError
from hitmodel.workspace import Change, Workspace

FOLDER_VARIABLE = "HITMODEL_KEY_FOLDER"
KEY_FILE, CROSSWALK = "key", "crosswalk"
CLAIM, PATIENT, LINE, REFERENCE, THERAPY = "c", "p", "l", "r", "t"
_NOTE = "key"


def key_folder() -> Path:
    """Return where the key is kept: as HITMODEL_KEY_FOLDER says, else ``.hitmodel`` in the user's own folder."""
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named).expanduser() if named else Path.home() / ".hitmodel"


@dataclass(frozen=True)
class Identity:
    """The key, and what was hashed with it so far in one run. ``folder`` is where key and crosswalk are kept."""

    folder: Path
    key: bytes = field(repr=False)
    _kinds: dict[str, hashlib.blake2b] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def load(cls, folder: Path | None = None) -> Identity:
        """Return the key in ``folder``, or in `key_folder`; one is made when there is none.

        Raises `InputError` when the key cannot be read, or others may read it.
        """
        place = folder or key_folder()
        file = place / KEY_FILE
        try:
            if not file.exists():
                _make_key(place, file)
            if os.name == "posix" and file.stat().st_mode & 0o077:
                raise InputError(
                    "others can read the key that stands between hashes and patients",
                    where=str(file),
                    next_step=f"Take their right away: chmod 600 {file}",
                )
            key = bytes.fromhex(file.read_text(encoding="ascii").strip())
        except (OSError, ValueError) as error:
            raise InputError(
                f"the key cannot be read ({type(error).__name__})", where=str(file), expected="64 hexadecimal digits"
            ) from None
        if len(key) != 32:
            raise InputError("the key is damaged", where=str(file), expected="64 hexadecimal digits")
        return cls(place, key)

    @property
    def fingerprint(self) -> str:
        """What tells this key from others without telling anything of it."""
        return hashlib.blake2b(b"fingerprint", key=self.key, digest_size=8).hexdigest()

    def hashed(self, kind: str, value: str) -> str:
        """Return the keyed hash of an id as 16 hexadecimal digits behind the letter of its kind; "" for "".

        Capitals and blanks make no difference, since systems write one id in several ways.
        """
        return self.hashed_each(kind, [value])[0]

    def named(self, number: str) -> str:
        """Return the hashes of a number by which a claim names another: as a payer's, and as one of ours."""
        return " ".join(self.hashed(kind, number) for kind in (REFERENCE, CLAIM)).strip()

    def hashed_each(self, kind: str, values: Sequence[str]) -> list[str]:
        """Return the keyed hash of each of many ids, as `hashed` says."""
        if kind not in self._kinds:
            self._kinds[kind] = hashlib.blake2b(f"{kind}:".encode(), key=self.key, digest_size=8)
        begun, made = self._kinds[kind].copy, []
        for value in values:  # hundreds of thousands in one file
            folded = " ".join(value.split()).upper()
            digest = begun()
            digest.update(folded.encode())
            made.append(kind + digest.hexdigest() if folded else "")
        return made

    @contextmanager
    def crosswalk(self, source: str) -> Iterator[Callable[[Sequence[str], Sequence[str]], None]]:
        """Give a function that keeps hashes and the claim numbers behind them, in a file for this ``source``.

        The file is there once the block ends well, and not at all when it does not.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        folder = self.folder / CROSSWALK
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f".{source[:16]}-{os.getpid()}"
        schema = pa.schema([("hash", pa.string()), ("claim", pa.string())])
        try:
            with (
                open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file,
                pq.ParquetWriter(file, schema) as writer,
            ):
                yield lambda hashes, claims: writer.write_table(pa.table([hashes, claims], schema=schema))
            draft.replace(folder / f"{source[:16]}.parquet")
        finally:
            draft.unlink(missing_ok=True)

    def claim_numbers(self, hashes: Iterable[str]) -> dict[str, str]:
        """Return the real claim number behind each hash that the crosswalk knows."""
        import pyarrow.parquet as pq

        wanted = sorted(set(hashes))
        found: dict[str, str] = {}
        for file in sorted((self.folder / CROSSWALK).glob("*.parquet")):
            rows = pq.read_table(file, filters=[("hash", "in", wanted)])
            found |= dict(zip(rows["hash"].to_pylist(), rows["claim"].to_pylist(), strict=True))
        return found


def _make_key(place: Path, file: Path) -> None:
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "w", encoding="ascii") as made:
        made.write(secrets.token_hex(32) + "\n")


def bind(change: Change, identity: Identity) -> None:
    """Tie a workspace to the key that its first import was hashed with.

    Raises `InputError` when it was another key: the same patient would then stand in it under two hashes.
    """
    bound = change.before.about.get(_NOTE)
    if bound not in (None, identity.fingerprint):
        raise InputError(
            "this workspace was made with another key, so its hashes and yours would not meet",
            where=str(change.before.folder),
            expected=f"the key with the fingerprint {bound}; yours is {identity.fingerprint}",
            next_step=f"Ask its owner for the key and name its folder in {FOLDER_VARIABLE}; or use another workspace.",
        )
    change.note(_NOTE, identity.fingerprint)


def is_bound_to(workspace: Workspace, identity: Identity) -> bool:
    """Say whether a workspace was made with this key."""
    return workspace.about.get(_NOTE) == identity.fingerprint
