"""A document as one HTML page that opens anywhere, offline: style, pictures and tables inside, no code, no scripts."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from html import escape

from hitmodel import paths, prose
from hitmodel.document import Block, Document, Prose, Verbatim
from hitmodel.editions import marking
from hitmodel.pictures import Chart
from hitmodel.table_views import html_text
from hitmodel.table_views import to_html as table_html
from hitmodel.tables import Table


def write_html(document: Document) -> str:
    """Return the document as a whole HTML page."""
    marked = marking(document.edition)
    badge = f'<span class="marking">{escape(marked)}</span>' if marked else ""
    opening = document.front.to_html("h1") if document.front else f"<h1>{escape(document.title)}</h1>"
    body = "\n".join(_block(block) for block in document.blocks)
    headline = f"{document.title}: {document.front.headline}" if document.front else document.title
    return f"""<!DOCTYPE html>
<html lang="{document.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="hitmodel">
<title>{escape(headline)}</title>
<style>
{_style()}{_page_foot(document.foot, marked)}</style>
</head>
<body>
<header><p class="kicker"><span>{escape(document.foot)}</span>{badge}</p></header>
<main>
{opening}
{body}
</main>
<footer><p class="foot">{escape(document.foot)} {badge}</p></footer>
</body>
</html>
"""


@cache
def _style() -> str:
    return (paths.PACKAGE / "report.css").read_text(encoding="utf-8")


def _page_foot(foot: str, marked: str) -> str:
    """Return the rules that print title, contract, period and page number at the foot of each page."""
    return (
        "@page { size: letter; margin: 0.75in;"
        f" @top-right {{ content: {_css(marked)}; font: bold 8pt sans-serif; color: #9a4508; }}"
        f" @bottom-left {{ content: {_css(foot)}; font: 8pt sans-serif; color: #52606d; width: 80%; }}"
        ' @bottom-right { content: "page " counter(page) " of " counter(pages); font: 8pt sans-serif; color: #52606d; }'
        " }\n@page wide { size: letter landscape; }\n"
    )


def _css(text: str) -> str:
    """Return text as a CSS string; characters that could end the string or the style element are written as codes."""
    return '"' + "".join(c if c.isalnum() or c in " ·–−.,:%" else f"\\{ord(c):x} " for c in text) + '"'


def _block(block: Block) -> str:
    if isinstance(block, Prose):
        return prose.to_html(block.tokens)
    if isinstance(block, Verbatim):
        return f"<pre>{escape(block.text)}</pre>"
    if isinstance(block, Table):
        return _table(block)
    return _figure(block)


def _table(table: Table) -> str:
    html, below = table_html(table).split("</table>", 1)
    label = escape(table.headline or table.name)
    scroll = f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">{html}</table></div>'
    return f'<div class="{"wide" if table.is_wide else "upright"}">{scroll}{below}</div>'


def _figure(chart: Chart) -> str:
    kind, content = ("svg+xml", chart.svg.encode("utf-8")) if chart.svg else ("png", chart.png)
    words = f"<strong>{html_text(chart.headline)}</strong><br>{html_text(chart.caption)}" if chart.headline else ""
    return (
        f'<figure id="figure-{escape(chart.name)}">{f"<figcaption>{words}</figcaption>" if words else ""}'
        f'<img alt="{escape(chart.alt)}" src="data:image/{kind};base64,{b64encode(content).decode("ascii")}"></figure>'
    )
