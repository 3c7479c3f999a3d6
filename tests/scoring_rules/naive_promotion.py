"""Promotion a second time, naively, from the collected rule sets themselves (promotion_rules.json).

It imports nothing of the product. Where the collection leaves something open, what is taken here is the
documented default: percentages by plain comparison, joint places inside, group and tier as written.
"""

from __future__ import annotations

from typing import Any

LADDER = ["", "5", "4", "3", "2", "1"]
PRIZES = ["一等", "二等", "三等"]


def level_of(rule: dict[str, Any], row: dict[str, Any]) -> str | None:
    """The level a row of plain values is proposed for, or None."""
    if not row["place"] or rule.get("kind") == "eligibility":
        return None
    if rule["id"] == "tj-2024" and row["this_year"] >= rule["cap_per_year"]:
        return None
    if rule["id"] in ("ah-2023", "zj-2016", "cq-2018") and row["barred"]:
        return None
    best = None
    for band in rule["promote"]:
        if not fits(band, row) or not reached(rule, band, row):
            continue
        award = award_of(band, row)
        if award is not None and (best is None or LADDER.index(award) > LADDER.index(best[0])):
            best = (award, band)
    if best is None:
        return None
    award, band = best
    already = band.get("if_already_has", {})
    if row["held"] in already:
        return None if already[row["held"]] is None else str(already[row["held"]])
    return award if LADDER.index(award) > LADDER.index(row["held"]) else None


def fits(band: dict[str, Any], row: dict[str, Any]) -> bool:
    """Whether tier and group are the band's."""
    if "tier" in band and row["tier"] not in band["tier"]:
        return False
    return "groups" not in band or band["groups"] == ["any_eligible"] or row["group"] in band["groups"]


def reached(rule: dict[str, Any], band: dict[str, Any], row: dict[str, Any]) -> bool:
    """Whether the row's result is in the band."""
    place, field = row["place"], row["field"]
    if band["unit"] == "rank":
        return bool(band["lo"] <= place <= band["hi"])
    if band["unit"] == "percent":
        return bool(band["lo"] * field < 100 * place <= band["hi"] * field)
    if band["unit"] == "award":
        return row["medal"] in band["award_in"]
    if band["unit"] == "prize":
        return prize_of(rule, row) in band.get("prize_in", PRIZES)
    return bool(row["passed"])


def prize_of(rule: dict[str, Any], row: dict[str, Any]) -> str:
    """The prize as written, or from the counted prizes."""
    if row["prize"] or "prizes_count" not in rule:
        return str(row["prize"])
    counts = rule["prizes_count"]
    ends = [counts["一等"], counts["一等"] + counts["二等"], sum(counts.values())]
    return next((prize for prize, end in zip(PRIZES, ends, strict=True) if row["place"] <= end), "")


def award_of(band: dict[str, Any], row: dict[str, Any]) -> str | None:
    """The band's level; one above what is held or asked; None where the text names none."""
    award = band["award"]
    if award == "held_level+1":
        return one_up(row["held"])
    if award == "question_level+1":
        return one_up(row["questions"])
    return str(award) if isinstance(award, int) else None


def one_up(level: str) -> str | None:
    """The next level, None without one to start from or above the top."""
    return LADDER[LADDER.index(level) + 1] if level and level != "1" else None


def honours_of(rule: dict[str, Any], row: dict[str, Any]) -> set[str]:
    """The honours of the row, by rules whose counts stand plainly in the collection."""
    place = row["place"]
    if not place or row["barred_wholly"]:
        return set()
    found = set()
    for name, said in rule.get("honor", {}).items():
        if place <= top_of(rule["id"], said, row):
            found.add(name.partition(" ")[0])
        elif prize_of(rule, row) in said.get("prize_in", []):
            found.add(name)
    return found


def top_of(ident: str, said: dict[str, Any], row: dict[str, Any]) -> int:
    """The last place with an honour."""
    tier, worker = row["tier"], row["group"] == "worker"
    if ident == "ah-2023":
        return top_in_anhui(said, row)
    if tier.startswith("市级"):
        tier = tier.replace("市级", "市县") if ident == "zj-2016" else tier
    if tier in said:
        return int(said[tier]) if worker or "groups" not in said else 0
    if "pair" in said:
        return int({1: said["single"], 2: said["pair"], 3: said["trio"]}.get(row["size"], 0))
    if "worker" in said:
        return int(said["worker"]) if worker else 0
    if ident == "cn-class1-print-2012":
        return int(said["single"]) if worker else 0  # china.md section 9: "worker 1-5"
    return int(said.get("single", 0))


def top_in_anhui(said: dict[str, Any], row: dict[str, Any]) -> int:
    """By finalists, with the documented default for exactly ten."""
    worker = row["group"] == "worker"
    if row["tier"] == "国家级一类":
        return int(said["全国一类"])
    if not worker or row["tier"] not in ("省级一类", "省级二类"):
        return 0
    if row["tier"] == "省级二类":
        return 1
    if row["field"] == 10:
        return 1
    for step in said["省级一类"]["by_finalists"]:
        if step.get("min", 0) <= row["field"] <= step.get("max", 10**9):
            return int(step["top"])
    raise AssertionError(row)
