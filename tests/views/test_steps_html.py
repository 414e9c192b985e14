"""The steps as a page: escaped, offline, and driven in a real browser."""

import re

import pytest

from rowwise.views.steps_html import fragment, page
from views.walked import RATED, SENTENCE, biases, bpr, convolution, dot, walked, watched

NASTY = "<script>document.title = 'broken'</script>"


def test_ids_words_and_code_are_escaped():
    html = page({"one": bpr.steps({"userId": NASTY, "movieId": "<b>&"})})
    assert "&lt;script&gt;document.title" in html
    assert NASTY not in html
    assert "<b>&amp;" not in html


def test_nothing_is_fetched_from_outside():
    html = page(watched(biases, RATED, 2))
    assert not re.search(r"(src|href)\s*=|url\(|@import|https?:", html)
    assert "default-src 'none'" in html


def test_a_fragment_has_its_style_and_no_script():
    html = fragment(walked(dot))
    assert "<style>" in html
    assert "<script" not in html
    assert walked(dot)._repr_html_() == html


def test_a_page_of_a_text_is_of_a_size_to_mail():
    assert len(page({"review": walked(convolution)})) < 1_000_000


# In a browser


class Page:
    """A page open in the browser, asked in the words of its reader."""

    def __init__(self, browser, tmp_path, walks):
        self.browser = browser
        path = tmp_path / "steps.html"
        path.write_text(page(walks), encoding="utf-8")
        browser.get(path.as_uri())

    def press(self, *keys):
        from selenium.webdriver import ActionChains  # as a person presses: wherever the page's focus is

        for key in keys:
            ActionChains(self.browser).send_keys(key).perform()

    def ask(self, script):
        return self.browser.execute_script(f"return {script}")

    @property
    def here(self):
        return self.ask("document.querySelector('article:not([hidden]) .here')?.innerText ?? ''")

    @property
    def found(self):
        return self.ask("document.querySelector('.found')?.dataset.name")

    @property
    def requests(self):
        log = [entry["message"] for entry in self.browser.get_log("performance")]
        urls = [re.search(r'"url":"([^"]*)"', line) for line in log if "Network.requestWillBeSent" in line]
        return [url[1] for url in urls if url and url[1].startswith(("http", "ws", "ftp"))]


@pytest.fixture
def open_page(browser, tmp_path):
    return lambda walks: Page(browser, tmp_path, walks)


DOWN, UP, RIGHT, END, ENTER = "\ue015", "\ue013", "\ue014", "\ue010", "\ue007"


def test_keys_walk_from_step_to_step_and_open_them(open_page):
    shown = open_page({"one": walked(dot)})
    shown.press(DOWN)
    assert "userId" in shown.here
    shown.press(*[DOWN] * 5)
    assert "return user @ movie" in shown.here
    assert "dot_general" not in shown.here
    shown.press(ENTER)
    assert "dot_general" in shown.here
    shown.press(UP)
    assert "rating" in shown.here
    shown.press(END)
    assert "movie row 32" in shown.here


def test_a_value_is_followed_to_where_it_came_from_and_where_it_goes(open_page):
    shown = open_page({"one": walked(dot)})
    shown.press(*[DOWN] * 6, "o")  # the line reads user
    assert shown.found == "user"
    assert "row 15 of vocabulary userId" in shown.here
    shown.press("g")
    assert "return user @ movie" in shown.here
    shown.press("g")
    assert "2 (prediction − rating) · user" in shown.here


def test_the_page_plays_through_the_epochs(open_page):
    shown = open_page(watched(biases, RATED, 6))
    label, slider = "document.getElementById('label').textContent", "document.getElementById('when').value"
    assert shown.ask(label) == "epoch 0"
    shown.press(*[DOWN] * 9, RIGHT, RIGHT)
    assert (shown.ask(label), shown.ask(slider)) == ("epoch 2", "2")
    assert "score = user @ movie" in shown.here
    assert shown.ask("document.querySelectorAll('article:not([hidden])').length") == 1
    assert shown.ask("document.querySelectorAll('.course circle').length") == 6


def test_a_nasty_title_shows_as_text_nothing_is_fetched_and_something_is_drawn(open_page):
    shown = open_page({"one": bpr.steps({"userId": NASTY, "movieId": SENTENCE})})
    assert shown.browser.title == "bpr: steps"
    assert NASTY in shown.ask("document.body.innerText")
    assert shown.requests == []
    assert [line for line in shown.browser.get_log("browser") if line["level"] == "SEVERE"] == []
    assert len(shown.browser.get_screenshot_as_png()) > 20_000  # a blank page is a few kilobytes
    colours = shown.ask(
        "new Set([...document.querySelectorAll('.strip rect')].map((r) => getComputedStyle(r).fill)).size"
    )
    assert colours == 2  # above and below 0
