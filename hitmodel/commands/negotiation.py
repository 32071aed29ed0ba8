"""``hitmodel breakeven``, ``sensitivity`` and ``risk``: which rates matter, what pays for what, what may come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hitmodel.commands.answers import Fresh, Question, answer
from hitmodel.commands.pricing import AsOf, ClaimsFile, ContractName, DrugPrices, EvidenceFolder, HeldIn

if TYPE_CHECKING:
    from decimal import Decimal

    from hitmodel.curves import Curves
    from hitmodel.levers import Lever
    from hitmodel.prepare import Bools, Ints
    from hitmodel.pricing import Dating, Pricer
    from hitmodel.risk import Doubts, Risk
    from hitmodel.terms import Contract

Proposal = Annotated[
    str, typer.Option(help="The contract to ask about, where it is not the first one.", metavar="NAME_OR_PATH")
]
_TIMES = 2
"""A multiple or share from here on, typed without its percent sign, is more likely a percent."""
Percent = Annotated[str, typer.Option(metavar="PERCENT")]


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command()(breakeven)
    app.command()(sensitivity)
    app.command()(risk)


def breakeven(
    claims: ClaimsFile,
    contract: ContractName,
    by: Annotated[str, typer.Option(help='The rate that is to pay for it: a term, or "clause:per diem".')],
    change: Annotated[
        list[str] | None, typer.Option(help='A rate changed first: "drugs=104%"; may be given more than once.')
    ] = None,
    from_: Annotated[
        list[str] | None,
        typer.Option("--from", help='Where a rate stands beforehand, if not as written: "drugs=106%".'),
    ] = None,
    proposal: Proposal = "",
    target: Annotated[str, typer.Option(help="Dollars to reach; what the contract pays when not given.")] = "",
    as_of: AsOf = "",
    drug_prices: DrugPrices = "service_quarter",
    evidence: EvidenceFolder = None,
    fresh: Fresh = False,
    workspace: HeldIn = None,
) -> None:
    """Say what one rate must come to so that everything together pays as much as before.

    hitmodel breakeven data/samples/claims_2025.csv --contract meridian --change drugs=103% --by roles:per_diem

    Where the contract writes 108% and the talk is of 106: --from drugs=106% --change drugs=103%
    """
    named = _Named(claims, contract, proposal, as_of, drug_prices, evidence, tuple(from_ or ()))
    options = {"by": by, "change": list(change or ()), "from": list(from_ or ()), "target": target}
    answer(named.question("breakeven", options), lambda: _break_even(named.asked(), by, change or (), target), fresh)


def _break_even(asked: _Asked, by: str, change: Sequence[str], target: str) -> None:
    from hitmodel.along import Along
    from hitmodel.break_even_words import break_even_words, moved_words
    from hitmodel.curves import Curves
    from hitmodel.levers import moved
    from hitmodel.negotiate import break_even

    changes = _values(asked.contract, change, "--change")
    start = moved(asked.contract, {lever.name: value for lever, value in changes.items()})
    curves = Curves(asked.pricer, asked.contract, asked.dating, asked.index)
    along = Along(curves, start, by)
    wanted = _cents(target) if target else asked.baseline
    found = break_even(along, wanted)
    for line in moved_words(asked.contract, asked.beforehand, changes):
        typer.echo(line)
    for line in break_even_words(found, "the target" if target else "before"):
        typer.echo(line)
    _say_direct(curves)


def sensitivity(
    claims: ClaimsFile,
    contract: ContractName,
    by: Annotated[str, typer.Option(help="How far each rate is moved, as a part of itself.", metavar="PERCENT")] = "5%",
    only: Annotated[list[str] | None, typer.Option(help="Only this rate; may be given more than once.")] = None,
    as_of: AsOf = "",
    drug_prices: DrugPrices = "service_quarter",
    evidence: EvidenceFolder = None,
    fresh: Fresh = False,
    workspace: HeldIn = None,
) -> None:
    """Say which rates matter: the total with each rate a little lower and a little higher, widest swing first.

    hitmodel sensitivity data/samples/claims_2025.csv --contract meridian --by 5%
    """
    named, part = _Named(claims, contract, "", as_of, drug_prices, evidence), _part(by, "--by")
    question = named.question("sensitivity", {"by": str(part), "only": list(only or ())})
    answer(question, lambda: _sensitivity(named.asked(), part, only or ()), fresh)


def _sensitivity(asked: _Asked, part: Fraction, only: Sequence[str]) -> None:
    from hitmodel.commands.screen import console, table
    from hitmodel.curves import Curves
    from hitmodel.explanation import format_exact
    from hitmodel.levers import lever_named
    from hitmodel.sensitivity import sensitivity as swings

    chosen = [lever_named(asked.contract, name) for name in only] if only else None
    curves = Curves(asked.pricer, asked.contract, asked.dating, asked.index)
    found = swings(curves, asked.contract, part, chosen)
    rows = [
        (
            swing.lever.label,
            swing.lever.name,
            *(swing.lever.shown(value) for value in (swing.low, swing.lever.written, swing.high)),
            *(format_exact(cents) for cents in (swing.loss, swing.gain)),
        )
        for swing in found
    ]
    heads = ["rate", "name", "lower", "now", "higher", "lower gives $", "higher gives $"]
    typer.echo(f"{asked.contract.title} pays {format_exact(asked.baseline)} on {curves.lines:,} lines.")
    console().print(table(heads, rows, numbers=heads[2:]))
    _say_direct(curves)


def risk(
    claims: ClaimsFile,
    contract: ContractName,
    proposal: Proposal = "",
    volume: Annotated[str, typer.Option(help="How far all volume may rise or fall.", metavar="PERCENT")] = "5%",
    mix: Annotated[str, typer.Option(help="How far each therapy's volume may.", metavar="PERCENT")] = "10%",
    drugs: Annotated[bool, typer.Option(help="Let Medicare limits move as in their history.")] = True,
    index: Annotated[str, typer.Option(help="A price index that per diem rates follow for a year.")] = "",
    draws: Annotated[int, typer.Option(help="How many years are drawn.", min=100, max=1_000_000)] = 10_000,
    seed: Annotated[int, typer.Option(help="The same seed draws the same years.", min=0)] = 1,
    as_of: AsOf = "",
    drug_prices: DrugPrices = "service_quarter",
    evidence: EvidenceFolder = None,
    fresh: Fresh = False,
    workspace: HeldIn = None,
) -> None:
    """Say what a year may come to when volume, mix, drug prices and an index move: low, middle, high.

    hitmodel risk data/samples/claims_2025.csv --contract meridian --index CUUR0000SAM
    """
    from hitmodel.risk import Doubts

    named = _Named(claims, contract, proposal, as_of, drug_prices, evidence)
    spread = {name: int(_part(text, f"--{name}") * 1000) for name, text in (("volume", volume), ("mix", mix))}
    doubts = Doubts(spread["volume"], spread["mix"], drugs, index)
    question = named.question("risk", {"doubts": asdict(doubts), "draws": draws, "seed": seed})
    answer(question, lambda: _risk(named.asked(), doubts, draws, seed), fresh)


def _risk(asked: _Asked, doubts: Doubts, draws: int, seed: int) -> None:
    from hitmodel.risk import Year
    from hitmodel.risk import risk as years

    sides = {c.name: c for c in (asked.first, asked.contract)}
    year = Year(asked.pricer, asked.first, asked.dating, asked.counted)
    found = {each.title: years(year, each, doubts, draws, seed) for each in sides.values()}
    _show_risk(found, draws)


@dataclass(frozen=True)
class _Asked:
    """What a question is about: ``first`` is the contract named first, ``contract`` the one asked about.

    ``baseline`` is what ``first`` pays on the lines that both price [cents], with the rates of ``beforehand`` moved
    first. ``contract`` has them too, where it is the same contract.
    """

    pricer: Pricer
    first: Contract
    contract: Contract
    dating: Dating
    counted: Bools
    baseline: int
    beforehand: Mapping[Lever, Decimal]

    @property
    def index(self) -> Ints:
        """The group of each line: all that are counted in one, the others in none."""
        import numpy as np

        return np.where(self.counted, 0, -1)


@dataclass(frozen=True)
class _Named:
    """What a question names: claims, contracts, dating and evidence as they were typed."""

    claims: Path
    contract: str
    proposal: str
    as_of: str
    drug_prices: str
    evidence: Path | None
    beforehand: tuple[str, ...] = ()

    def question(self, command: str, options: Mapping[str, object]) -> Question:
        """Return what makes an answer the same."""
        named = (self.contract, self.proposal) if self.proposal else (self.contract,)
        dating = {"as_of": self.as_of, "drug_prices": self.drug_prices}
        return Question(command, self.claims, named, self.evidence, dating | dict(options))

    def asked(self) -> _Asked:
        """Read the claims and price them under both contracts."""
        from hitmodel.codes import code_table
        from hitmodel.commands.screen import saying
        from hitmodel.contracts import load_contract
        from hitmodel.dates import parse_date
        from hitmodel.evidence_file import evidence_of
        from hitmodel.kept_claims import is_folder, open_claims
        from hitmodel.levers import moved
        from hitmodel.pricing import Dating, Pricer
        from hitmodel.scenario import priced_by_all

        written = load_contract(self.contract)
        beforehand = _values(written, self.beforehand, "--from")
        first = moved(written, {lever.name: value for lever, value in beforehand.items()})
        contract = load_contract(self.proposal) if self.proposal else first
        beside = None if is_folder(self.claims) else self.claims
        with saying("reading and pricing the claims"):
            pricer = Pricer(open_claims(self.claims, code_table()), evidence=evidence_of(self.evidence, beside))
            dating = Dating(parse_date(self.as_of, "--as-of") if self.as_of else None, self.drug_prices)
            priced = pricer.price(first, dating)
            counted = priced_by_all(priced, [priced if contract is first else pricer.price(contract, dating)])
        return _Asked(pricer, first, contract, dating, counted, int(priced.allowed[counted].sum()), beforehand)


def _values(contract: Contract, texts: Sequence[str], where: str) -> dict[Lever, Decimal]:
    """Read each "drugs=104%": a rate and its value. A rate named twice is refused: one of the two would be lost."""
    from hitmodel.errors import InputError

    values: dict[Lever, Decimal] = {}
    said: dict[Lever, str] = {}
    for text in texts:
        lever, value = _parsed(contract, text, where)
        if lever in values:
            raise InputError(
                f"'{said[lever]}' and '{text}' are the same rate",
                where=where,
                expected="each rate once",
                next_step=f"To start elsewhere than the contract does: --from {said[lever]} --change {text}",
            )
        values[lever], said[lever] = value, text
    return values


def _parsed(contract: Contract, text: str, where: str) -> tuple[Lever, Decimal]:
    """Read "drugs=104%" as dollars or a part; 104 without its percent sign is not taken as 104 times."""
    from hitmodel.errors import InputError
    from hitmodel.levers import lever_named

    name, equals, typed = (part.strip() for part in text.rpartition("="))
    if not equals:
        raise InputError(f"'{text}' does not say what the rate becomes", where=where, expected="RATE=VALUE")
    lever, value, percent = lever_named(contract, name), _number(typed, where), typed.endswith("%")
    if lever.is_dollars and percent:
        raise InputError(
            f"{name} is in {lever.unit}, and {typed} is a percent", where=where, expected=f"{name}={lever.written}"
        )
    if not lever.is_dollars and not percent and abs(value) >= _TIMES:
        raise InputError(f"{text} would be {typed} times as much. Did you mean {name}={typed}%?", where=where)
    return lever, value


def _number(text: str, where: str, expected: str = "dollars such as 98.50, or 104%") -> Decimal:
    """Read 98.50, 104% or +2.5%."""
    from decimal import Decimal, InvalidOperation

    from hitmodel.errors import InputError

    plain = text.strip().replace("−", "-").replace(",", "").replace("$", "")
    try:
        value = Decimal(plain.removesuffix("%").strip())
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise InputError(f"'{text}' is not a number", where=where, expected=expected)
    return value / 100 if plain.endswith("%") else value


def _part(text: str, where: str) -> Fraction:
    """Read a percent between 0 and 100 as an exact part."""
    from hitmodel.errors import InputError

    value = Fraction(_number(text.strip().removesuffix("%"), where, expected="a percent such as 5%")) / 100
    if not 0 <= value < 1:
        raise InputError(f"'{text}' is out of range", where=where, expected="0% up to 99%")
    return value


def _cents(text: str) -> int:
    from hitmodel.errors import InputError
    from hitmodel.money import to_cents

    cents = to_cents(_number(text, "--target", expected="dollars such as 7000000"))
    if cents < 0:
        raise InputError(f"'{text}' is less than nothing", where="--target", expected="dollars such as 7000000")
    return cents


def _say_direct(curves: Curves) -> None:
    if curves.lines_direct:
        typer.echo(f"{curves.lines_direct:,} lines hang together with others and were priced one by one.")


def _show_risk(found: dict[str, Risk], draws: int) -> None:
    from hitmodel.commands.screen import console, table
    from hitmodel.explanation import format_exact

    rows = []
    for title, years in found.items():
        rows.append((title, format_exact(years.base), *(format_exact(point.exact) for point in years.points)))
    heads = ["contract", "as claimed $", "one year in ten below $", "middle year $", "one year in ten above $"]
    console().print(table(heads, rows, numbers=heads[1:]))
    worst = max(years.error for years in found.values())
    typer.echo(f"{draws:,} years drawn. Those shown were priced again exactly: {format_exact(worst)} off at most.")
    still = sorted({code for years in found.values() for code in years.without_history})
    if still:
        typer.echo(f"Prices that stand still for want of history: {', '.join(still)}.")
