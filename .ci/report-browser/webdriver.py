"""As much of W3C WebDriver as the checks need, with chromedriver, over plain HTTP on loopback."""

import base64
import contextlib
import json
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"ArrowDown": "\ue015", "ArrowUp": "\ue013", "End": "\ue010", "Home": "\ue011", "PageDown": "\ue00f", "PageUp": "\ue00e",
        "Enter": "\ue007", "Escape": "\ue00c", "Tab": "\ue004"}


class Browser:
    """A headless Chromium with a profile of its own, which ends with the `with` block."""

    def __init__(self, *arguments):
        self.stack = contextlib.ExitStack()
        self.profile = tempfile.mkdtemp(prefix="countersign-chromium-")
        self.stack.callback(shutil.rmtree, self.profile, ignore_errors=True)
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.stack.callback(self.end_driver)
        self.url = f"http://127.0.0.1:{self.port()}"
        options = {
            "args": ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
                     "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1400,1000",
                     f"--user-data-dir={self.profile}", *arguments]}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options,
                  "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        made = self.call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self.session = "/session/" + made["sessionId"]
        self.post("/timeouts", {"script": 60_000, "pageLoad": 120_000})

    def port(self):
        for line in self.driver.stdout:
            if "successfully on port" in line:
                return int(line.split("port")[-1].strip(" .\n"))
        raise RuntimeError("chromedriver did not start")

    def end_driver(self):
        self.driver.terminate()
        try:
            self.driver.wait(10)
        except subprocess.TimeoutExpired:
            self.driver.kill()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(Exception):
            self.call("DELETE", self.session)
        self.stack.close()

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=180) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {error.read().decode()[:600]}") from None

    def post(self, path, body):
        return self.call("POST", self.session + path, body)

    def open(self, url):
        self.post("/url", {"url": url})

    def run(self, script, *arguments):
        return self.post("/execute/sync", {"script": script, "args": list(arguments)})

    def until(self, script, *arguments, seconds=180):
        """Waits until the script returns what is true; returns how long that took, in seconds."""
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            if self.run(script, *arguments):
                return time.monotonic() - start
            time.sleep(0.01)
        raise AssertionError(f"never true: {script} {arguments}")

    def element(self, selector):
        return self.post("/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self.post(f"/element/{self.element(selector)}/click", {})

    def type(self, selector, text):
        self.post(f"/element/{self.element(selector)}/value", {"text": text})

    def press(self, key):
        value = KEYS.get(key, key)
        actions = [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        self.post("/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def devtools(self, command, **parameters):
        return self.post("/goog/cdp/execute", {"cmd": command, "params": parameters})

    def log(self, kind):
        return self.post("/se/log", {"type": kind})

    def screenshot(self, file):
        file.write_bytes(base64.b64decode(self.call("GET", self.session + "/screenshot")))

    def print(self, file):
        file.write_bytes(base64.b64decode(self.post("/print", {"page": {"width": 21.0, "height": 29.7}})))
