"""
A Dialogflow ES agent as it is exported: a zip, or the folder that was in it.

`intents/NAME.json` holds an intent and what is answered, `intents/NAME_usersays_LANG.json` its training phrases, whose parts
are joined. The phrases of a fallback intent are out of scope. Parameters, contexts and fulfilment stay behind.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from conversations.values import field, listed
from finetune.otherbots.found import Found, NoProject
from retrieval.prediction import OUT_OF_SCOPE

PHRASES = re.compile(r"(?P<intent>.+)_usersays_(?P<language>[\w-]+)$")
FILLED_IN = re.compile(r"[$#][\w.-]+")  # $parameter and #context.parameter in an answer
LARGEST = 50 * 2**20  # bytes of one file unpacked; an agent's own limits are far below


def read(path: Path) -> Found:
    """
    Return the examples and answers of an agent.

    Raises:
        NoProject: no agent there.
    """
    found = Found()
    files = dict(_files(path, found))
    intents: dict[str, str] = {}  # a file's name may leave out what a file's name cannot hold
    for name, content in files.items():
        if not PHRASES.match(name.stem) and (intent := _parsed(name, content, found)):
            outside = field(intent, "fallbackIntent")
            intents[name.stem] = (
                OUT_OF_SCOPE if outside else str(field(intent, "name") or name.stem)
            )
            if not outside:
                _answers(found, intent, intents[name.stem], name)
    for name, content in files.items():
        if phrases := PHRASES.match(name.stem):
            meant = intents.get(phrases["intent"], phrases["intent"])
            _phrases(found, _parsed(name, content, found), meant, name)
    if not found.examples:
        raise NoProject(
            f"{path} holds no Dialogflow agent: no intents/NAME_usersays_LANGUAGE.json with phrases"
            + "".join(f"; {problem}" for problem in found.problems[:1])
        )
    return found


def _files(path: Path, found: Found) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Yield the files of the folder `intents`, by name; nothing is unpacked onto the disk."""
    if path.is_dir():
        for file in sorted(path.glob("intents/*.json")):
            yield PurePosixPath("intents", file.name), file.read_bytes()
        return
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in sorted(archive.infolist(), key=lambda entry: entry.filename):
                name = PurePosixPath(entry.filename)
                if name.parent.name != "intents" or name.suffix != ".json":
                    continue
                if entry.file_size > LARGEST:
                    found.problem(str(name), f"is larger than {LARGEST >> 20} MB unpacked")
                else:
                    yield name, archive.read(entry)
    except (OSError, zipfile.BadZipFile, RuntimeError) as error:  # the last: it is encrypted
        raise NoProject(f"{path} is no readable zip: {error}") from error


def _parsed(name: PurePosixPath, content: bytes, found: Found) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        found.problem(str(name), f"not JSON ({getattr(error, 'msg', error)})")
        return None


def _phrases(found: Found, phrases: Any, intent: str, name: PurePosixPath) -> None:
    for number, phrase in enumerate(phrases if isinstance(phrases, list) else [], start=1):
        parts = [field(part, "text") for part in listed(field(phrase, "data"))]
        text = "".join(part for part in parts if isinstance(part, str)).strip()
        if text:
            found.example(text, intent, f"{name}, phrase {number}")
        else:
            found.problem(f"{name}, phrase {number}", "has no text")


def _answers(found: Found, intent: Any, called: str, name: PurePosixPath) -> None:
    """Take the first text that the agent answers with; the others say the same in other words or languages."""
    for text in _speech(intent):
        if filled := sorted(set(FILLED_IN.findall(text))):
            found.problem(str(name), f"its answer fills in {', '.join(filled)}; write it by hand")
        else:
            found.answer(called, text, str(name))
        return


def _speech(intent: Any) -> Iterator[str]:
    for response in listed(field(intent, "responses")):
        for message in listed(field(response, "messages")):
            speech = field(message, "speech")
            for text in [speech] if isinstance(speech, str) else listed(speech):
                if isinstance(text, str) and text.strip():
                    yield text
