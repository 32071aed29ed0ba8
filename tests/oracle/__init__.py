"""A second, independent answer: one claim line at a time, day by day, in fractions.

Written from the billing rules and the contract files. Nothing of the engine is imported: only the code tables and the
reference prices, which are data. It is slow and obvious on purpose; where it and the engine differ, the rule decides.
"""
