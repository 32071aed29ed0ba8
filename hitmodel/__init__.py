"""hitmodel: the contract modeling workbook for home infusion."""
