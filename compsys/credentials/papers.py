"""Printing as facts: who may print what when, how often each was printed, which dictionaries symbols need.

A certificate is printed from what was issued of an official result; a provisional one has none. Before that
result is public (embargo) only award certificates may be printed, by an organizer, for the ceremony.
"""

from __future__ import annotations

from compsys import commands_papers as c
from compsys import events as e
from compsys import facts_papers as f
from compsys.asking import APPLY, Ask, Decided, Decider, Touched
from compsys.credentials import qr, statement
from compsys.credentials.notices import overtaken
from compsys.people import ORGANIZER
from compsys.state import State, Stream
from compsys.state_credentials import VALID, Batch, Credential

PUBLIC = "public"

Class = tuple[int, int, str]
"""What credentials share that have one dictionary: line of their numbers, achievement, site."""


def embargoed(state: State, batch: Batch) -> bool:
    """Whether what a batch rests on is not public yet. An assessment's results are nobody's secret.

    Clause: issue of certificates, "printed under embargo before the ceremony from official vN only".
    """
    basis = batch.basis
    if basis.kind != "result":
        return False
    result = state.results.get((basis.trade, basis.stage, basis.group))
    if result is None:
        return True
    shown = result.released.get(PUBLIC)
    return shown is None or result.versions[shown].version < basis.version


def dictionary(state: State, credential: Credential) -> bytes:
    """The preset dictionary of a credential's symbol: made without its holder's name, so it holds it not."""
    document = statement.unsigned(state, credential, "")
    return qr.dictionary(document, statement.method_of(state, credential))


class Dictionaries:
    """Dictionaries of many credentials, each class made once."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._made: dict[Class, bytes] = {}

    def of(self, credential: Credential) -> bytes:
        """A credential's dictionary."""
        row = self._state.credentials.row(credential)
        key = (credential.slice.n, credential.achievement, row.site)
        if key not in self._made:
            self._made[key] = dictionary(self._state, credential)
        return self._made[key]

    def missing(self) -> dict[str, str]:
        """Those asked for that are not kept yet: name -> text."""
        kept = self._state.credentials.dictionaries
        found = {qr.name(made): made.decode() for made in self._made.values()}
        return {name: text for name, text in found.items() if name not in kept}


def _known(ask: Ask, ids: tuple[str, ...]) -> list[Credential] | e.Refused:
    """Credentials of the register that stand: else credential_unknown, print_state."""
    found = []
    for key in dict.fromkeys(ids):
        credential = ask.state.credentials.held.get(key)
        if credential is None:
            return e.Refused("credential.credential_unknown", {"id": key})
        if credential.status != VALID:
            params = {"number": credential.number, "status": credential.status}
            return e.Refused("credential.print_state", params)
        found.append(credential)
    return found


def _keep(ask: Ask, found: list[Credential], first: bool) -> list[e.Drafted]:
    """Lines that keep what dictionaries are not kept yet; ``first``: the first of them carries the key."""
    made = Dictionaries(ask.state)
    for credential in found:
        made.of(credential)
    lines = list[e.Drafted]()
    for name, text in made.missing().items():
        event = f.DictionaryKept(**ask.stamp, name=name, text=text)
        opening = first and not lines
        lines.append(ask.line(e.COMPETITION, event) if opening else ask.more(e.COMPETITION, event))
    return lines


def decide_print(ask: Ask, cmd: c.PrintCredentials) -> Decided:
    """Each is counted; under embargo awards alone, by an organizer, from the newest official version."""
    found = _known(ask, cmd.credentials)
    if isinstance(found, e.Refused):
        return found
    secret = False
    for batch in {one.batch: ask.state.credentials.batches[one.batch] for one in found}.values():
        if not embargoed(ask.state, batch):
            continue
        secret = True
        if batch.paper != "award":
            return e.Refused("credential.print_not_public", {"batch": batch.id})
        if ask.call.actor.kind != "office" and ORGANIZER not in ask.call.actor.roles:
            return e.Refused("credential.print_embargo", {"batch": batch.id})
        if (why := overtaken(ask.state, batch)) is not None:
            return why
    rows = tuple((one.id, one.slice.n, prints(ask.state, one) + 1) for one in found)
    event = f.CredentialsPrinted(**ask.stamp, rows=rows, embargo=secret)
    return [ask.line(e.COMPETITION, event), *_keep(ask, found, first=False)]


def decide_keep(ask: Ask, cmd: c.KeepDictionaries) -> Decided:
    """What is not kept yet is kept; else dictionary_kept."""
    found = _known(ask, cmd.credentials)
    if isinstance(found, e.Refused):
        return found
    return _keep(ask, found, first=True) or e.Refused("credential.dictionary_kept")


def prints(state: State, credential: Credential) -> int:
    """How many prints there are of a credential as it was issued last."""
    line, count = state.credentials.prints.get(credential.id, (0, 0))
    return count if line == credential.slice.n else 0


def apply_dictionary(
    state: State, stream: Stream | None, n: int, event: f.DictionaryKept, closed: e.Closed
) -> Touched:
    """It is kept for ever."""
    state.credentials.dictionaries[event.name] = event.text
    return (("dictionary", event.name),)


def apply_printed(
    state: State, stream: Stream | None, n: int, event: f.CredentialsPrinted, closed: e.Closed
) -> Touched:
    """There are so many prints of each."""
    for key, line, count in event.rows:
        state.credentials.prints[key] = (line, count)
    return tuple(("credential", key) for key, _, _ in event.rows)


DECIDE: dict[type[e.Command], Decider] = {
    c.PrintCredentials: decide_print, c.KeepDictionaries: decide_keep,
}  # fmt: skip
APPLY_TABLE: dict[type[e.Event], APPLY] = {
    f.DictionaryKept: apply_dictionary, f.CredentialsPrinted: apply_printed,
}  # fmt: skip
