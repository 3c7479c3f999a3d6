"""The page that checks certificates as one file: opened from a disk or any web server, when this one is gone.

Every script is wrapped in a function of its own and put into the page, with the words, the style, the icons
and all that it checks with. It is the very same code as the server's page.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from compsys import words
from web.credential_page import SCRIPT
from web.render import environment
from web.statics import shelf, whole, words_of

IMPORT = re.compile(r'^import (?:(\{[^}]*\}|\* as \w+) from )?"\./([\w.]+)";\n', re.M)
EXPORT = re.compile(r"^export ((?:async )?(?:const|let|function|class)) (\w+)", re.M)
NAMES = {"zh-CN": "index.html", "en": "index.en.html"}


def module(name: str, text: str) -> str:
    """A module as a function that gives what it exports.

    >>> print(module("b.js", 'import { a as c } from "./a.js";\\nexport const d = c;\\n'))
    made["b.js"] = await (async () => {
    const { a: c } = made["a.js"];
    const d = c;
    return { d };
    })();
    """
    names = [found[2] for found in EXPORT.finditer(text)]

    def brought(found: re.Match[str]) -> str:
        what = (found[1] or "").replace(" as ", ": ")
        if what.startswith("*"):
            return f'const {what[3:]} = made["{found[2]}"];\n'
        return f'const {what} = made["{found[2]}"];\n' if what else ""

    body = EXPORT.sub(r"\1 \2", IMPORT.sub(brought, text))
    return f'made["{name}"] = await (async () => {{\n{body}return {{ {", ".join(names)} }};\n}})();'


def scripts() -> str:
    """All scripts of the page, each after what it imports."""
    found = [url.rpartition("/")[2] for url in whole(SCRIPT)]
    texts = {name: shelf()[1][name].data.decode() for name in found}
    done: list[str] = []

    def put(name: str) -> None:
        for wanted in IMPORT.findall(texts[name]):
            if wanted[1] not in done:
                put(wanted[1])
        if name not in done:
            done.append(name)

    put(SCRIPT)
    body = "\n".join(module(name, texts[name]) for name in done)
    return f"(async () => {{\nconst made = {{}};\n{body}\n}})();"


def _data(name: str) -> str:
    file = shelf()[1][name.rpartition("/")[2]]
    return f"data:{file.kind.partition(';')[0]};base64,{base64.b64encode(file.data).decode()}"


def single(told: Mapping[str, Any], lang: str) -> str:
    """The page in one language with a bundle's content (``trust``, ``lists``, ``dictionaries``)."""
    html = (
        environment(lang, "UTC")
        .get_template("credential.html")
        .render(
            {
                "office": "",
                "query": "",
                "code": "",
                "path": "",
                "request": None,
                "visitor": None,
                "form_token": "",
            }
        )
    )
    kept = {
        "trust": told["trust"], "lists": dict(told["lists"]),
        "dictionaries": {
            name: base64.b64encode(text.encode()).decode() for name, text in told["dictionaries"].items()
        },
    }  # fmt: skip
    style = "".join(shelf()[1][name].data.decode() for name in ("compsys.css", "credential.css"))
    icons = (files("web") / "static" / "icons.svg").read_text("utf-8")
    data = json.dumps(kept, ensure_ascii=False).replace("<", "\\u003c")
    html = re.sub(r'<link rel="(?:stylesheet|icon|modulepreload)"[^>]*>\n?', "", html)
    html = re.sub(r'<script type="module"[^>]*></script>', "", html)
    for one in words.LANGS:
        html = html.replace(words_of(SCRIPT, one), _data(words_of(SCRIPT, one)))
    html = html.replace('href="/static/icons.svg#', 'href="#').replace("<html ", '<html data-icons="" ', 1)
    html = html.replace(f"?lang={words.other_lang(lang)}", NAMES[words.other_lang(lang)])
    html = html.replace("</head>", f"<style>{style}</style></head>", 1)
    sprite = re.sub(
        r"^<svg ", "<svg hidden ", re.sub(r"<\?xml[^>]*>\s*|<!--.*?-->\s*", "", icons, flags=re.S), count=1
    )
    code = scripts().replace("</script", "<\\/script")
    end = f'{sprite}<script type="application/json" id="bundle">{data}</script><script>{code}</script></body>'
    return html.replace("</body>", end, 1)


def pages(told: Mapping[str, Any]) -> dict[str, str]:
    """The pages of a bundle by their names, one for each language."""
    return {name: single(told, lang) for lang, name in NAMES.items()}
