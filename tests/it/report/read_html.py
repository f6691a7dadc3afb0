"""Reads a report's page as a browser does. With a second page, both must have the same elements and attributes: texts make none."""
import base64
import hashlib
import sys

import html5lib

TAGS = set("html head meta title style body header main nav section h1 h2 h3 p ul li a div span table thead tbody tr th td figure figcaption "
           "dl dt dd pre code footer svg rect line polyline circle text polygon".split())
ATTRIBUTES = set("lang charset http-equiv content name class id href title role aria-label "
                 "xmlns width height viewBox x y x1 y1 x2 y2 cx cy r dy points fill stroke stroke-width opacity text-anchor font-family font-size transform font-weight".split())


def local(tag):
    return tag.split("}")[-1]


def shape(path):
    text = open(path, encoding="utf-8").read()
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"))
    page = parser.parse(text)
    assert not parser.errors, parser.errors[:5]
    elements, ids, links = [], [], []
    for element in page.iter():
        if not isinstance(element.tag, str):
            raise AssertionError("a comment stands in the page")
        tag = local(element.tag)
        names = sorted(local(name) for name in element.attrib)
        assert tag in TAGS, f"<{tag}> stands in the page"
        assert set(names) <= ATTRIBUTES, f"<{tag}> has {names}"
        ids += [element.attrib["id"]] if "id" in element.attrib else []
        links += [element.attrib["href"]] if "href" in element.attrib else []
        elements.append((tag, names))
    assert len(ids) == len(set(ids)), "an id stands twice"
    for link in links:
        assert link.startswith("#") and link[1:] in ids, f"{link} leads nowhere"
    styles = [element.text for element in page.iter() if isinstance(element.tag, str) and local(element.tag) == "style"]
    assert len(styles) == 1
    digest = base64.b64encode(hashlib.sha256(styles[0].encode()).digest()).decode()
    policies = [element.attrib["content"] for element in page.iter()
                if isinstance(element.tag, str) and element.attrib.get("http-equiv") == "Content-Security-Policy"]
    assert policies == [f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"], policies
    return elements


told = shape(sys.argv[1])
if len(sys.argv) > 2:
    plain = shape(sys.argv[2])
    # Columns and lines of charts follow numbers alone, and legends names: series of one name are one.
    drawn = {"rect", "polyline", "line", "circle", "text"}
    assert [one for one in told if one[0] not in drawn] == [one for one in plain if one[0] not in drawn], "texts made elements"
