"""Claims and remittances written as 837P and 835 by another project's generator, for the tests of intake."""

from __future__ import annotations

import random
from decimal import Decimal

from x12sdk.generate import (
    AdjustmentSpec,
    ClaimSpec,
    PatientSpec,
    ServiceLineSpec,
    SubmissionSpec,
    generate_835,
    generate_837p,
)

Line = tuple[str, int, Decimal, Decimal]
"""Code, units, charge, allowed."""


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))


def submitted(claims: dict[str, list[Line]], chance: random.Random, seed: int) -> str:
    specs = [
        ClaimSpec(
            charge=sum((charge for _, _, charge, _ in lines), Decimal(0)),
            lines=[ServiceLineSpec(charge=charge, procedure=code, units=units) for code, units, charge, _ in lines],
            patient_control_number=number,
        )
        for number, lines in claims.items()
    ]
    patients = [PatientSpec(claims=[spec], dependent=chance.random() < 0.4) for spec in specs]
    return str(generate_837p(seed=seed, claims=SubmissionSpec(patients=patients)))


def paid(claims: dict[str, list[Line]], chance: random.Random, seed: int) -> str:
    """Return the 835: what is allowed is split between payer, patient and sequestration."""
    specs = []
    for number, lines in claims.items():
        made = []
        for code, units, charge, allowed in lines:
            share = _cents(allowed * chance.choice((0, 10, 20)) / 100)
            parts = [("CO", "45", charge - allowed), ("PR", "2", share), ("CO", "253", Decimal("0.01") * (allowed > 1))]
            adjustments = [AdjustmentSpec(group, reason, amount) for group, reason, amount in parts if amount]
            made.append(ServiceLineSpec(charge=charge, procedure=code, units=units, adjustments=adjustments))
        total = sum((line.charge for line in made), Decimal(0))
        specs.append(ClaimSpec(charge=total, lines=made, patient_control_number=number))
    chance.shuffle(specs)
    return str(generate_835(seed=seed, claims=specs))
