"""A trained model in, one offline page out, in which it answers and learns.

The page holds the program and its tables (`contents`), and a browser's meaning of each primitive (`program.js`). It
fetches nothing: the browser itself refuses to, by the page's policy.
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from rowwise.data.source import Source
from rowwise.storage.whole import replaced_whole
from rowwise.trained.trained import Trained
from rowwise.views.markup import Html, tag
from rowwise.views.page.contents import contents

INTERPRETER = ("arrays.js", "special.js", "elementwise.js", "products.js", "program.js")
MODULES = (  # each may import from those before it
    *INTERPRETER, "numbers.js", "model.js", "make.js", "kernel.js", "examples.js", "words.js", "fold.js", "acts.js",
    "state.js", "chip.js", "weights.js", "sentence.js", "code.js", "update.js", "list.js", "grid.js", "errors.js",
    "near.js", "directions.js", "places.js", "paint.js", "map.js", "why.js", "people.js", "parts.js", "rulers.js",
    "texts.js", "schedule.js", "trainer.js", "curve.js", "tour.js", "page.js",
)  # fmt: skip
IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./(\w+)\.js";$', re.M)
EXPORT = re.compile(r"^export (?=(?:const|function\*?|class) (\w+|\[.*?\]))", re.M)


def page(trained: Trained, *, data: Source | None = None, items: Source | None = None) -> str:
    """The whole page. `data` are examples that it can show, `items` the titles of what is predicted for."""
    # Nothing in it ends the element that holds it: a title may well be "</script>".
    told = contents(trained, data, items).replace("<", "\\u003c")
    style, script = _asset("page.css"), script_of(MODULES)
    # "wasm-unsafe-eval" lets the page's own script compile the model's kernel, and no text be run.
    policy = "default-src 'none'; base-uri 'none'; form-action 'none'; "
    policy += f"style-src '{_digest(style)}'; script-src '{_digest(script)}' 'wasm-unsafe-eval'"
    head = [
        Html('<meta charset="utf-8"><meta name="viewport" content="width=device-width">'),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
        tag("title", f"{trained.name}: the model"),
        tag("style", style),
    ]
    body = [Html(_asset("page.html")), Html(f'<script type="application/json" id="model">{told}</script>')]
    html = tag("html", tag("head", *head), tag("body", *body, tag("script", script, type="module")), lang="en")
    return f"<!doctype html>\n{html}\n"


def write_page(trained: Trained, path: str | Path, *, data: Source | None = None, items: Source | None = None) -> Path:
    """Write the page whole or not at all; see `page`."""
    text = page(trained, data=data, items=items)
    with replaced_whole(path) as file:
        file.write(text.encode())
    return Path(path)


def script_of(modules: Sequence[str]) -> Html:
    """The modules as one script: each a function that gives what it exports, so that names of two do not meet."""
    return Html("const modules = {};\n" + "\n".join(map(_wrapped, modules)))


def _wrapped(module: str) -> str:
    text = _asset(module)
    names = ", ".join(name.strip("[]") for name in EXPORT.findall(text))
    body = EXPORT.sub("", IMPORT.sub(r"const \1 = modules.\2;", text))
    return f"modules.{module.removesuffix('.js')} = (() => {{\n{body}\nreturn {{ {names} }};\n}})();"


def _digest(text: str) -> str:
    """What a browser knows the only style and the only script of a page by; another one does not run."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _asset(name: str) -> Html:
    return Html(files("rowwise.views.page").joinpath(name).read_text("utf-8"))
