"""The house rules as functions: each reads source text and returns what offends, as `where: what` lines.

test_house.py runs them over the tree and over planted breakages; the end of a test run prints `growing()`.
Lists of exceptions are data at the top, each with its reason.
"""

from __future__ import annotations

import ast
import io
import os
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("scoring_rules", "compsys", "web")
BELOW = {"scoring_rules": set[str](), "compsys": {"scoring_rules"}, "web": {"scoring_rules", "compsys"}}
DATA = {"fixtures"}  # a package of files: any layer may read it

# The command line is the one room that joins all rooms.
JOINERS = {"compsys/__main__.py"}

# What in compsys touches clock, disk, network or chance. Everything else there is pure.
SHELLS = (
    "compsys/__main__.py",
    "compsys/journal.py",
    "compsys/journal_api.py",  # what a journal is asked, paths among it
    "compsys/journal_base.py",
    "compsys/journal_places.py",
    "compsys/journal_postgres.py",
    "compsys/postgres.py",
    "compsys/postgres_beside.py",
    "compsys/postgres_watch.py",
    "compsys/stores.py",
    "compsys/tables.py",
    "compsys/vault.py",
    "compsys/verify.py",
    "compsys/verify_identity.py",
    "compsys/verify_log.py",
    "compsys/certificates.py",
    "compsys/evidence.py",
    "compsys/credentials/working.py",
    "compsys/calibrating.py",
    "compsys/bus.py",
    "compsys/bus_redis.py",
    "compsys/bus_bells.py",
    "compsys/bus_publish.py",
    "compsys/bus_mirror.py",
    "compsys/desk.py",
    "compsys/folding.py",
    "compsys/holding.py",
    "compsys/holder_desk.py",
    "compsys/holder_reissue.py",
    "compsys/holder_forms.py",
    "compsys/beside.py",
    "compsys/moving.py",
    "compsys/simulate.py",
    "compsys/simulate_network.py",
    "compsys/afternoon.py",
    "compsys/demo.py",
    "compsys/demo_certificates.py",
    "compsys/city.py",
    "compsys/crowd.py",
    "compsys/edition.py",
    "compsys/full_size.py",
    "compsys/national.py",
    "compsys/synthetic.py",
    "compsys/synthetic_schemes.py",
    "compsys/credentials/listing.py",
    "compsys/commandline/",
    "compsys/control.py",
    "compsys/exchange/",
    "compsys/credentials/glyphs.py",  # fonts of the machine
    "compsys/credentials/typesetting.py",  # a folder for the typesetter
    "compsys/credentials/keyfolder.py",
)
# Pure rooms that read the files shipped beside them, and nothing else.
READS_OWN_FILES = {"scoring_rules/profiles.py", "scoring_rules/assessment_rules.py", "compsys/words.py"}

IMPURE_MODULES = {
    *("asyncio", "concurrent", "ctypes", "glob", "http", "io", "logging", "mmap", "multiprocessing", "os"),
    *(
        "pathlib",
        "platform",
        "random",
        "secrets",
        "select",
        "selectors",
        "shutil",
        "signal",
        "socket",
        "sqlite3",
    ),
    *("ssl", "statistics", "subprocess", "sys", "tempfile", "threading", "time", "urllib", "uuid"),
    *("aiosqlite", "apsw", "asyncpg", "fpdf", "httptools", "openpyxl", "redis", "rich", "sqlalchemy"),
    *("sqlmodel", "starlette", "typer", "uvicorn", "websockets"),
}
IMPURE_CALLS = {"open", "input", "print", "exec", "eval", "__import__", "compile"}
IMPURE_METHODS = {"now", "utcnow", "today", "read_text", "read_bytes", "write_text", "write_bytes", "urandom"}
EXACT_MATH = {"gcd", "lcm", "isqrt", "comb", "perm", "factorial"}

NOT_SOURCE = {"__pycache__", "node_modules", "dist", "build"}

# Names under which a distribution is imported, where they differ from its own.
IMPORTED_AS = {"fonttools": "fontTools", "fpdf2": "fpdf", "pillow": "PIL", "zxing-cpp": "zxingcpp"}

WARN_FUNCTION, FAIL_FUNCTION = 60, 100
WARN_FILE, FAIL_FILE = 400, 600


def files(*suffixes: str) -> Iterator[tuple[str, str]]:
    """Every source file of the tree as (path from the root, text); skips caches, .venv and what is built."""
    for folder, below, names in os.walk(ROOT):
        below[:] = sorted(b for b in below if b == ".ci" or not (b.startswith(".") or b in NOT_SOURCE))
        for path in (Path(folder, name) for name in sorted(names)):
            if path.suffix in suffixes:
                yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8", errors="replace")


def package_files() -> Iterator[tuple[str, str]]:
    """The Python files of the three layers."""
    return ((name, text) for name, text in files(".py") if name.split("/")[0] in PACKAGES)


def imports(tree: ast.AST, package: str) -> Iterator[tuple[int, str]]:
    """(line, top-level module) of each import, wherever it stands; a relative one is the package itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, package if node.level else (node.module or "").split(".")[0]


def layering(name: str, text: str) -> list[str]:
    """web -> compsys -> scoring_rules, nothing back; scoring_rules on the standard library alone."""
    package = name.split("/")[0]
    if package not in BELOW or name in JOINERS:
        return []
    offences = []
    for line, module in imports(ast.parse(text), package):
        ours = module in PACKAGES or module == "tests"
        if ours and module != package and module not in BELOW[package]:
            offences.append(f"{name}:{line}: {package} must not import {module}")
        elif package == "scoring_rules" and not ours and module not in sys.stdlib_module_names:
            offences.append(
                f"{name}:{line}: scoring_rules imports {module}, which is not in the standard library"
            )
    return offences


def undeclared(name: str, text: str, declared: set[str]) -> list[str]:
    """Imports of packages that pyproject.toml does not name."""
    package = name.split("/")[0]
    known = declared | set(sys.stdlib_module_names) | {*PACKAGES, *DATA, "tests", package}
    return [
        f"{name}:{line}: imports {module}, which pyproject.toml does not declare"
        for line, module in imports(ast.parse(text), package)
        if module not in known
    ]


def is_pure(name: str) -> bool:
    """Whether the purity rules hold for this file: all of scoring_rules, and compsys but for its shells."""
    if name.startswith("compsys/"):
        return not any(name == shell or (shell.endswith("/") and name.startswith(shell)) for shell in SHELLS)
    return name.startswith("scoring_rules/")


def purity(name: str, text: str) -> list[str]:
    """Clock, chance, input, output and floating point in a pure file."""
    if not is_pure(name):
        return []
    tree = ast.parse(text)
    asked = {
        id(a) for n in ast.walk(tree) if _calls(n, "isinstance") for a in ast.walk(n)
    }  # refusing a float
    offences = [
        f"{name}:{line}: a pure room imports {module}"
        for line, module in imports(tree, name.split("/")[0])
        if module in IMPURE_MODULES and not (name in READS_OWN_FILES and module == "pathlib")
    ]
    for node in ast.walk(tree):
        what = "" if id(node) in asked else _impurity(node, name in READS_OWN_FILES)
        if what:
            offences.append(f"{name}:{getattr(node, 'lineno', 0)}: {what} in a pure room")
    return offences


def _calls(node: ast.AST, function: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function


def _whole(node: ast.expr) -> bool:
    return (
        (isinstance(node, ast.Constant) and isinstance(node.value, int))
        or _calls(node, "len")
        or _calls(node, "int")
    )


def _impurity(node: ast.AST, reads: bool) -> str:
    match node:
        case ast.Constant(value=float() | complex()):
            return f"the float {node.value!r}"
        case ast.Name(id="float" | "complex"):
            return node.id
        case ast.BinOp(op=ast.Div(), left=left, right=right) if _whole(left) and _whole(right):
            return "a division of two ints, which makes a float"
        case ast.Call(func=ast.Name(id="round")):
            return "round(), which rounds halves to even: a named policy rounds"
        case ast.Call(func=ast.Name(id=called)) if called in IMPURE_CALLS:
            return f"{called}()"
        case ast.Call(func=ast.Attribute(attr=method)) if method in IMPURE_METHODS and not (
            reads and method in {"read_text", "read_bytes"}
        ):
            return f".{method}()"
        case ast.Attribute(value=ast.Name(id="math"), attr=attr) if attr not in EXACT_MATH:
            return f"math.{attr}, which may be a float"
        case ast.AsyncFunctionDef() | ast.Await():
            return "async code"
        case ast.Global():
            return "global state"
    return ""


def first_sentence(name: str, text: str) -> list[str]:
    """Each .py and .js file begins by saying in one sentence, on one line, what it is for."""
    if name.endswith(".py"):
        lines = (ast.get_docstring(ast.parse(text)) or "").splitlines()
    else:
        lines = [
            line.strip(" */") for line in text.splitlines()[:4] if line.lstrip().startswith(("//", "/*", "*"))
        ]
        lines = [line for line in lines if line and not line.startswith("@ts-")]
    first = lines[0].strip() if lines else ""
    if not first:
        return [f"{name}:1: does not begin with a sentence saying what the file is for"]
    if not first.endswith((".", "?", "。")) or re.search(r"[.?!] +[A-Z]", first):
        return [f"{name}:1: the first line is not one whole sentence: {first!r}"]
    return []


def lengths(name: str, text: str) -> list[tuple[int, int, int, str]]:
    """(lines, warn at, fail at, where) of the file and of each function in it."""
    found = [(text.count("\n"), WARN_FILE, FAIL_FILE, name)]
    if name.endswith(".py"):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                found.append((size, WARN_FUNCTION, FAIL_FUNCTION, f"{name}:{node.lineno} {node.name}()"))
    return found


def too_long(name: str, text: str) -> list[str]:
    """Files and functions that have outgrown the hard limit."""
    return [
        f"{where}: {size} lines, {fail} at most"
        for size, _, fail, where in lengths(name, text)
        if size > fail
    ]


def growing() -> list[str]:
    """What is past the wanted length and not yet past the limit, longest first: printed after every run."""
    every = [row for name, text in files(".py", ".js") for row in lengths(name, text)]
    return [
        f"{where}: {size} lines ({warn} wanted)"
        for size, warn, fail, where in sorted(every, reverse=True)
        if warn < size <= fail
    ]


# Written in pieces, so that this file does not hold what it looks for.
HOSTS = (
    "py" + r"pi\.org",
    "python" + "hosted",
    "npm" + r"js\.(org|com)",
    "deb" + r"\.debian",
    "registry" + r"\.yarn",
)
PATHS = tuple(
    rf"(^|[^a-zA-Z0-9_.]){'/' + top}/" for top in ("work", "farm", "root", "home", "tmp/venv", "tmp/brief")
)
UNWANTED = re.compile("|".join((*HOSTS, *PATHS)))


def machine(name: str, text: str) -> list[str]:
    """Hosts of package registries and paths of one machine."""
    return [
        f"{name}:{number}: names a registry host or a path of this machine: {line.strip()[:90]}"
        for number, line in enumerate(text.splitlines(), 1)
        if UNWANTED.search(line)
    ]


STATEMENT = re.compile(r"\b(SELECT\b.+\bFROM|INSERT\b.+\bINTO|UPDATE\b.+\bSET|DELETE\s+FROM)\b", re.I | re.S)
SUMS = re.compile(r"\b(SUM|AVG|TOTAL|ROUND|ABS|CAST)\s*\(", re.I)
OPERATOR = re.compile(r"[\w)?\]}\"']\s*(\|\|)?[-+/%*]\s*[\w(?:\[{\"']")
STAR = re.compile(r"\b(SELECT|DISTINCT|RETURNING|ALL)\s+\*|\w\.\*|\(\s*\*\s*\)", re.I)


def sql(name: str, text: str) -> list[str]:
    """Arithmetic in SQL: only count and max are done there."""
    tree = ast.parse(text)
    offences, inner = [], set[int]()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            inner |= {id(part) for part in node.values}
            # {} stands for an interpolated name, which is no operand
            said = "".join(
                str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inner:
            said = node.value
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "func" and node.attr in {"sum", "avg", "total", "round", "abs"}:
                offences.append(f"{name}:{node.lineno}: arithmetic in SQL: func.{node.attr}")
            continue
        else:
            continue
        if said == ast.get_docstring(tree, clean=False) or not STATEMENT.search(said):
            continue
        bare = re.sub(r"'[^']*'", "''", STAR.sub(" ", said))
        if SUMS.search(bare) or OPERATOR.search(bare):
            offences.append(f"{name}:{node.lineno}: arithmetic in SQL: {' '.join(said.split())[:80]}")
    return offences


IGNORE = re.compile(r"type:\s*ignore(\[[\w, -]+\])?(.*)")
NOQA = re.compile(r"noqa(?::\s*((?:[A-Z]+[0-9]+[,\s]*)+))?(.*)", re.I)


def silenced(name: str, text: str) -> list[str]:
    """Each `type: ignore` and `noqa` names what it silences and has its reason beside it."""
    offences = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        for marker, found in (
            ("type: ignore", IGNORE.search(token.string)),
            ("noqa", NOQA.search(token.string)),
        ):
            if found is None or (
                marker == "noqa" and not re.match(r"#\s*(ruff:\s*)?noqa|.*#\s*noqa", token.string)
            ):
                continue
            if not found[1] or not re.search(r"[^\W\d_]{3,}", found[2]):
                offences.append(
                    f"{name}:{token.start[0]}: {marker} without its code or without a reason beside it"
                )
    return offences


def skipped(name: str, text: str) -> list[str]:
    """Each skip or expected failure says why in words."""
    offences = []
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Attribute) or node.attr not in {
            "skip",
            "skipif",
            "xfail",
            "importorskip",
        }:
            continue
        if ast.unparse(node.value) not in {"pytest", "pytest.mark"}:
            continue
        calls = [
            c
            for c in ast.walk(ast.parse(text))
            if isinstance(c, ast.Call) and ast.dump(c.func) == ast.dump(node)
        ]
        said = [_reason(c) for c in calls if c.lineno == node.lineno]
        if not said or any(len(reason.split()) < 3 for reason in said):
            offences.append(f"{name}:{node.lineno}: {ast.unparse(node)} without a reason in words")
    return offences


def _reason(call: ast.Call) -> str:
    by_name = [k.value for k in call.keywords if k.arg == "reason"]
    first = (
        call.args[:1] if ast.unparse(call.func) in {"pytest.skip", "pytest.mark.skip", "pytest.xfail"} else []
    )
    return next((ast.unparse(v) for v in (*by_name, *first)), "")
