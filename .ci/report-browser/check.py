"""Drives a report of many hostile models in headless Chromium: check.py REPORT.html FOLDER

FOLDER gets screenshots for people. Prints a line for each check; the last one is "N passed, N failed".
"""

import json
import pathlib
import sys
import traceback
import urllib.parse

from webdriver import Browser

MODELS = 50_000
# Seconds that a person would call quick are a hundredth of this; a machine that is busy needs more, and work that grows with the square of
# the models takes minutes.
QUICK = 30.0

# The texts of the rows that are in the document: seven cells, of the model its name, and what is tagged.
SHOWN = """
return [...document.querySelectorAll('#rows tr[data-position]')].map((row) => [
  ...[...row.cells].map((cell) => (cell.querySelector('bdi') || cell).textContent),
  [...row.querySelectorAll('.tag')].map((tag) => tag.textContent).join()]);
"""
COUNT = "return document.getElementById('count').textContent"
READY = "return /models, /.test(document.getElementById('count').textContent)"

# The contrast of each text that is seen, by WCAG 2.2: [ratio, text] of those below 4.5, or 3 if it is large.
CONTRAST = """
const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
const rgba = (color) => {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
};
const luminance = ([r, g, b]) => {
  const [x, y, z] = [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const background = (element) => {
  for (let e = element; e; e = e.parentElement) {
    const color = rgba(getComputedStyle(e).backgroundColor);
    if (color[3] > 250) return color;
  }
  return [255, 255, 255, 255];
};
const low = [];
let checked = 0;
for (const element of document.querySelectorAll('body *')) {
  if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
  if (['SCRIPT', 'STYLE', 'OPTION', 'TITLE'].includes(element.tagName) || !element.checkVisibility()) continue;
  const style = getComputedStyle(element);
  const [one, two] = [luminance(rgba(style.color)), luminance(background(element))].sort((a, b) => b - a);
  const ratio = (one + 0.05) / (two + 0.05);
  checked++;
  if (ratio < (parseFloat(style.fontSize) >= 24 ? 3 : 4.5)) low.push([ratio.toFixed(2), element.textContent.slice(0, 40)]);
}
return [checked, low];
"""

# How many rows there are, and the ends of names that are not seen whole.
ENDS = """
const rows = [...document.querySelectorAll('#rows tr[data-position]')];
return [rows.length, rows.filter((row) => {
  const end = row.querySelector('.name .end');
  return end.scrollWidth > end.clientWidth || end.getBoundingClientRect().right > row.cells[1].getBoundingClientRect().right;
}).map((row) => row.cells[1].innerText)];
"""

# Controls that a screen reader could not name.
UNNAMED = """
return [...document.querySelectorAll('button, input, select, a[href], dialog, svg[role=img], section')].filter((element) => {
  const by = element.getAttribute('aria-labelledby');
  const name = element.getAttribute('aria-label') || (by && document.getElementById(by) && document.getElementById(by).textContent)
    || (element.labels && [...element.labels].map((label) => label.textContent).join('')) || element.textContent;
  return !name.trim() && element.id !== 'details';
}).map((element) => element.outerHTML.slice(0, 80));
"""

SET = """
const [id, value] = arguments;
const element = document.getElementById(id);
element.value = value;
element.dispatchEvent(new Event(element.tagName === 'INPUT' ? 'input' : 'change', { bubbles: true }));
"""


class Checks:
    def __init__(self, page, folder):
        self.url = "file://" + urllib.parse.quote(str(page.resolve()))
        self.folder = folder
        self.browser = None

    def load(self):
        self.browser.open(self.url)
        self.browser.until(READY)

    def set(self, control, value):
        self.browser.run(SET, control, value)

    def clear(self):
        self.browser.click("#clear")
        self.browser.until(f"return document.getElementById('count').textContent.startsWith('{MODELS:,} models')")

    def size(self, width, height, mobile=False):
        self.browser.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def media(self, **features):
        media = features.pop("media", "")
        # Colors that fade are not yet what they will be.
        features["reduced_motion"] = "reduce"
        listed = [{"name": "prefers-" + name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.browser.devtools("Emulation.setEmulatedMedia", media=media, features=listed)

    def loads_and_counts(self):
        self.load()
        count = self.browser.run(COUNT)
        assert count.startswith(f"{MODELS:,} models"), count
        assert self.browser.run("return document.querySelectorAll('#rows tr').length") < 120, "all rows are in the document"

    def failed_come_first(self):
        assert {row[0] for row in self.browser.run(SHOWN)} == {"failed"}

    def search_finds(self):
        self.set("search", "checkpoint-49999")
        took = self.browser.until("return document.getElementById('count').textContent.startsWith('1 of ')")
        assert took < QUICK, took
        assert "checkpoint-49999" in self.browser.run(SHOWN)[0][1]
        self.set("search", "speech/<SCRIPT>window.pwned")
        took = self.browser.until("return !document.getElementById('count').textContent.startsWith('1 of ')")
        assert took < QUICK, took
        assert all("<script>window.pwned" in row[1] for row in self.browser.run(SHOWN))
        self.set("search", "no-model-is-called-so")
        self.browser.until("return document.getElementById('count').textContent.startsWith('0 of ')")
        assert self.browser.run(SHOWN) == []
        self.clear()

    def rows_fill_the_view(self):
        """After few rows, many: the table grows, and there are rows for all of it."""
        filled = """
        const box = document.getElementById('scroller').getBoundingClientRect();
        const lines = document.querySelectorAll('#rows tr[data-position]');
        return lines[lines.length - 1].getBoundingClientRect().bottom >= box.bottom - 2;
        """
        self.set("search", "checkpoint-49999")
        self.browser.until("return document.getElementById('count').textContent.startsWith('1 of ')")
        self.clear()
        assert self.browser.run(filled)

    def filters_choose(self):
        for control, value in [("outcome", "ALLOWED_UNSIGNED"), ("reason", "CONTENT_MISMATCH"), ("weakened", "certificate-time"),
                               ("label", "tier=<b>gold</b>")]:
            before = self.browser.run(COUNT)
            self.set(control, value)
            took = self.browser.until("return document.getElementById('count').textContent !== arguments[0]", before)
            assert took < QUICK, (control, took)
            rows = self.browser.run(SHOWN)
            assert rows, control
            if control == "outcome":
                assert {row[0] for row in rows} == {"allowed unsigned"}
            if control == "reason":
                assert {row[2] for row in rows} == {"CONTENT_MISMATCH"}
            if control == "weakened":
                assert all("weakened" in row[7] for row in rows)
            self.clear()
        self.browser.click("#reused")
        self.browser.until("return document.getElementById('count').textContent.startsWith('2,500 of ')")
        self.clear()

    def links_choose(self):
        self.browser.run("document.querySelector('a[data-reason=UNREADABLE]').click()")
        self.browser.until("return document.getElementById('reason').value === 'UNREADABLE'")
        assert {row[2] for row in self.browser.run(SHOWN)} == {"UNREADABLE"}
        self.clear()

    def columns_sort(self):
        for column, cell in [("bytes", 3), ("model", 1), ("finished", 6), ("time", 5), ("reason", 2), ("outcome", 0)]:
            head = f"#grid th[data-column={column}]"
            self.browser.run(f"window.was = document.querySelector('#rows').firstElementChild; document.querySelector('{head} button').click()")
            took = self.browser.until("return document.querySelector('#rows').firstElementChild !== window.was")
            assert took < QUICK, (column, took)
            sort = self.browser.run(f"return document.querySelector('{head}').getAttribute('aria-sort')")
            assert sort in ("ascending", "descending"), (column, sort)
            assert self.browser.run("return document.querySelectorAll('#grid th[aria-sort]').length") == 1
            if column in ("model", "finished"):
                values = [row[cell] for row in self.browser.run(SHOWN)]
                assert values == sorted(values, reverse=sort == "descending"), (column, values[:5])
        self.browser.run("document.querySelector('#grid th[data-column=bytes] button').click()")
        assert self.browser.run(SHOWN)[0][3].endswith("GB")
        self.browser.run("document.querySelector('#grid th[data-column=outcome] button').click()")

    def scrolling_shows_the_last(self):
        self.browser.run("const s = document.getElementById('scroller'); s.scrollTop = s.scrollHeight")
        took = self.browser.until(
            f"return !!document.querySelector('#rows tr[data-position=\"{MODELS - 1}\"]')")
        assert took < QUICK, took
        self.browser.run("document.getElementById('scroller').scrollTop = 0")
        self.browser.until("return !!document.querySelector('#rows tr[data-position=\"0\"]')")

    def keyboard_works(self):
        b = self.browser
        position = "return document.activeElement.dataset.position"
        self.load()
        b.press("Tab")
        assert b.run("return document.activeElement.className") == "skip"
        assert b.run("return document.activeElement.getBoundingClientRect().left") >= 0, "the skip link stays out of sight"
        b.run("document.getElementById('search').focus()")
        for _ in range(40):
            b.press("Tab")
            if b.run(position) is not None:
                break
        assert b.run(position) == "0", "Tab does not reach the rows"
        assert b.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid", "the focus is not seen"
        b.press("ArrowDown")
        b.press("ArrowDown")
        b.press("ArrowUp")
        assert b.run(position) == "1"
        b.press("PageDown")
        assert int(b.run(position)) > 5
        b.press("End")
        assert b.run(position) == str(MODELS - 1)
        b.press("Home")
        assert b.run(position) == "0"
        b.press("Enter")
        b.until("return document.getElementById('details').open")
        assert b.run("return document.getElementById('details').contains(document.activeElement)")
        b.press("Escape")
        b.until("return !document.getElementById('details').open")
        assert b.run(position) == "0", "the focus does not come back to the row"

    def details_are_shown(self):
        self.set("reason", "CONTENT_MISMATCH")
        self.browser.until("return document.getElementById('count').textContent.includes(' of ')")
        for position in range(12):
            self.browser.run("document.querySelector(`#rows tr[data-position='${arguments[0]}']`).click()", position)
            said = self.browser.run("return document.getElementById('details').innerText")
            for part in ("CONTENT_MISMATCH", "weights/model-00001.safetensors", "config.json", "Root digest", "team=team-"):
                assert part in said, (part, said[:300])
            assert self.browser.run("return document.querySelectorAll('#details script, #details img, #details b, #details svg').length") == 0
            self.browser.run("document.getElementById('close').click()")
        self.clear()

    def texts_are_isolated(self):
        self.set("search", "speech/\\u202egpj.exe")
        self.browser.until("return document.getElementById('count').textContent.includes(' of ')")
        assert "\\u202egpj.exe\\u202c" in self.browser.run(SHOWN)[0][1]
        found = self.browser.run(
            "return /[\\u0000-\\u0008\\u000b-\\u001f\\u007f\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff]/"
            ".test(document.body.innerText)")
        assert not found, "a control character is shown"
        self.clear()

    def nothing_was_injected(self):
        assert self.browser.run("return typeof window.pwned") == "undefined"
        assert self.browser.run("return document.querySelectorAll('iframe, img, object, embed, base, form[action]').length") == 0
        assert self.browser.run("return document.querySelectorAll('script').length") == 2
        assert self.browser.run("return document.querySelectorAll('style').length") == 1
        handlers = self.browser.run(
            "return [...document.querySelectorAll('*')].filter((e) => [...e.attributes].some((a) => a.name.startsWith('on'))).length")
        assert handlers == 0

    def policy_refuses_scripts(self):
        """That what was smuggled in would not run, either. The refusal it logs is not counted."""
        self.browser.run(
            "const s = document.createElement('script'); s.textContent = 'window.pwned = 1'; document.body.append(s);"
            "const i = document.createElement('img'); i.src = 'https://example.invalid/'; document.body.append(i)")
        self.nothing_logged(expected="Content Security Policy")
        assert self.browser.run("return typeof window.pwned") == "undefined"
        self.load()

    def controls_have_names(self):
        unnamed = self.browser.run(UNNAMED)
        assert unnamed == [], unnamed
        assert self.browser.run("return document.documentElement.lang") == "en"
        ids = self.browser.run("return [...document.querySelectorAll('[id]')].map((e) => e.id)")
        assert len(ids) == len(set(ids)), ids

    def contrast_is_enough(self):
        for scheme in ("light", "dark"):
            self.media(color_scheme=scheme)
            checked, low = self.browser.run(CONTRAST)
            assert checked > 100, checked
            assert low == [], (scheme, low[:5])
            self.browser.run("document.querySelector('#rows tr[data-position]').click()")
            checked, low = self.browser.run(CONTRAST)
            assert low == [], (scheme, low[:5])
            self.browser.screenshot(self.folder / f"details-{scheme}.png")
            self.browser.run("document.getElementById('close').click()")
        self.media()

    def dark_is_dark(self):
        background = "return getComputedStyle(document.body).backgroundColor"
        self.media(color_scheme="light")
        light = self.browser.run(background)
        self.browser.click("#theme")
        dark = self.browser.run(background)
        assert light != dark
        assert self.browser.run("return document.getElementById('theme').getAttribute('aria-pressed')") == "true"
        self.browser.click("#theme")
        assert self.browser.run(background) == light
        self.browser.run("delete document.documentElement.dataset.theme")
        self.media(color_scheme="dark")
        assert self.browser.run(background) == dark
        self.media()

    def long_names_keep_their_end(self):
        for width in (1400, 1200, 1000):
            self.size(width, 900)
            self.browser.until("return innerWidth === arguments[0]", width)
            rows, cut = self.browser.run(ENDS)
            assert rows > 10, rows
            assert cut == [], (width, cut[:5])
        self.size(1400, 1000)

    def reasons_need_no_room_without_failures(self):
        wide = "return document.querySelector('#grid th.w-model').offsetWidth"
        before = self.browser.run(wide)
        toggle = "document.getElementById('grid').classList.toggle('no-reasons'); window.dispatchEvent(new Event('resize'))"
        self.browser.run(toggle)
        self.browser.until(wide + " > arguments[0] + 150", before)
        self.browser.run(toggle)

    def phone_does_not_overflow(self):
        for width in (320, 375):
            self.size(width, 780, mobile=True)
            self.browser.until("return innerWidth === arguments[0]", width)
            wide = self.browser.run("return document.documentElement.scrollWidth")
            assert wide <= width, (width, wide)
        assert "failed" in self.browser.run("return document.querySelector('#rows tr[data-position] .sub').innerText")
        self.full_screenshot("phone.png", 375, mobile=True)
        self.size(1400, 1000)

    def full_screenshot(self, name, width, mobile=False):
        height = self.browser.run("return document.documentElement.scrollHeight")
        self.size(width, min(height, 5000), mobile)
        self.browser.screenshot(self.folder / name)

    def print_has_failed_models(self):
        self.media(media="print")
        shown = self.browser.run(
            "return ['#explorer', '#failed', '#theme', '.tiles'].map((s) => document.querySelector(s).checkVisibility())")
        assert shown == [False, True, False, True], shown
        assert "The first 200 of " in self.browser.run("return document.getElementById('failed').innerText")
        self.media()
        self.browser.print(self.folder / "print.pdf")

    def pictures(self):
        for scheme in ("light", "dark"):
            self.media(color_scheme=scheme)
            self.full_screenshot(scheme + ".png", 1400)
        self.media()
        self.size(1400, 1000)

    def nothing_logged(self, expected=None):
        lines = [line["message"] for line in self.browser.log("browser")]
        unexpected = [line for line in lines if expected is None or expected not in line]
        assert unexpected == [], unexpected
        assert expected is None or lines, "nothing was refused"

    def nothing_requested(self):
        urls = set()
        for entry in self.browser.log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                urls.add(message["params"]["request"]["url"])
        # What the browser shows before the page is opened is its own.
        assert {url for url in urls if not url.startswith(("data:", "chrome:"))} == {self.url}, urls

    def readable_without_script(self):
        with Browser("--blink-settings=scriptEnabled=false") as browser:
            browser.open(self.url)
            browser.screenshot(self.folder / "no-script.png")
            seen = [browser.call("GET", f"{browser.session}/element/{browser.element(selector)}/displayed")
                    for selector in (".tiles", "#failed table", "#explorer", "#theme")]
            assert seen == [True, True, False, False], seen

    def run(self):
        passed = failed = 0
        names = ["loads_and_counts", "failed_come_first", "search_finds", "rows_fill_the_view", "filters_choose", "links_choose", "columns_sort",
                 "scrolling_shows_the_last", "keyboard_works", "details_are_shown", "texts_are_isolated", "controls_have_names",
                 "contrast_is_enough", "dark_is_dark", "long_names_keep_their_end",
                 "reasons_need_no_room_without_failures", "phone_does_not_overflow", "print_has_failed_models", "pictures",
                 "nothing_was_injected", "nothing_requested", "nothing_logged", "policy_refuses_scripts", "readable_without_script"]
        with Browser() as self.browser:
            self.size(1400, 1000)
            self.media()
            for name in names:
                try:
                    getattr(self, name)()
                    passed += 1
                    print("ok   ", name.replace("_", " "), flush=True)
                except Exception:
                    failed += 1
                    print("FAIL ", name.replace("_", " "))
                    traceback.print_exc(file=sys.stdout)
        print(f"{passed} passed, {failed} failed")
        return failed == 0 and passed == len(names)


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    sys.exit(0 if Checks(pathlib.Path(sys.argv[1]), target).run() else 1)
