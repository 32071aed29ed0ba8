"""837P and 835 files as text, written segment by segment, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal


def interchange(guide: str, kind: str, segments: Sequence[str], group: str, made: str = "260301*1200") -> str:
    """Return a whole interchange: the transaction's segments in their envelope, with right counts."""
    head = f"ISA*00*          *00*          *ZZ*{'SENDER':15}*ZZ*{'RECEIVER':15}*{made}*^*00501*000000001*0*P*:"
    body = [f"ST*{kind}*0001*{guide}", *segments]
    whole = [
        *(head, f"GS*{group}*SENDER*RECEIVER*20260301*1200*1*X*{guide}", *body),
        *(f"SE*{len(body) + 1}*0001", "GE*1*1", "IEA*1*000000001"),
    ]
    return "".join(f"{segment}~\n" for segment in whole)


def claim(
    number: str,
    lines: Sequence[str],
    charge: str,
    *,
    frequency: str = "1",
    original: str = "",
    member: str = "MBR1",
    payer: str = "MERIDIAN HEALTH PLAN",
    dependent: str = "",
    payer_order: str = "P",
) -> list[str]:
    """Return the segments of one subscriber, or dependent, with one claim; each of ``lines`` may hold several."""
    name = f"NM1*IL*1*CANARYLAST*CANARYFIRST****MI*{member}"
    who = ["HL*2*1*22*0", f"SBR*{payer_order}*18*******CI", name, "N3*1 CANARY STREET", "DMG*D8*19500101*F"]
    who.append(f"NM1*PR*2*{payer}*****PI*99999")
    if dependent:
        who += ["HL*3*2*23*0", "PAT*19", f"NM1*QC*1*CANARYLAST*{dependent}", "DMG*D8*20130101*M"]
    made = [*who, f"CLM*{number}*{charge}***12:B:{frequency}*Y*A*Y*Y", "HI*ABK:A419"]
    made += [f"REF*F8*{original}"] if original else []
    for at, line in enumerate(lines, start=1):
        made += [f"LX*{at}", *line.split("~")]
    return made


def submission(*claims: Sequence[str], guide: str = "005010X222A1", made: str = "260301*1200") -> str:
    """Return an 837P of some claims, ``made`` on a day (yymmdd) at a time."""
    start = ["BHT*0019*00*1*20260301*1200*CH", "HL*1**20*1", "NM1*85*2*OUR INFUSION*****XX*1234567893"]
    return interchange(guide, "837", [*start, *(segment for claim in claims for segment in claim)], "HC", made)


def remittance(*claims: Sequence[str], paid_on: str = "20260401", paid: str = "") -> str:
    """Return an 835 of some claims' segments (CLP, CAS, SVC …), which pays their sum or what is ``paid``."""
    payments = [segment.split("*")[4] for one in claims for segment in one if segment.startswith("CLP*")]
    paid = paid or str(sum(map(Decimal, filter(None, payments))))
    start = [f"BPR*I*{paid}*C*CHK************{paid_on}", "TRN*1*12345*1999999999", "N1*PR*MERIDIAN HEALTH PLAN"]
    start += [
        "N3*1 MAIN ST",
        "N4*TOWN*IL*60000",
        "PER*BL*HELP*TE*8005551212",
        "N1*PE*OUR INFUSION*XX*1234567893",
        "LX*1",
    ]
    return interchange("005010X221A1", "835", [*start, *(segment for claim in claims for segment in claim)], "HP")
