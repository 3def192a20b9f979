"""`frontdesk import pages`, run as a command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from bot.cli import frontdesk


def run(desk: Path, *words: object) -> Result:
    """Import into a desk; the words are what stands after `import pages`."""
    return CliRunner().invoke(frontdesk, ["import", "pages", "--desk", str(desk), *map(str, words)])


def done(desk: Path, *words: object) -> dict[str, Any]:
    """Import, which has to work, and return the summary."""
    result = run(desk, "--json", *words)
    assert result.exit_code == 0, result.output
    summary: dict[str, Any] = json.loads(result.stdout)
    return summary
