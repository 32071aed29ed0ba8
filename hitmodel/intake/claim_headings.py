"""Headings of claims extracts as billing systems write them, and which field each can name."""

from __future__ import annotations

import re
from functools import lru_cache

from hitmodel.claim_shape import COLUMNS

EXTRA = ("frequency", "original")
"""Fields of a claims extract that a claims file has not: what a claim does to another, and to which."""
FIELDS = (*COLUMNS, *EXTRA)

_WORDS = {
    **dict.fromkeys(("no", "num", "nbr", "nr", "#"), "number"),
    **dict.fromkeys(("svc", "svcs", "serv", "srv", "srvc"), "service"),
    **dict.fromkeys(("dt", "dte", "day", "dates"), "date"),
    **dict.fromkeys(("amt", "amnt"), "amount"),
    **dict.fromkeys(("qty", "quan", "qnty"), "quantity"),
    **dict.fromkeys(("chg", "chrg", "chgs", "charges", "chrgs"), "charge"),
    **dict.fromkeys(("pt", "pat"), "patient"),
    **dict.fromkeys(("ins", "insurer", "insurance", "payor", "carrier"), "payer"),
    **dict.fromkeys(("proc", "px"), "procedure"),
    **dict.fromkeys(("mod", "mods", "modifiers", "mdfr", "modif"), "modifier"),
    **dict.fromkeys(("thru", "to", "end", "stop", "ending", "last"), "through"),
    **dict.fromkeys(("beg", "begin", "start", "beginning", "first", "frm"), "from"),
    **dict.fromkeys(("hcpc", "hcpcs", "cpt"), "hcpcs"),
    **dict.fromkeys(("unit", "units", "uts", "unts"), "units"),
    **dict.fromkeys(("billed", "billing", "bill"), "billed"),
    **dict.fromkeys(("identifier", "ident"), "id"),
    **dict.fromkeys(("ext", "extd"), "extended"),
    **dict.fromkeys(("allow", "allowable", "alowd"), "allowed"),
    **dict.fromkeys(("tot", "ttl"), "total"),
    **dict.fromkeys(("sub", "subscr"), "subscriber"),
    **dict.fromkeys(("bene", "hic", "hicn", "mbi", "cardholder"), "member"),
    **dict.fromkeys(("freq", "resub", "resubmit"), "frequency"),
    **dict.fromkeys(("mr", "mrno", "emrn"), "mrn"),
    **{"acct": "account", "seq": "sequence", "cd": "code", "loc": "location", "mbr": "member", "inv": "invoice"},
    **{"clm": "claim", "acq": "acquisition", "eff": "effective", "term": "termination", "med": "medical"},
    **{"rec": "record", "orig": "original", "ref": "reference", "rev": "revenue", "co": "company", "cnt": "count"},
    **{
        "sbmtd": "submitted",
        "expns": "expense",
        "dtl": "detail",
        "nm": "name",
        "one": "1",
        "two": "2",
        "three": "3",
        "four": "4",
        "pri": "primary",
        "ln": "line",
    },
}
_PHRASES = (
    ("place of service", ("pos",)),
    ("service date", ("dos",)),
    ("units measure", ("uom", "um", "u m", "uo m")),
    ("line", ("invoice detail", "charge detail", "line detail", "detail line")),
    ("medical record", ("medrec",)),
)
_RUN_TOGETHER = frozenset(
    (
        *("claim", "line", "patient", "payer", "member", "account", "invoice", "service", "procedure", "place"),
        *("from", "to", "thru", "through", "start", "end", "date", "code", "hcpcs", "cpt", "modifier", "units", "unit"),
        *("charge", "amount", "quantity", "qty", "number", "id", "of", "name", "billed", "total", "allowed", "ndc"),
        *("plan", "frequency", "cost", "insurance"),
    )
)
"""Words into which a heading in one run of letters, such as PLACEOFSERVICE, is parted."""

# For each field what its heading can be, the likeliest first. A bracketed part may be missing.
_HEADINGS: dict[str, tuple[str, ...]] = {
    "claim_id": (
        r"claim( (id|number|control number|reference))?",
        r"(invoice|billed|ticket|voucher)( (id|number))?",
        r"(patient control|icn|dcn|internal control|claim account)( number)?",
        r"(encounter|visit|order|rx)( (id|number))?",
    ),
    "line_id": (
        r"(claim |service |invoice )?line( item)?( sequence| control)?( (id|number))?",
        r"(line |claim )?(sequence|item)( number)?",
        r"(charge|transaction|detail|service)( line)? (id|number)",
        r"lx",
    ),
    "patient_id": (
        r"(patient|person|client) (id|number|key)|((patient|client) )?(mrn|medical record|chart)( (id|number))?",
        r"((patient|client) )?account( (id|number))?|(patient|person) code",
        r"(member |policy )?(member|subscriber|insured|enrollee|policy)( (id|number|key|code))?",
        r"(patient|person|member|client)",
    ),
    "payer": (
        r"(primary |billed |claim |policy )?payer( (name|company|plan|company name|plan name|description))?( 1)?",
        r"(health )?plan( name)?",
        r"(primary )?payer (id|code|number|group)",
    ),
    "service_from": (
        r"(claim )?(line|detail)( item)?( service)?( from| date)( date| from)?|line 1st expense date",
        r"(service )?(date )?from( date)?( of service)?( date)?",
        r"(service|date of service)( date)? from( date)?",
        r"date of service( from)?",
        r"service date( from)?|date service",
        r"claim( service)? from( date)?",
        r"(fill|filled|dispense|dispensed|delivery|delivered|ship|shipped|rx|visit)( date)",
        r"effective( date)?",
        r"date",
    ),
    "service_through": (
        r"(claim )?(line|detail)( item)?( service)?( date)? through( date)?|line through expense date",
        r"(service )?(date )?through( date)?( of service)?( date)?",
        r"(service|date of service)( date)? through( date)?",
        r"claim( service)? through( date)?",
        r"termination( date)?",
    ),
    "code": (
        r"(claim )?(line |billed |service )?hcpcs( hcpcs)*( procedure)?( code)?",
        r"(billed |service |line )?procedure( hcpcs)*( code)?",
        r"(billed|service|charge|revenue hcpcs)( code)",
        r"code",
        r"hcpcs( hcpcs)* (modifier|mods?)|j code",
    ),
    "modifiers": (
        r"(hcpcs |procedure |line |code |claim |billed )*(\d(st|nd|rd|th) )?modifier( code)?( ?[1-5a-e])?( code)?",
        r"m ?[1-4]",
    ),
    "units": (
        r"(service |billed |line |hcpcs |claim |procedure )*units( billed| of service| service)?( quantity| count)?",
        r"(billed |service |line |hcpcs |units |procedure |claim )+quantity( billed)?",
        r"quantity( billed| units| dispensed)?",
        r"days( (billed|units))?|units days",
        r"number (of )?units|line service count",
    ),
    "charge": (
        r"(line |detail )(item )?(charge|billed|total)( amount)?",
        r"(billed |gross |extended |service |submitted |total )*charge( amount| billed| total| submitted)?",
        r"(amount billed|billed amount|billed|submitted amount|total billed)",
        r"(extended|gross)( (price|amount))?",
        r"(line )?submitted charge amount|(total )?(amount|price)",
        r"total",
    ),
    "place_of_service": (r"(line )?place of service( code)?", r"(service )?(place|location)( code)?( of service)?"),
    "ndc": (r"(drug |line |national drug )?(ndc|ndc11|ndc 11)( code| number| id)?", r"national drug code"),
    "ndc_quantity": (r"(ndc|drug|ndc11) (quantity|units|units quantity|quantity billed|count)", r"drug units"),
    "ndc_unit": (
        r"(ndc|drug|ndc11) (units measure|units of measure|units type|units qualifier|quantity qualifier|measure)",
        r"(ndc |drug )?(units measure|units of measure)( code)?",
        r"(ndc|drug) units( (code|type))?",
    ),
    "acquisition_cost": (
        r"(line |extended |drug |our |actual )*(acquisition )?(cost|cogs)( amount| of goods( sold)?| total)?",
        r"total (acquisition )?(cost|cogs)",
    ),
    "actual_allowed": (
        r"(payer |line |actual |total |plan |contract )*(allowed|amount allowed|eligible)( charge)?( amount)?",
        r"(remitted|contractual allowed)( amount)?",
    ),
    "product": (r"product( (type|line|name))?", r"(line of business|lob|plan type|benefit type|network|payer type)"),
    "frequency": (
        r"(claim |billed )?(frequency|resubmission)( (code|type))?( code)?",
        r"claim (type|status) frequency",
    ),
    "original": (
        r"(original|prior|previous|replaced|corrected)( claim)?( reference| control)?( (id|number|icn|dcn))",
        r"(original|prior|previous) (claim|reference|icn|dcn)",
    ),
}
ORDER = (
    *("code", "service_from", "service_through", "modifiers", "ndc", "ndc_quantity", "ndc_unit", "units", "charge"),
    *("claim_id", "line_id", "patient_id", "payer", "place_of_service", "acquisition_cost", "actual_allowed"),
    *("product", "frequency", "original"),
)
_COMPILED = {name: tuple(re.compile(pattern) for pattern in shapes) for name, shapes in _HEADINGS.items()}
_NAMES = re.compile(
    r"(patient|pt|member|insured|subscriber|client|person)( full| last| first)?( name)?|(last|first) ?name"
)
_BIRTH = re.compile(r"(patient |pt |member |insured )?(dob|birth ?date|birth|date of birth)")


@lru_cache(maxsize=20_000)
def canonical(heading: str) -> str:
    """Return a heading in the words by which fields are known: ``DOS Thru`` is ``service date through``."""
    text = " ".join(_WORDS.get(word, word) for word in words(heading))
    for phrase, short in _PHRASES:
        text = re.sub(rf"\b({'|'.join(short)})\b", phrase, text)
    return text


def words(heading: str) -> list[str]:
    """Return a heading's words in small letters, parted at capitals and digits, and where words run together."""
    parts = r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])"
    found = re.sub(
        r"[^a-z0-9]+", " ", re.sub(parts, " ", heading.replace("#", " number ").replace("(s)", "s")).lower()
    ).split()
    return [part for word in found for part in (_parted(word) or (word,))]


@lru_cache(maxsize=20_000)
def _parted(word: str) -> tuple[str, ...]:
    """Return the words that run together in one, the longest first; () where it is not made of known words alone."""
    if word in _RUN_TOGETHER or word in _WORDS:
        return (word,)
    for end in range(len(word) - 1, 1, -1):
        if word[:end] in _RUN_TOGETHER and (rest := _parted(word[end:])):
            return (word[:end], *rest)
    return ()


@lru_cache(maxsize=20_000)
def rank(wanted: str, heading: str) -> int:
    """Return how likely a heading, in the words of `canonical`, is a field's, 0 the likeliest; -1 when it is not."""
    return next((at for at, shape in enumerate(_COMPILED[wanted]) if shape.fullmatch(heading)), -1)


def is_name(heading: str) -> bool:
    """Say whether a column holds names of persons."""
    return bool(_NAMES.fullmatch(" ".join(words(heading))))


def is_birth(heading: str) -> bool:
    """Say whether a column holds days of birth."""
    return bool(_BIRTH.fullmatch(" ".join(words(heading))))
