"""The synthetic book of claims in ``data/samples``: drawn from a plan and a seed, from nothing real.

`make_book` makes it again byte for byte. The plan is ``data/samples/book.toml``.
"""

from hitmodel.book.make import book_rows, book_tables, make_book

__all__ = ["book_rows", "book_tables", "make_book"]
