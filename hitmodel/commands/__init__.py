"""The commands of ``hitmodel``, one module for each group; `hitmodel.cli` puts them together.

A module has a function ``register(app)`` that adds its commands. What a command works with is imported inside it, so
that ``hitmodel --help`` answers at once. A command returns by itself, or raises ``typer.Exit(1)`` when it has findings.
"""
