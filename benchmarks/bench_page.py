"""Does the page keep up: how fast does it train beside the machine, how soon is it seen, how smooth is its map?

Biased matrix factorization with 32 factors on MovieLens 100k, trained turn by turn by the page's kernel and by the same
kernel here on one thread; and a map of 100,000 rows while a number of one of them is dragged. Chromium, headless.
"""

import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from harness import keep, ratios, seconds, show

import rowwise as rw
from rowwise.api.zoo import matrix_factorization
from rowwise.backends.llvm.kernel import LlvmKernel
from rowwise.models.words import Row

FACTORS, ROUNDS, DRAGS, POINTS = 32, 7, 60, 100_000
WARM_UP = 3  # epochs until a browser has compiled a kernel well

EPOCH = """
window.trainer ??= new rowwise.Trainer({ seed: 0, held: 0 });
const began = performance.now(), parts = trainer.epoch(arguments[0], 0.01);
let part;
do part = parts.next(); while (!part.done);
return [(performance.now() - began) / 1000, part.value];
"""
DRAG = """
const done = arguments[arguments.length - 1], { model, state, push, drawMap } = rowwise, times = [];
const row = state.example.rows[rowwise.page.keys[1]], cell = { table: "item", row, k: 0, of: "item" };
let k = 0;
const move = () => {
  const began = performance.now();
  push(cell, Math.sin(k / 10));
  drawMap();
  times.push(performance.now() - began);
  if (++k < arguments[0]) requestAnimationFrame(move);
  else done(times);
};
requestAnimationFrame(move);
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        browser = chromium()
        runs = [training(browser, Path(folder)), dragging(browser, Path(folder))]
        browser.quit()
    keep("page", runs)


def chromium() -> Any:
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    return webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))


def model() -> Any:
    rows = {"user": Row("userId", FACTORS, l2=0.06, init=0.01), "item": Row("movieId", FACTORS, l2=0.06, init=0.01)}
    return matrix_factorization.replace(**rows, user_bias=Row("userId"), item_bias=Row("movieId"))


def training(browser: Any, folder: Path) -> dict[str, Any]:
    ratings = rw.datasets.movielens_100k().ratings
    fitted = model().fit(ratings, optimizer="sgd", epochs=1, learning_rate=0.01, batch_size=1, progress=False)
    path = fitted.page(folder / "model.html", data=ratings)
    size = fitted.export(folder / "model.wasm").stat().st_size
    examples, _ = fitted.reader.transform(ratings, "needed")
    parameters = fitted.parameters.copy()
    native = LlvmKernel(fitted.program, examples, parameters, means=fitted.means, batch_size=1, seed=0, threads=1)
    browser.get(path.as_uri())
    paints = "return performance.getEntriesByType('paint').map((p) => p.startTime)"
    painted = max(browser.execute_script(paints)) / 1000
    for epoch in range(WARM_UP):
        browser.execute_script(EPOCH, epoch)
        native.epoch(epoch, 0.01)
    there, here, losses = [], [], []
    for epoch in range(WARM_UP, WARM_UP + ROUNDS):
        taken, loss = browser.execute_script(EPOCH, epoch)
        there.append(taken)
        here.append(seconds(lambda epoch=epoch: losses.append(native.epoch(epoch, 0.01))))
        print(
            f"  epoch {epoch}: {taken * 1e3:.1f} ms there, {here[-1] * 1e3:.1f} ms here; {loss:.4f}, {losses[-1]:.4f}"
        )
    share = ratios(here, there)
    print(f"the page trains {show(share)} times as fast as this machine; {size} bytes predict; seen in {painted:.2f} s")
    return {
        "what": "training", "page_seconds": there, "native_seconds": here, "times_as_fast": share,
        "predict_bytes": size, "page_megabytes": path.stat().st_size / 1e6, "first_paint_seconds": painted,
        "ratings": examples.n, "factors": FACTORS,
    }  # fmt: skip


def dragging(browser: Any, folder: Path) -> dict[str, Any]:
    """What one move of a drag takes: everything that is drawn at once, and the map."""
    random = np.random.default_rng(0)
    items = np.arange(1, POINTS)  # and the unknown row
    ratings = pl.DataFrame(
        {"userId": items % 50, "movieId": items, "rating": random.uniform(1, 5, len(items)).round(1)}
    )
    fitted = model().fit(ratings, optimizer="sgd", epochs=1, learning_rate=0.01, batch_size=1, progress=False)
    path = fitted.page(folder / "large.html", data=ratings)
    browser.get(path.as_uri())
    browser.set_script_timeout(120)
    times = browser.execute_async_script(DRAG, DRAGS)[5:]
    figures = {"median": statistics.median(times), "lowest": min(times), "highest": max(times)}
    print(f"{POINTS:,} points: {show(figures, ' ms')} for each move of a drag")
    return {"what": "dragging", "points": POINTS, "milliseconds": times, "page_megabytes": path.stat().st_size / 1e6}


if __name__ == "__main__":
    main()
