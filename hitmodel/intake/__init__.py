"""Outside formats, one module each: CMS files, X12, workbooks."""
