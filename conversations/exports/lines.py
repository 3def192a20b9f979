"""
Rows of other systems' files, read one by one: a broken row is told with its reason, and the next one is read.

A text comes from `parts.text_of`, in which bytes that are not UTF-8 are still there, as half a sign each.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any

NOT_UTF8 = "not UTF-8"

_ESCAPED = re.compile("[\udc80-\udcff]")  # a byte by `surrogateescape`


def damaged(text: str) -> bool:
    """Whether bytes in it were not UTF-8."""
    return _ESCAPED.search(text) is not None


def json_lines(text: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Yield the object of each line, or why it is none, by the line's number; empty ones are skipped."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, _object(line)


def _object(line: str) -> dict[str, Any] | str:
    if damaged(line):
        return NOT_UTF8
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"not JSON ({getattr(error, 'msg', error)})"
    return found if isinstance(found, dict) else "is not an object"


def csv_rows(text: str) -> Iterator[tuple[int, Sequence[str] | str]]:
    """
    Yield the cells of each row, the header's too, or why it is none, by the line that it begins on; blank ones are skipped.

    After a row that is no CSV, as where a quote is never closed, the next line is taken to begin a row.
    """
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    lines, begins = StringIO(text).readlines(), 0
    while begins < len(lines):
        reader = csv.reader((lines[n] for n in range(begins, len(lines))), strict=True)
        first, read = begins, 0
        try:
            for cells in reader:
                if cells:
                    yield first + read + 1, NOT_UTF8 if damaged("".join(cells)) else cells
                read = reader.line_num
        except csv.Error as error:
            yield first + read + 1, f"not valid CSV ({error})"
            begins = first + read + 1
        else:
            begins = len(lines)
