"""Reads a report's Markdown as GitHub does, and compares its shape with that of a plain one: texts make no elements."""
import sys

from markdown_it import MarkdownIt

reader = MarkdownIt("gfm-like", {"linkify": False})


def shape(path):
    found = []
    for token in reader.parse(open(path, encoding="utf-8").read()):
        assert token.type not in ("html_block",), token.content[:80]
        if token.type == "inline":
            for child in token.children:
                assert child.type not in ("html_inline", "image"), child.content[:80]
                if child.type == "link_open":
                    assert child.attrs["href"].startswith("#"), child.attrs
                found.append(child.type)
        else:
            found.append(token.type)
    # How often a text goes on after an escape says nothing.
    return [kind for kind in found if kind not in ("text", "text_special", "softbreak")]


assert shape(sys.argv[1]) == shape(sys.argv[2]), "texts made elements"
