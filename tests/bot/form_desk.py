"""A desk with forms, made small: `order` begins one of two slots, `return` one without a lookup."""

from __future__ import annotations

from pathlib import Path

from bot.config import read_settings
from bot.form_files import read_forms
from bot.forms import Forms

TOML = "name = 'Test'\n[patterns]\norder_number = 'PP-\\d{6}'\n"

YAML = """
forms:
  order:
    intent: order_status
    opening: {en: Let me look., de: Ich schaue nach.}
    slots:
      order_number:
        kind: order_number
        ask: {en: "Which number?", de: "Welche Nummer?"}
        invalid: It looks like PP-204817.
      email: {kind: email, ask: "Which e-mail address?"}
    closing: "{{ order_number }} for {{ email }}."
  giving_back:
    intent: return_item
    slots:
      order_number: {kind: order_number, ask: "Which order goes back?"}
      reason: {choices: [Too small, Too big, Broken], ask: "Why?"}
      pieces: {kind: number, ask: "How many pieces?"}
      day: {kind: date, ask: "When did it come?"}
      note: {ask: "Anything else?", optional: true}
    closing: "{{ order_number }}: {{ pieces }} pieces, {{ reason }}, {{ day }}. {{ note }}"
  repair:
    intent: repair_status
    slots:
      email: {kind: email, ask: "Where do we write to?"}
    closing: "A colleague writes to {{ email }}."
    hands_off: true
"""


def forms_in(folder: Path, yaml: str = YAML, toml: str = TOML) -> Forms:
    """Write a desk's two files and read its forms."""
    folder.mkdir(exist_ok=True)
    (folder / "desk.toml").write_text(toml, encoding="utf-8")
    (folder / "forms.yaml").write_text(yaml, encoding="utf-8")
    return read_forms(folder, read_settings(folder / "desk.toml"))
