"""The page is for everyone: names and roles, contrast, narrow and dark screens, the keyboard alone."""

import polars as pl
import pytest

import rowwise as rw
from untrained import two_keys

CHECK = """
const found = [], say = (element, what) => found.push(`${what}: ${element.outerHTML.slice(0, 120)}`);
const all = [...document.body.querySelectorAll("*")].filter((element) => element.checkVisibility());

// Names: whatever can be used says what it is, and what it shows is a part of that.
const textOf = (element) => (element?.innerText ?? element?.textContent ?? "").trim();
const nameOf = (element) => element.getAttribute("aria-label") || [...(element.labels ?? [])].map(textOf).join(" ") || textOf(element);
for (const element of all) {
  const isUsed = element.matches("button, a, input, select, textarea, summary, [tabindex], [role=img], meter, progress");
  if (isUsed && !nameOf(element)) say(element, "no name");
  const seen = textOf(element);
  if (element.matches("button[aria-label], a[aria-label]") && seen.length > 1 && !element.getAttribute("aria-label").includes(seen)) say(element, "a name without what is seen");
  if (element.matches("[role=slider], [role=spinbutton]") && !element.hasAttribute("aria-valuenow")) say(element, "no value");
  if (element.matches("[role=spinbutton], [role=slider], [role=button]") && element.tabIndex < 0) say(element, "out of the keyboard's reach");
}
const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
ids.filter((id, k) => ids.indexOf(id) !== k).forEach((id) => found.push(`two of id ${id}`));
for (const element of document.querySelectorAll("[aria-labelledby]"))
  if (!document.getElementById(element.getAttribute("aria-labelledby"))) say(element, "named by nothing");
const levels = [...document.querySelectorAll("h1, h2, h3")].filter((h) => h.checkVisibility()).map((h) => Number(h.tagName[1]));
levels.forEach((level, k) => k && level > levels[k - 1] + 1 && found.push(`a heading of level ${level} after ${levels[k - 1]}`));

// Contrast of text with what is behind it: 4.5, of large text 3. Source: WCAG 2.2, 1.4.3.
const colour = (text) => {
  const numbers = text.match(/[-+.e0-9]+/g)?.map(Number) ?? [0, 0, 0, 0];
  const [r, g, b] = text.startsWith("color") ? numbers.slice(0, 3).map((x) => 255 * x) : numbers;
  return [r, g, b, numbers[3] ?? 1];
};
const over = ([r, g, b, a], under) => [r, g, b].map((x, k) => x * a + under[k] * (1 - a));
const behind = (element) => (element ? over(colour(getComputedStyle(element).backgroundColor), behind(element.parentElement)) : over([255, 255, 255, 1], [0, 0, 0]));
const light = (rgb) => rgb.map((x) => x / 255).map((x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4)).reduce((sum, x, k) => sum + x * [0.2126, 0.7152, 0.0722][k], 0);
for (const element of all) {
  const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  if (!hasText || element.closest("svg, [aria-hidden=true], :disabled")) continue;
  const style = getComputedStyle(element), back = behind(element), [x, y] = [light(over(colour(style.color), back)), light(back)];
  const ratio = (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05), isLarge = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
  if (ratio < (isLarge ? 3 : 4.5)) say(element, `contrast ${ratio.toFixed(2)}`);
}
if (document.documentElement.scrollWidth > innerWidth) found.push(`wider than the screen: ${document.documentElement.scrollWidth}`);
return found;
"""  # noqa: E501


@pytest.fixture
def screen(browser):
    """A screen of some width, in light or dark; afterwards it is what it was."""

    def of(width, scheme):
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    yield of
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def of_texts():
    frame = pl.DataFrame({"text": ["a good film", "a bad film"] * 9, "label": ["yes", "no"] * 9})
    return rw.TextClassifier(seed=0).fit(frame["text"], frame["label"]).fitted_, frame


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_all_that_can_be_used_has_a_name_and_all_that_is_read_stands_out(open_page, screen, ratings, width, scheme):
    screen(width, scheme)
    shown = open_page(two_keys(factors=12), "#user=4&item=film+2&line=2&tour=4&do=set:user:4:0:1", data=ratings)
    shown.ask("document.getElementById('tour-part').open = true")
    shown.wait("document.querySelector('#why ol')")
    shown.ask("document.querySelector('#errors button').click()")
    shown.wait("document.getElementById('errors').innerText.includes('the worst')")
    assert shown.browser.execute_script(CHECK) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_so_it_is_with_texts(open_page, screen, width, scheme):
    screen(width, scheme)
    fitted, frame = of_texts()
    shown = open_page(fitted, "#text=a+good+but+unheard+film&word=1", data=frame)
    shown.wait("document.getElementById('without')")
    assert shown.browser.execute_script(CHECK) == []


TAB, UP, RIGHT, ENTER = "\ue004", "\ue013", "\ue014", "\ue007"


def test_by_the_keyboard_alone_a_number_is_found_and_pushed_a_step_taken_and_all_taken_back(open_page, ratings):
    from selenium.webdriver import ActionChains

    shown = open_page(two_keys(), "#user=4&item=film+2", data=ratings)

    def press(*keys):
        for key in keys:
            ActionChains(shown.browser).send_keys(key).perform()

    def go_to(hold):
        for _ in range(150):
            if shown.ask("document.activeElement.dataset.hold") == hold:
                return
            press(TAB)
        raise AssertionError(f"no way to {hold}")

    def prediction():
        return float(shown.text("prediction").replace("−", "-"))

    begun = prediction()
    go_to("term user_bias")
    press(UP, UP, UP)
    assert prediction() == pytest.approx(begun + 0.03, abs=1e-3)
    assert shown.ask("document.activeElement.dataset.hold") == "term user_bias"  # where one was
    go_to("row user 4")
    press(RIGHT, UP)
    assert "user[1] by 0.01" in shown.text("nudged")
    go_to("learn 10")
    press(ENTER)
    assert "10 steps taken" in shown.text("update")
    shown.ask("document.activeElement.blur()")
    go_to("reset")
    press(ENTER)
    assert prediction() == begun


def test_a_person_who_wants_no_motion_gets_none(open_page, browser, ratings):
    features = [{"name": "prefers-reduced-motion", "value": "reduce"}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    shown = open_page(two_keys(), "#user=4&item=film+2", data=ratings)
    moving = "[...document.querySelectorAll('*')].filter((e) => parseFloat(getComputedStyle(e).transitionDuration) > 0)"
    assert shown.ask(f"{moving}.length") == 0
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
