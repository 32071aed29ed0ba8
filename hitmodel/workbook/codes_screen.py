"""Code tables on a screen: search as one types, on any day; one code in full; what changed; the quick card as PDF."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from datetime import date
from typing import Any

import ipywidgets as widgets

from hitmodel import paths
from hitmodel.code_card import card_name, card_pdf, code_card
from hitmodel.code_changes import CodeChange, release_changes
from hitmodel.code_finder import Hit, find_codes, of_other_days, respelled
from hitmodel.code_tables import changes_words, code_card_table, history_table
from hitmodel.codes import CodeEntry, code_table
from hitmodel.dates import parse_date
from hitmodel.errors import HitmodelError
from hitmodel.files import written_whole
from hitmodel.sentences import counted
from hitmodel.table_views import html_text
from hitmodel.workbook.links import written
from hitmodel.workbook.panes import Beside, Markup, Pane, heading, labelled, message, style, trying

FIRST = "74px"
_WHAT = {"new": "Begins", "ended": "Ends", "reworded": "Reworded"}


class CodesScreen:
    """Search on the left, the chosen code on the right, and beside it what changed between two releases."""

    def __init__(self, query: str, on: date, releases: tuple[str, str]) -> None:
        self.codes = code_table()
        wide = widgets.Layout(width="auto")
        self.query = widgets.Text(
            query, placeholder="code, drug, therapy, every 12 hours", layout=wide, **labelled("Find", FIRST)
        )
        self.day = widgets.DatePicker(value=on, layout=wide, **labelled("On the day", FIRST))
        self.found = widgets.Select(options=[], rows=16, layout=wide, **labelled("Found", FIRST))
        self.asked_day = Beside(self.day)
        self.count, self.code, self.changed, self.card = Pane(), Pane(), Pane(), Pane()
        names = [release.name for release in self.codes.releases]
        self.before = widgets.Dropdown(options=names, value=releases[0], **labelled("From release", "100px"))
        self.after = widgets.Dropdown(options=names, value=releases[1], **labelled("to release", "100px"))
        self.make_card = widgets.Button(
            description="Make the card as PDF", icon="file", layout=widgets.Layout(width="220px")
        )
        self._because: dict[str, str] = {}
        self.widget = self._laid_out()
        for control in (self.query, self.day):
            control.observe(self._search, "value")
        self.found.observe(self._choose, "value")
        for control in (self.before, self.after):
            control.observe(self._compare, "value")
        self.make_card.on_click(self._write_card)
        self._search()
        self._compare()

    def _laid_out(self) -> widgets.Widget:
        left = widgets.VBox(
            [self.query, self.asked_day.widget, self.count.widget, self.found], layout=widgets.Layout(flex="0 0 350px")
        )
        right = widgets.Tab(
            [
                self.code.widget,
                widgets.VBox([widgets.HBox([self.before, self.after]), self.changed.widget]),
                widgets.VBox([self.make_card, self.card.widget]),
            ],
            titles=["The code", "What changed", "Quick reference card"],
            layout=widgets.Layout(flex="1 1 0", min_width="0"),
        )
        box = widgets.HBox([left, right], layout=widgets.Layout(grid_gap="16px"))
        box.add_class("hm-controls")
        return widgets.VBox([style(), box])

    def _search(self, change: Any = None) -> None:
        if self.day.value is None:
            self.asked_day.say("Choose a day: year, month and day.")
            return
        self.asked_day.say("")
        hits, meant = find_codes(self.query.value, self.day.value, self.codes), ""
        if not hits and self.query.value.strip():
            meant = respelled(self.query.value.strip(), self.day.value, self.codes)
            hits = find_codes(meant, self.day.value, self.codes) if meant else hits
        held, chosen = [hit.entry.code for hit in hits], self.found.value
        self._because = {hit.entry.code: hit.because for hit in hits}
        self.found.options = [(_line(hit), hit.entry.code) for hit in hits]
        self.count.show(f"Did you mean “{meant}”? {self._counted(hits)}" if meant else self._counted(hits))
        is_other_day = change is not None and change.owner is self.day
        if hits:
            self.found.value = chosen if is_other_day and chosen in held else held[0]
        self._choose()

    def _counted(self, hits: Sequence[Hit]) -> str:
        day, typed = self.day.value, self.query.value.strip()
        newest = f"newest release held {self.codes.release}"
        if hits or not typed:
            other = of_other_days(typed, day, self.codes)
            return f"{counted(len(hits), 'code')} on {day}; {newest}.{f' {other}.' if other else ''}"
        why = self.codes.why_unknown(typed.upper(), day) if self.codes.exists_ever(typed.upper()) else ""
        return f"{why or f'Nothing on {day} has “{typed}”'}; {newest}."

    def _choose(self, change: Any = None) -> None:
        del change
        if not self.found.value or self.day.value is None:
            entry = self.codes.entry(self.query.value.strip().upper())
            if entry is not None and self.day.value is not None:
                self._show_of_other_days(entry)
                return
            self.code.show("Type a code, a drug or a therapy on the left; add “every 12 hours” to find its per diem.")
            return
        code, day = str(self.found.value), self.day.value
        because = self._because.get(code, "")
        said = [f"Found: {because}."] if because else []
        trying(self.code, lambda: self.code.show(*said, code_card_table(code, day), history_table(code)))

    def _show_of_other_days(self, entry: CodeEntry) -> None:
        """Show a code that is not valid on the day as it was last worded, and say so."""
        why = self.codes.why_unknown(entry.code, self.day.value)
        told = f"{why}. Below as it was worded from {entry.worded_from}."
        card, past = code_card_table(entry.code, entry.worded_from), history_table(entry.code)
        self.code.show(message(told), card, past)

    def _compare(self, change: Any = None) -> None:
        del change
        before, after = str(self.before.value), str(self.after.value)

        def work() -> None:
            found = release_changes(before, after, self.codes)
            self.changed.show(heading(changes_words(before, after, found), 4), _coloured(found))

        trying(self.changed, work)

    def _write_card(self, button: Any) -> None:
        del button
        if self.day.value is None:
            self.card.show("Choose a day first: year, month and day.")
            return
        target = paths.reports() / card_name(self.day.value)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with written_whole(target) as draft:
                draft.write_bytes(card_pdf(code_card(self.day.value, self.codes)))
        except HitmodelError as error:
            self.card.show(str(error))
            return
        self.card.show(written(f"the codes of {self.day.value}", target, target))


def codes_screen(query: str, on: date | str, before: str, after: str) -> widgets.Widget:
    """Return the screen, ready to show; ``on`` is the day that it begins with, "" for today."""
    day = date.today() if on == "" else parse_date(on, "on") if isinstance(on, str) else on
    return CodesScreen(query, day, (before, after)).widget


def _line(hit: Hit) -> str:
    """Return a found code as one line of the list; why it was found stands beside the code itself."""
    return f"{hit.entry.code}{' (ends)' if 'its last day' in hit.because else ''}  {hit.entry.label}"


def _coloured(found: Sequence[CodeChange]) -> Markup:
    """Return changes as a table: what goes struck through, what comes underlined; colour is never alone."""
    rows = [
        f"<tr><th scope='row'>{change.entry.code}</th>"
        f"<td>{_WHAT[change.what]}<br><span class='n'>{change.day}</span></td><td>{_wording(change)}</td></tr>"
        for change in found
    ]
    if not rows:
        return Markup("")
    head = "<tr><th scope='col'>Code</th><th scope='col'>What</th><th scope='col'>Descriptor</th></tr>"
    return Markup(f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>")


def _wording(change: CodeChange) -> str:
    if change.what == "new":
        return f"<ins>{html_text(change.after or change.entry.label)}</ins>"
    if change.what == "ended":
        return f"<del>{html_text(change.before or change.entry.label)}</del>"
    return _differing_words(change.before.split(), change.after.split())


def _differing_words(before: list[str], after: list[str]) -> str:
    """Return one wording laid over another, word by word."""
    parts = []
    for what, i, j, k, n in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        old, new = html_text(" ".join(before[i:j])), html_text(" ".join(after[k:n]))
        parts.append(
            new if what == "equal" else (f"<del>{old}</del> " if old else "") + (f"<ins>{new}</ins>" if new else "")
        )
    return " ".join(part.strip() for part in parts if part)
