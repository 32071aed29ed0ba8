"""Links to what a screen has written, where the server that shows the screen serves it too."""

from __future__ import annotations

import os
from collections.abc import Mapping
from html import escape
from pathlib import Path
from urllib.parse import quote

from hitmodel import paths
from hitmodel.paths import SERVED
from hitmodel.workbook.panes import Markup


def link(file: Path, text: str, given: Mapping[str, str] = os.environ) -> Markup:
    """Return a link that opens a file in a tab of its own; its path as text where no server of ours serves it."""
    address = address_of(file, given)
    if not address:
        return Markup(f"{escape(text)}: {escape(paths.shown(file))}")
    return Markup(f'<a href="{escape(address, quote=True)}" target="_blank" rel="noopener">{escape(text)}</a>')


def written(what: str, place: Path, opened: Path, given: Mapping[str, str] = os.environ) -> Markup:
    """Say what was written and where, with a link to the file that one opens."""
    linked = f" · {link(opened, 'Open', given)}" if address_of(opened, given) else ""
    return Markup(f"<p>Written: {escape(what)} in {escape(paths.shown(place))}{linked}</p>")


def address_of(file: Path, given: Mapping[str, str] = os.environ) -> str:
    """Return the address of a file on the server that shows the screen, "" where it has none."""
    served = given.get(SERVED, "")
    whole = file.resolve()
    if not served or not whole.is_relative_to(served):
        return ""
    inside = quote(whole.relative_to(served).as_posix())
    if given.get("SERVER_SOFTWARE", "").startswith("voila"):
        return f"{given.get('VOILA_BASE_URL', '/')}voila/files/{inside}"
    return f"{given.get('JUPYTERHUB_SERVICE_PREFIX', '/')}files/{inside}"
