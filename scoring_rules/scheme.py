"""The marking scheme, checked whole: every problem at once, and its stable form as data."""

from __future__ import annotations

from scoring_rules.refusal import Problem
from scoring_rules.scheme_model import (
    METHODS,
    MEASURE_KINDS,
    Aspect,
    Criterion,
    Measure,
    Params,
    Scheme,
    Section,
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
    "MEASURE_KINDS", "METHODS", "Aspect", "Criterion", "Measure", "Params", "Problem", "Scheme", "Section",
    "SubCriterion", "Words", "aspects", "criterion_total", "maximum", "sub_criteria", "sub_total", "total",
]
