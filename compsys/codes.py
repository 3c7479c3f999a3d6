"""The table of codes that an answer may carry: never renamed, each with its sentence in the catalogue."""

from __future__ import annotations

from compsys.codes_assessment import CODES as ASSESSMENT
from compsys.codes_credentials import CODES as CREDENTIALS

CODES: tuple[str, ...] = (
    *ASSESSMENT,
    *CREDENTIALS,
    # form
    "malformed", "too_large", "bad_key", "key_reused", "unknown_stream", "unknown_kind", "unknown_record",
    "bad_record", "in_use", "frozen_record", "unknown_reference",
    # who
    "not_allowed", "not_yours", "not_enrolled", "device_revoked", "device_superseded", "old_connection",
    "link_spent",
    "link_expired", "link_unknown", "login_failed", "same_person", "confirmation_missing", "recused",
    "foreign_origin", "throttled", "pin_needed", "pin_stands", "head_unknown", # when
    "not_drawn", "already_drawn", "redraw_refused", "not_open", "already_open", "session_state",
    "session_unknown", "not_checked_in", "already_published", "nothing_to_publish", "not_locked",
    "already_locked", "locked", "not_official", "not_advanced", "cut_missing", "cut_stale", # what
    "unknown_unit", "unknown_aspect", "unknown_sheet", "unknown_seat", "unknown_component", "bad_round",
    "bad_base", "not_a_number", "not_a_score", "not_pass_or_fail", "not_whole", "out_of_range", "off_step",
    "not_a_choice", "too_many", "bad_value", "reason_missing", "signers_missing",
    "note_missing", "bad_scope", "bad_status",
    # sheets
    "holes", "conflict_open", "spread_open", "not_revealed", "already_signed", "not_signed",
    "keyed_unconfirmed", "not_spread", "rounds_left", "rounds_used", "late_unknown", "late_settled",
    "import_unknown", "import_confirmed", "import_reverted", "import_changed", "panel_too_small",
    "incident_decided", "not_asked", "already_accepted", "not_disputed", "disputed", "vote_short",
    "code_differs",
    "incomplete", "ties_open", "not_tied", "key_unused", "scheme_errors",
    "profile_errors", # retry
    "disk_full", "disk_error", "database_gone", "starting", "busy", "internal_error", "rests_on_others",
)  # fmt: skip
"""Every code an answer may carry; each has a sentence and what to do in the catalogue, in zh-CN and en."""
