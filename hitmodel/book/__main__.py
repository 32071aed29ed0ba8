"""`python -m hitmodel.book [folder]`: make the sample book again."""

from __future__ import annotations

import sys
from pathlib import Path

from hitmodel.book.make import make_book

if __name__ == "__main__":
    rows = make_book(out_dir=Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    print(f"{len(rows):,} lines written")
