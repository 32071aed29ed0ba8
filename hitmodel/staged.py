"""The main figures of a report on files as they were at another time: a program that a session of its own runs.

``python -m hitmodel.staged`` works in a folder that holds every file at its place, reads what to ask from standard
input and prints the figures as JSON. `hitmodel.moved_dollars` lays such folders out.
"""

from __future__ import annotations

import json
import sys

from hitmodel.chart_style import without_png
from hitmodel.errors import HitmodelError
from hitmodel.plain_run import first_page
from hitmodel.run_answers import as_notebook


def main() -> None:
    """Print the figures of the question on standard input, or what is wrong with it."""
    asked = json.load(sys.stdin)
    answer: dict[str, object]
    try:
        with without_png():
            page = first_page(as_notebook(asked["notebook"]), asked["values"])
        steps = [step for strip in page.strips for step in strip if step.kind == "total"] if page else []
        answer = {"figures": {step.label: step.cents for step in steps}}
    except HitmodelError as error:
        answer = {"wrong": str(error)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
