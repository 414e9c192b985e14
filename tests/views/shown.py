"""A page in a real browser, for tests that look at it and touch it."""


class Shown:
    """A page in the browser."""

    def __init__(self, browser, path, address=""):
        self.browser, self.path = browser, path
        browser.get("about:blank")
        browser.get(f"{path.as_uri()}{address}")

    def ask(self, script):
        return self.browser.execute_script(f"return {script}")

    def text(self, id):
        return self.ask(f"document.getElementById('{id}').innerText")

    def wait(self, condition):
        from selenium.webdriver.support.ui import WebDriverWait

        WebDriverWait(self.browser, 20).until(lambda _: self.ask(condition))

    @property
    def address(self):
        """What the address says; a page writes it a little later than it draws."""
        return self.browser.execute_async_script("setTimeout(() => arguments[0](location.hash), 300)")

    def press(self, selector, *keys):
        self.ask(f"document.querySelector(`{selector}`).focus()")
        from selenium.webdriver import ActionChains

        for key in keys:
            ActionChains(self.browser).send_keys(key).perform()

    def type(self, selector, text):
        self.browser.execute_script(
            "const box = document.querySelector(arguments[0]);"
            "box.value = arguments[1]; box.dispatchEvent(new Event('change'));",
            selector, text,
        )  # fmt: skip

    @property
    def faults(self):
        return [line for line in self.browser.get_log("browser") if line["level"] == "SEVERE"]
