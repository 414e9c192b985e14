"""Ratings and titles to show in a workbook."""

import shutil

import polars as pl
import pytest

from views.shown import Shown


@pytest.fixture(scope="session")
def ratings():
    """Some 50 of the 72 ratings; user 1 and film 0 have most."""
    pairs = [(user, film) for user in range(1, 10) for film in range(8) if (user * film) % 4 != 3 or user == 1]
    rows = [(user, f"film {film}", 1 + (user * 3 + film * 5) % 9 / 2) for user, film in pairs if user + film < 15]
    return pl.DataFrame(rows, schema=["userId", "filmId", "rating"], orient="row")


@pytest.fixture
def titles():
    return pl.DataFrame({"filmId": [f"film {k}" for k in range(8)], "title": [f"The film {k}" for k in range(8)]})


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """Headless Chromium; every key goes to the page's body."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and driver):
        pytest.skip("no browser: apt-get install chromium chromium-driver")
    webdriver = pytest.importorskip("selenium.webdriver", reason="pip install selenium")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    for argument in (
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1000,1200",
        f"--user-data-dir={tmp_path_factory.mktemp('chromium')}",
    ):  # fmt: skip
        options.add_argument(argument)
    chrome = webdriver.Chrome(options, webdriver.ChromeService(driver))
    chrome.execute_cdp_cmd("Emulation.setFocusEmulationEnabled", {"enabled": True})  # no other window has it
    yield chrome
    chrome.quit()


@pytest.fixture
def open_page(browser, tmp_path):
    def opened(fitted, address="", **options):
        return Shown(browser, fitted.page(tmp_path / "model.html", **options), address)

    return opened
