"""Every word a user reads is in the catalogue, in both languages, known and needed.

``python -m tests.web.test_words`` lists codes that nothing uses; ``--prune`` takes them out.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from compsys import events, words

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "compsys" / "catalogue"
HAN = re.compile(r"[\u3400-\u9fff]")
WIDE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff01-\uff5e]")
CALL = re.compile(
    r"""(?<![\w.])(?:t|todo|t_other|(?:words|catalogue)\.(?:say|todo))\(\s*(["'])([a-z][\w.]*)\1\s*([,)])"""
)
PREFIX = re.compile(r"""(["'`])([a-z][a-z_]*\.[a-z_.]*)(?:\1\s*[~+]|\$\{|\{[\w.()]+\})""")
QUOTED = re.compile(r"""(["'`])([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*)\1""")


SAMPLES = Path(__file__).parent / "samples"
"""Pages of components to look at: what they say is said too."""


@cache
def sources(*suffixes: str) -> dict[str, str]:
    """The text of the product's own files by path below the root."""
    found = {}
    for folder in ("web", "compsys", "scoring_rules"):
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in suffixes and CATALOGUE not in file.parents:
                found[str(file.relative_to(ROOT))] = file.read_text("utf-8")
    return found


def names(sentence: str) -> set[str]:
    """The parameters of a sentence."""
    return {name for name, _, _ in words.PARAMETER.findall(sentence)}


def test_every_code_has_both_languages_with_the_same_parameters() -> None:
    wrong = []
    for code, entry in words.catalogue().items():
        chinese, english = (names(entry.sentence[lang]) for lang in words.LANGS)
        if chinese != english:
            wrong.append((code, chinese ^ english))
        if entry.todo and (differ := names(entry.todo["zh-CN"]) ^ names(entry.todo["en"])):
            wrong.append((f"{code} todo", differ))
    assert not wrong


def test_a_sentence_is_in_its_language() -> None:
    wrong = []
    chinese = words.say("ui.language", "zh-CN")  # the button that switches names the other language in itself
    for code, entry in words.catalogue().items():
        texts = [entry.sentence["en"], entry.todo.get("en", "")]
        wrong += [(code, text) for text in texts if text != chinese and WIDE.search(text)]
    assert not wrong


def test_no_blame_no_shouting() -> None:
    """Visual language, section 6: no exclamation marks, no "please try later" without a time."""
    wrong = []
    for code, entry in words.catalogue().items():
        for text in (*entry.sentence.values(), *entry.todo.values()):
            if re.search("[!！]|请稍后再试|try again later|(?i:invalid)", text):
                wrong.append((code, text))
    assert not wrong


def test_every_answer_says_what_happened_and_what_to_do() -> None:
    entries = words.catalogue()
    missing = [code for code in events.CODES if code not in entries or not entries[code].todo]
    assert not missing


def test_every_code_in_templates_and_scripts_is_known() -> None:
    entries = words.catalogue()
    unknown = []
    for path, text in sources(".html", ".js", ".py").items():
        for found in CALL.finditer(without_comments(path, text)):
            if found[2] not in entries:
                unknown.append((path, found[2]))
    assert not unknown


CODE_PLACES = {"Refused": 0, "Refusal": 0, "Problem": 2}


def problem_codes() -> Iterator[tuple[str, str]]:
    """(path, code) of every refusal and problem written as a literal in the rules and the core."""
    for path, text in sources(".py").items():
        if path.startswith("compsys/verify"):
            continue  # the offline verifier imports nothing of the app and carries its own sentences
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            place = CODE_PLACES.get(name)
            if place is None or len(node.args) <= place:
                continue
            given = node.args[place]
            for item in (given.body, given.orelse) if isinstance(given, ast.IfExp) else (given,):
                if isinstance(item, ast.Constant) and isinstance(item.value, str):
                    yield path, item.value


def test_every_problem_and_refusal_has_a_sentence() -> None:
    entries = words.catalogue()
    assert not [(path, code) for path, code in problem_codes() if code not in entries]


def refusals_with_parameters() -> Iterator[tuple[str, str, set[str]]]:
    """(path:line, code, names of the parameters given) of every refusal whose parameters are written out."""
    for path, text in sources(".py").items():
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            code = node.args[0]
            if name not in ("Refused", "Refusal") or not isinstance(code, ast.Constant):
                continue
            given = node.args[1] if len(node.args) > 1 else ast.Dict(keys=[], values=[])
            if isinstance(given, ast.Dict) and all(isinstance(k, ast.Constant) for k in given.keys):
                names = {str(k.value) for k in given.keys if isinstance(k, ast.Constant)}
                yield f"{path}:{node.lineno}", code.value, names


def test_every_refusal_gives_what_its_sentence_names() -> None:
    lacking = []
    for where, code, given in refusals_with_parameters():
        sentence = words.catalogue()[code].sentence["en"]
        optional = set(re.findall(r"\{(\w+)", " ".join(re.findall(r"\[\[.*?\]\]", sentence))))
        needed = set(re.findall(r"\{(\w+)", sentence)) - optional
        # An optional part that a refusal with parameters never fills is a name that does not match.
        missing = (needed - given) | ((optional - given) if given else set())
        if missing:
            lacking.append((where, code, sorted(missing)))
    assert lacking == []


# ---------------------------------------------------------------- nothing is written outside the catalogue


def without_comments(path: str, text: str) -> str:
    """The text without what only developers read."""
    if path.endswith(".html"):
        return re.sub(r"\{#.*?#\}|<!--.*?-->", " ", text, flags=re.S)
    if path.endswith(".js"):
        return re.sub(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", " ", text, flags=re.S)
    return text


def template_prose(text: str) -> Iterator[str]:
    """Words that stand in a template itself: text, readable attributes, literals in expressions."""
    text = without_comments(".html", text)
    text = re.sub(r"\{% block (frame|body_class) %\}[\w -]*\{% endblock %\}", "", text)
    for expression in re.findall(r"\{\{.*?\}\}|\{%.*?%\}", text, flags=re.S):
        for _, literal in re.findall(r"""(["'])((?:(?!\1).)*)\1""", expression, flags=re.S):
            if HAN.search(literal) or re.match(r"[A-Z][a-z]+ [a-z]|[A-Z][a-z]{3,}$", literal):
                yield literal
    plain = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "\0", text, flags=re.S)
    for value in re.findall(r"""\b(?:aria-label|title|alt|placeholder)="([^"]*)""", plain):
        if re.search(r"[A-Za-z]{2,}", value) or HAN.search(value):
            yield value
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", plain, flags=re.S)
    for piece in re.split(r"<[^>]*>|\0", body):
        if HAN.search(piece) or re.search(r"[A-Za-z]{2,}", re.sub(r'&\w+;|[\w-]+="[^"]*"?', "", piece)):
            yield piece.strip()


def script_prose(text: str) -> Iterator[str]:
    """Words that stand in a script: string literals with Chinese, or that read as an English sentence."""
    text = re.sub(r"new \w*Error\([^)]*\)|console\.\w+\([^)]*\)", " ", without_comments(".js", text))
    for _, literal in re.findall(r"""(["'`])((?:(?!\1)[^\\\n]|\\.)*)\1""", text):
        shown = re.sub(r"\$\{[^}]*\}", "", literal)
        plain = not re.search(r"[#.\[\]<>={}_/:]", shown) and len(re.findall(r"\b[a-z]{2,}\b", shown)) >= 4
        if plain or HAN.search(shown) or re.search(r"(^|>)\s*[A-Z][a-z]+ [a-z]+", shown):
            yield literal


READ_NOT_SAID = {"ABSENT"}
"""Module constants that hold words which an imported file may contain; nobody is shown them."""


def module_prose(text: str) -> Iterator[str]:
    """Chinese string literals of a module of the web room; documentation and what is only read aside."""
    tree = ast.parse(text)
    aside: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            aside.add(id(node.value))
        elif isinstance(node, ast.Assign) and READ_NOT_SAID & {ast.unparse(name) for name in node.targets}:
            aside |= {id(part) for part in ast.walk(node.value)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in aside:
            yield from [node.value] if HAN.search(node.value) else []


@pytest.mark.parametrize(
    ("suffix", "folder", "prose"),
    [(".html", "web", template_prose), (".js", "web", script_prose), (".py", "web", module_prose)],
)
def test_no_words_outside_the_catalogue(suffix: str, folder: str, prose: object) -> None:
    assert callable(prose)
    found = {
        path: left
        for path, text in sources(suffix).items()
        if path.startswith(folder) and (left := list(prose(text)))
    }
    assert not found


def test_the_finders_find() -> None:
    """The checks above are not blind: each kind of untranslated word is seen."""
    assert list(template_prose("<p>你好</p>")) == ["你好"]
    assert list(template_prose("<p>Sign in now</p>")) == ["Sign in now"]
    assert list(template_prose('<a title="More">{{ t("a") }}</a>')) == ["More"]
    assert list(template_prose("{{ p.button('Save it') }}")) == ["Save it"]
    assert not list(template_prose("<p class=\"row\">{{ t('do.save') }} {# why #}</p>"))
    assert list(script_prose('say("未连接");')) == ["未连接"]
    assert list(script_prose('el.textContent = "Not connected";')) == ["Not connected"]
    assert list(script_prose('// why\nel.title = "Not connected";')) == ["Not connected"]
    assert not list(script_prose('document.querySelector("main .row b"); // Not connected'))
    assert list(module_prose('"""说明"""\nx = "你好"')) == ["你好"]


# ---------------------------------------------------------------- nothing stands in the catalogue for nothing


def unused() -> list[str]:
    """Codes that no template, script or module names, neither whole nor by a prefix it adds to."""
    quoted: set[str] = set(events.CODES)
    prefixes: set[str] = set()
    samples = {file.name: file.read_text("utf-8") for file in sorted(SAMPLES.glob("*.html"))}
    for path, text in {**sources(".html", ".js", ".py"), **samples}.items():
        clean = without_comments(path, text)
        quoted |= {found[2] for found in QUOTED.finditer(clean)}
        prefixes |= {found[2] for found in PREFIX.finditer(clean)}
    return [
        code
        for code in words.catalogue()
        if code not in quoted and not any(code.startswith(prefix) for prefix in prefixes)
    ]


def test_no_code_is_left_over() -> None:
    assert not unused(), "take them out with: python -m tests.web.test_words --prune"


def prune() -> None:
    """Rewrite the catalogue's files without the codes that nothing uses."""
    gone = set(unused())
    for file in sorted(CATALOGUE.glob("*.json")):
        table = json.loads(file.read_text("utf-8"))
        kept = [(code, value) for code, value in table.items() if code not in gone]
        lines = [f"  {json.dumps(code)}: {json.dumps(value, ensure_ascii=False)}" for code, value in kept]
        file.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


# ---------------------------------------------------------------- what the browser gets


def test_the_browsers_file_holds_what_scripts_say_and_is_named_by_its_content() -> None:
    for lang in words.LANGS:
        name, data = words.browser(lang)
        table = json.loads(data)
        left_out = set(words.catalogue()) - set(table["words"])
        assert all(code.startswith((*words.SERVER_ONLY, *words.OWN_ONLY)) for code in left_out)
        assert re.fullmatch(rf"words\.{lang}\.[0-9a-f]{{12}}\.json", name)
    assert words.browser("en")[0] != words.browser("zh-CN")[0]
    said = {found[2] for text in sources(".js").values() for found in CALL.finditer(text)}
    assert not [code for code in said if code.startswith(words.SERVER_ONLY)]


if __name__ == "__main__":
    print("\n".join(unused()))
    if "--prune" in sys.argv:
        prune()
