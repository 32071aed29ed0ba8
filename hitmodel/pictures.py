"""A picture as a record: its finding, the picture, the same in words, and the values that were plotted.

The values are printed beside the picture, so that a changed number is seen even where pictures are not compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hitmodel.table_views import html_text
from hitmodel.tables import Audience

MIME = "application/vnd.hitmodel.chart+json"


@dataclass(frozen=True)
class Chart:
    """A picture with its finding.

    ``alt`` says in words what the picture shows. ``values`` are the plotted values as label and exact dollars.
    ``svg`` is text, ``png`` bytes; a picture that is not ours has only the latter. ``audience`` as for a table.
    """

    name: str
    headline: str
    caption: str
    alt: str
    values: tuple[tuple[str, str], ...]
    svg: str
    png: bytes
    audience: Audience = "internal"

    def to_json(self) -> dict[str, Any]:
        """Return everything but the picture as plain JSON values."""
        return {
            "name": self.name,
            "headline": self.headline,
            "caption": self.caption,
            "alt": self.alt,
            "values": [list(pair) for pair in self.values],
            "audience": self.audience,
        }

    @classmethod
    def from_json(cls, held: Mapping[str, Any], svg: str, png: bytes = b"") -> Chart:
        """Put a chart together again from what `to_json` wrote and its picture."""
        return cls(**{**held, "values": tuple((label, value) for label, value in held["values"])}, svg=svg, png=png)

    def to_text(self) -> str:
        """Return headline, caption and plotted values as plain text."""
        width = max((len(label) for label, _ in self.values), default=0)
        return "\n".join([self.headline, self.caption, *(f"{label:<{width}}  {v}" for label, v in self.values)])

    def _ipython_display_(self) -> None:
        """Show the finding, then the picture; two outputs, so that each surface shows what it can."""
        from base64 import b64encode

        from IPython.display import display

        finding = {
            MIME: self.to_json(),
            "text/html": f"<p><strong>{html_text(self.headline)}</strong><br>{html_text(self.caption)}</p>",
            "text/plain": self.to_text(),
        }
        png = b64encode(self.png).decode("ascii")
        picture = {"image/svg+xml": self.svg, "image/png": png, "text/plain": self.alt}
        words = {"image/svg+xml": {"alt": self.alt}, "image/png": {"alt": self.alt, "width": 700}}
        display(finding, raw=True)  # type: ignore[no-untyped-call]
        display(picture, raw=True, metadata=words)  # type: ignore[no-untyped-call]
