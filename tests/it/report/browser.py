"""Looks at reports as a person does: in Chromium, wide and on a phone, by day and by night, on screen and on paper.

Usage: browser.py CHROMIUM FOLDER PAGE...; a picture of each look is put into FOLDER.
"""

import os
import pathlib
import sys

from playwright.sync_api import Error, sync_playwright

WIDTHS = {"desktop": 1280, "tablet": 768, "phone": 390, "narrow": 320}

# Readers have other fonts than whoever wrote the page: all is looked at in this machine's own, and again in the widest of the usual ones.
WIDEST = pathlib.Path("/usr/share/fonts/truetype/dejavu")
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>"""

# What cannot be read: text whose contrast is below WCAG's AA (4.5, or 3 where it is large), that is smaller than told, that leaves its drawing, or
# that lies on other text of the drawing.
LOOK = """smallest => {
  const faults = [];
  const rgba = text => { const n = text.match(/[\\d.]+/g).map(Number); return [n[0], n[1], n[2], n.length > 3 ? n[3] : 1]; };
  const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const light = c => { const l = c.slice(0, 3).map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * l[0] + 0.7152 * l[1] + 0.0722 * l[2]; };
  const ground = element => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) { layers.push(rgba(getComputedStyle(at).backgroundColor)); if (layers.at(-1)[3] === 1) break; }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const told = element => element.textContent.trim().slice(0, 60);
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) faults.push(`the page is ${root.scrollWidth} wide in a window of ${innerWidth}`);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !element.getClientRects().length) continue;
    const style = getComputedStyle(element);
    const drawn = element instanceof SVGElement;
    const colour = over(rgba(drawn ? style.fill : style.color), ground(element));
    const [a, b] = [light(colour), light(ground(element))].sort((x, y) => y - x);
    const size = drawn ? element.getBoundingClientRect().height / 1.3 : parseFloat(style.fontSize);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (size >= 24 ? 3 : 4.5)) faults.push(`contrast ${ratio.toFixed(2)}: ${told(element)}`);
    if (!drawn && size < smallest) faults.push(`${size} px: ${told(element)}`);
  }
  for (const drawing of document.querySelectorAll("svg")) {
    const frame = drawing.getBoundingClientRect();
    const texts = [...drawing.querySelectorAll("text")].filter(text => text.textContent.trim()).map(text => [text, text.getBoundingClientRect()]);
    texts.forEach(([text, box], at) => {
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1) faults.push(`leaves its drawing: ${told(text)}`);
      for (const [other, beside] of texts.slice(at + 1)) {
        const [x, y] = [Math.min(box.right, beside.right) - Math.max(box.left, beside.left), Math.min(box.bottom, beside.bottom) - Math.max(box.top, beside.top)];
        if (x > 1 && y > box.height / 3) faults.push(`"${told(text)}" lies on "${told(other)}"`);
      }
    });
  }
  for (const link of document.querySelectorAll("a[href]")) {
    const to = link.getAttribute("href");
    if (!to.startsWith("#")) faults.push(`a link leaves the page: ${to}`);
    else if (!document.getElementById(decodeURIComponent(to.slice(1)))) faults.push(`a link leads nowhere: ${to}`);
  }
  return [...new Set(faults)];
}"""


def look(browser, page_file, folder, name, width, **how):
    context = browser.new_context(viewport={"width": width, "height": 900}, **how)
    page = context.new_page()
    faults = []
    page.on("console", lambda message: faults.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on("request", lambda request: None if request.url == page_file.as_uri() else faults.append(f"asks for {request.url}"))
    page.goto(page_file.as_uri())
    faults += page.evaluate(LOOK, 10)
    try:
        page.screenshot(path=folder / f"{name}.png", full_page=True)
    except Error as error:
        # The picture is for people. That a machine has no memory for it says nothing about the page; anything else does.
        if "Unable to capture screenshot" not in error.message:
            raise
        print(f"no picture of {name}: the browser could not take it")
    context.close()
    return faults


def printed(browser, page_file, folder, name):
    """On A4, by a browser that is in the dark: black on white, and nothing so wide that the browser makes all of it smaller."""
    context = browser.new_context(viewport={"width": 1032, "height": 700}, color_scheme="dark")
    page = context.new_page()
    page.goto(page_file.as_uri())
    page.emulate_media(media="print")
    faults = page.evaluate(LOOK, 7)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    if paper not in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"):
        faults.append(f"the paper is {paper}")
    pdf = page.pdf(path=folder / f"{name}.pdf", format="A4", prefer_css_page_size=True)
    if not pdf.startswith(b"%PDF") or pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") == 0:
        faults.append("there is no page")
    context.close()
    return faults


def fonts(folder):
    """Environments with the fonts of this machine, and with wide ones alone."""
    if not (WIDEST / "DejaVuSans.ttf").is_file():
        sys.exit(f"there is no DejaVuSans.ttf in {WIDEST}: apt-get install fonts-dejavu-core")
    wide = folder / "fonts.conf"
    wide.write_text(FONTS.format(fonts=WIDEST, cache=folder / "fonts"))
    return {"own": {}, "wide": {"FONTCONFIG_FILE": str(wide)}}


def main():
    chromium, folder, pages = sys.argv[1], pathlib.Path(sys.argv[2]), [pathlib.Path(page).resolve() for page in sys.argv[3:]]
    folder.mkdir(parents=True, exist_ok=True)
    faults, count = [], 0
    with sync_playwright() as playwright:
        for font, settings in fonts(folder).items():
            # The pages are ours, and a container's root may not make a sandbox; its shared memory may be too small for a long page.
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"], env={**os.environ, **settings})
            for number, page_file in enumerate(pages):
                looks = []
                for device, width in WIDTHS.items():
                    # Colours do not depend on letters.
                    for scheme in ("light", "dark") if font == "own" else ("light",):
                        name = f"{number}-{device}-{scheme}-{font}"
                        looks.append((name, look(browser, page_file, folder, name, width, color_scheme=scheme)))
                looks.append((f"{number}-print-{font}", printed(browser, page_file, folder, f"{number}-print-{font}")))
                faults += [f"{name}: {fault}" for name, found in looks for fault in found]
                count += len(looks)
            browser.close()
    for fault in faults:
        print(fault)
    print(f"looked at {len(pages)} pages in {count // len(pages)} ways each")
    sys.exit(1 if faults else 0)


main()
