"""The marking scheme, checked whole: every problem at once, and its stable form as data."""

from __future__ import annotations

from scoring_rules.refusal import Problem
from scoring_rules.scheme_check import check
from scoring_rules.scheme_data import SchemeUnreadable, digest, from_data, to_data
from scoring_rules.scheme_model import (
    MEASURE_KINDS,
    METHODS,
    Aspect,
    Criterion,
    Measure,
    Params,
    Scheme,
    Section,
    SpareCalculation,
    SubCriterion,
    Words,
    aspects,
    criterion_total,
    maximum,
    sub_criteria,
    sub_total,
    total,
)

__all__ = [
    "MEASURE_KINDS", "METHODS", "Aspect", "Criterion", "Measure", "Params", "Problem", "Scheme",
    "SchemeUnreadable", "Section", "SpareCalculation", "SubCriterion", "Words", "aspects", "check",
    "criterion_total", "digest", "from_data", "maximum", "sub_criteria", "sub_total", "to_data", "total",
]
