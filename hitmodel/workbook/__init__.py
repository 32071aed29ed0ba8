"""The screens that people sit in front of: controls over the same public functions that reports call.

A widget holds no arithmetic. What a screen shows is a table, a chart or a sentence made elsewhere.
"""
