"""The sheets of real workbooks as pictures: python docs/render_spreadsheet.py FOLDER [model.xlsx]

With a workbook, each of its pages as a PNG, to look at. Without, workbooks of a recommender and of a classifier of
texts are written, and the pictures of docs/spreadsheet.md drawn from them, as SVG that is mostly text. LibreOffice
makes a PDF, poppler (pdftoppm, pdftohtml, pdftocairo) the pictures.
"""

import re
import subprocess
import sys
from html import escape
from pathlib import Path
from xml.etree import ElementTree

import rowwise as rw
from rowwise.api.zoo import biases_only, matrix_factorization
from rowwise.models.words import Row

PICTURES = Path(__file__).parent / "pictures"
MARGIN = 12  # points around what is drawn
SCALE = 1.5  # pdftohtml's points in one of the page


def main(folder: Path, workbook: Path | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if workbook is not None:
        pages = pdf(workbook, folder)
        subprocess.run(["pdftoppm", "-r", "110", "-png", pages, folder / "page"], check=True)
        print(*sorted(map(str, folder.glob("page*.png"))), sep="\n")
        return
    PICTURES.mkdir(exist_ok=True)
    ratings = pdf(recommender(folder / "model.xlsx"), folder)
    words = pdf(classifier(folder / "words.xlsx"), folder)
    learnt = pdf(biases(folder / "biases.xlsx"), folder)
    wanted = {"grid": (ratings, "The trained model"), "words": (words, "From words"), "learn": (learnt, "Training as")}
    for name, (pages, title) in wanted.items():
        path = PICTURES / f"{name}.svg"
        path.write_text(picture(pages, page_of(pages, title)), encoding="utf-8")
        print(path, f"{path.stat().st_size / 1000:.0f} kB")


def recommender(path: Path) -> Path:
    data = rw.datasets.movielens_small()
    model = matrix_factorization.replace(
        user=Row("userId", 5, l2=0.05),
        item=Row("movieId", 5, l2=0.05),
        user_bias=Row("userId"),
        item_bias=Row("movieId"),
    )
    fitted = model.fit(data.ratings, optimizer="adam", learning_rate=0.01, epochs=10, validation=0.1)
    return fitted.sheet(path, data=data.ratings, items=data.movies)


def biases(path: Path) -> Path:
    data = rw.datasets.movielens_small()
    model = biases_only.replace(user_bias=Row("userId"), item_bias=Row("movieId"))
    fitted = model.fit(data.ratings, optimizer="sgd", learning_rate=0.01, epochs=5)
    return fitted.sheet(path, data=data.ratings, items=data.movies)


def classifier(path: Path) -> Path:
    reviews = rw.datasets.food_reviews()
    fitted = rw.TextClassifier().fit(reviews.train["text"], reviews.train["label"]).fitted_
    return fitted.sheet(path, data=reviews.test)


def pdf(workbook: Path, folder: Path) -> Path:
    profile = (folder / "profile").absolute().as_uri()
    office = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf"]
    subprocess.run([*office, "--outdir", folder, workbook], check=True, capture_output=True)
    return folder / f"{workbook.stem}.pdf"


def page_of(pages: Path, title: str) -> int:
    """The first page that begins with these words, counted from 1."""
    texts = output("pdftotext", pages, "-").split("\f")
    return next(k for k, text in enumerate(texts, 1) if text.startswith(title))


def picture(pages: Path, page: int) -> str:
    """A page as SVG: its fills and lines, and its words as text."""
    drawn = output("pdftocairo", "-svg", "-f", str(page), "-l", str(page), pages, "-")
    outside = re.sub(r"<defs>.*?</defs>", "", drawn, flags=re.DOTALL)  # glyphs and clips
    paths = [path for path in map(shape, re.findall(r"<path[^>]*/>", outside)) if path]
    told = ElementTree.fromstring(output("pdftohtml", "-xml", "-i", "-f", str(page), "-l", str(page), "-stdout", pages))
    fonts = {font.attrib["id"]: font.attrib for font in told.iter("fontspec")}
    texts = [text_of(run, fonts) for run in runs([text for text in told.iter("text") if "".join(text.itertext())])]
    right = max(float(t.attrib["left"]) + float(t.attrib["width"]) for t in told.iter("text")) / SCALE + MARGIN
    bottom = max(float(t.attrib["top"]) + float(t.attrib["height"]) for t in told.iter("text")) / SCALE + MARGIN
    left = min(float(t.attrib["left"]) for t in told.iter("text")) / SCALE - MARGIN
    top = min(float(t.attrib["top"]) for t in told.iter("text")) / SCALE - MARGIN
    box = f"{left:.0f} {top:.0f} {right - left:.0f} {bottom - top:.0f}"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" font-family="Carlito, Calibri, sans-serif">'
    white = f'<rect x="{left:.0f}" y="{top:.0f}" width="{right - left:.0f}" height="{bottom - top:.0f}" fill="#fff"/>'
    return "\n".join([head, white, *paths, *texts, "</svg>", ""])


def shape(path: str) -> str:
    """A path of pdftocairo in few letters; nothing where it draws nothing."""
    style = dict(re.findall(r"([\w-]+):([^;\"]+)", path))
    place = re.search(r' d="([^"]*)"', path)
    if place is None or {style.get("fill", "none"), style.get("stroke", "none")} == {"none"}:
        return ""
    moved = re.search(r'transform="matrix\(([^)]*)\)"', path)
    transform = f' transform="matrix({shorter(moved[1], 3)})"' if moved else ""
    width = f' stroke-width="{shorter(style["stroke-width"], 2)}"' if "stroke-width" in style else ""
    colours = " ".join(f'{kind}="{colour(style[kind])}"' for kind in ("fill", "stroke") if kind in style)
    return f'<path {colours}{width}{transform} d="{shorter(place[1], 1)}"/>'


def colour(given: str) -> str:
    parts = re.findall(r"([\d.]+)%", given)
    return "#" + "".join(f"{round(float(part) * 2.55):02x}" for part in parts) if parts else given


def shorter(numbers: str, digits: int) -> str:
    return re.sub(r"-?\d+\.\d+", lambda n: f"{float(n[0]):.{digits}f}".rstrip("0").rstrip("."), numbers)


def runs(texts: list[ElementTree.Element]) -> list[list[ElementTree.Element]]:
    """The pieces of turned text put together: each begins a little to the right of the last, and above it."""
    found: list[list[ElementTree.Element]] = []
    for text in texts:
        if found:
            right, down = (float(text.attrib[k]) - float(found[-1][-1].attrib[k]) for k in ("left", "top"))
            if 0 < right < 12 and -16 < down < 0:
                found[-1].append(text)
                continue
        found.append([text])
    return found


def text_of(run: list[ElementTree.Element], fonts: dict[str, dict[str, str]]) -> str:
    first, font = run[0], fonts[run[0].attrib["font"]]
    x = float(first.attrib["left"]) / SCALE
    y = (float(first.attrib["top"]) + 0.78 * float(first.attrib["height"])) / SCALE
    words = "".join(escape("".join(text.itertext())) for text in run)
    look = "".join(
        [
            f' fill="{font["color"]}"' if font["color"] != "#000000" else "",
            ' font-weight="bold"' if first.find("b") is not None else "",
            ' font-style="italic"' if first.find(".//i") is not None else "",
            f' transform="rotate(-60 {x:.0f} {y:.0f})"' if len(run) > 1 else "",
            f' textLength="{float(first.attrib["width"]) / SCALE:.0f}"' if len(run) == 1 and " " in words else "",
        ]
    )
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{float(font["size"]) / SCALE:.1f}"{look}>{words}</text>'


def output(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
