"""A button that has a report made beside the screen, says how long it has taken, and ends with a link to it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import ipywidgets as widgets

from hitmodel import paths
from hitmodel.workbook.errand import Errand, Outcome
from hitmodel.workbook.links import link
from hitmodel.workbook.panes import Markup, Pane, message

REPORT = "50_contract_comparison"
MAKE, STOP = "Make the report", "Stop the report"


class ReportErrand:
    """One report at a time. While it is made its button stops it."""

    def __init__(self, said: Pane) -> None:
        self.button = widgets.Button(description=MAKE, layout=widgets.Layout(width="126px"))
        self._said = said
        self._errand: Errand | None = None
        self._folder = Path()

    @property
    def is_running(self) -> bool:
        """Whether a report is being made."""
        return self._errand is not None

    def start(self, name: str, asked: Mapping[str, str]) -> None:
        """Have the comparison of a saved scenario written; ``asked`` are the report's parameters."""
        self._folder = paths.reports() / f"scenario_{name}"
        given = [part for key, value in asked.items() for part in ("-p", f"{key}={value}")]
        self.button.description = STOP
        self._working(0)
        try:
            self._errand = Errand(["report", REPORT, *given, "--out", str(self._folder)], self._working, self._done)
        except OSError as error:
            self._done(Outcome("", f"The report could not be started: {error.strerror}."))

    def stop(self) -> None:
        """Stop the report that is being made; nothing of it is left."""
        if self._errand is not None:
            self._errand.stop()

    def wait(self) -> None:
        """Return when the report has been made."""
        if self._errand is not None:
            self._errand.wait()

    def _working(self, seconds: int) -> None:
        told = f"Making the report: {seconds} s. Everything else can be used meanwhile."
        self._said.show(Markup(f'<p class="quiet" role="status">{told}</p>'))

    def _done(self, outcome: Outcome) -> None:
        self._errand = None
        self.button.description = MAKE
        if outcome.stopped:
            self._said.show("The report was stopped; nothing of it was written.")
        elif outcome.refused:
            self._said.show(message(outcome.refused))
        else:
            headline = outcome.said.splitlines()[0]
            page, pdf = (self._folder / f"{REPORT}.{kind}" for kind in ("html", "pdf"))
            links = f"{link(page, 'Open the report')} · {link(pdf, 'PDF')}"
            self._said.show(headline, Markup(f"<p>Report: {paths.shown(self._folder)} · {links}</p>"))
