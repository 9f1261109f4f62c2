"""File names as people may see them: anything could be in one, nothing in it may act."""

from __future__ import annotations


def visible(text: str) -> str:
    r"""The text with all that a terminal or an editor would act on written out.

    Control characters, ANSI codes, right-to-left marks and odd spaces become escapes such as
    ``\n`` and ``\u202e``; a byte of a file name that is not UTF-8 becomes ``\xff``.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that os.fsdecode could not decode
        return f"\\x{code - 0xDC00:02x}"
    return character.encode("unicode_escape").decode()
