"""Markdown as a tree, with headings that never skip a level, and as HTML. Raw HTML in it is shown as text."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import mistune

Token = dict[str, Any]
FIRST_LEVEL = 2  # the title, or the first page's headline, is the document's only first-level heading


@cache
def _parser() -> mistune.Markdown:
    return mistune.create_markdown(renderer=None, plugins=["table"])


@cache
def _writer() -> mistune.Markdown:
    return mistune.create_markdown(escape=True, plugins=["table"])


def parse(source: str, above: int = 1) -> tuple[tuple[Token, ...], int]:
    """Return the tokens of Markdown text, and the level of its last heading.

    Headings start at level 2 and go down by one at most: a heading under level ``above`` is pulled up to the next.
    """
    tokens, _ = _parser().parse(source)
    held: list[Token] = []
    for token in cast(list[Token], tokens):
        if token["type"] == "heading":
            above = max(FIRST_LEVEL, min(token["attrs"]["level"], above + 1))
            token = {**token, "attrs": {**token["attrs"], "level": above}}
        held.append(token)
    return tuple(held), above


def to_html(tokens: tuple[Token, ...]) -> str:
    """Return tokens as HTML."""
    writer = _writer()
    assert isinstance(writer.renderer, mistune.HTMLRenderer)
    return writer.renderer.render_tokens(list(tokens), mistune.BlockState())


def headings(tokens: tuple[Token, ...]) -> list[tuple[int, str]]:
    """Return level and plain text of each heading."""
    return [(t["attrs"]["level"], plain(t)) for t in tokens if t["type"] == "heading"]


def plain(token: Token) -> str:
    """Return the text of a token without its marks."""
    return token["raw"] if "raw" in token else "".join(plain(child) for child in token.get("children", []))
