"""
A desk's Releases, side by side under their hashes, and which of them serves.

    releases/<hash>/                    the Releases
    champion -> releases/<hash>         which one serves: a link, replaced by one rename
    releases.jsonl                      every change of the champion, oldest first
    trial.json                          which Release is tried out, and on what share of the conversations

ShelfError    the change cannot be made; the message says why
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from retrieval import lines
from retrieval.manifest import MANIFEST, sync

PROMOTED, ROLLED_BACK = "promoted", "rolled back"


class ShelfError(Exception):
    """There is no such Release, or none to go back to."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """A change of the champion. `why` is PROMOTED or ROLLED_BACK; `because` is a sentence, or empty."""

    at: str
    hash: str
    why: str
    because: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """A Release beside the champion: it answers in a `share` of the conversations, or only looks on where that is 0."""

    hash: str
    share: float


@dataclass(frozen=True, slots=True)
class Shelf:
    """The Releases of the desk in `folder`."""

    folder: Path
    clock: Callable[[], datetime]

    @property
    def releases(self) -> Path:
        return self.folder / "releases"

    @property
    def champion(self) -> Path:
        """The link to the serving Release; dangling or missing where there is none."""
        return self.folder / "champion"

    @property
    def serving(self) -> str:
        """The hash of the champion, empty where there is none."""
        return self.champion.resolve().name if self.champion.is_dir() else ""

    def sealed(self) -> list[str]:
        """Return the hashes of all Releases, the newest first."""
        manifests = list(self.releases.glob(f"[!.]*/{MANIFEST}"))
        manifests.sort(key=lambda manifest: manifest.stat().st_mtime, reverse=True)
        return [manifest.parent.name for manifest in manifests]

    def release(self, prefix: str) -> Path:
        """
        Return the folder of the Release whose hash begins with `prefix`.

        Raises:
            ShelfError: there is none, or there are several.
        """
        match [name for name in self.sealed() if prefix and name.startswith(prefix)]:
            case [name]:
                return self.releases / name
            case []:
                raise ShelfError(f"There is no Release {prefix!r}; see: frontdesk releases list")
            case several:
                raise ShelfError(
                    f"{prefix!r} may be {' or '.join(several)}; give more of the hash."
                )

    def promote(self, release_hash: str, *, why: str = PROMOTED, because: str = "") -> None:
        """
        Make a Release the champion, by one rename; a running server follows within a second.

        The history is written after the link: a crash between leaves the one before on top of the history,
        which is where a rollback then goes.
        """
        if not (self.releases / release_hash / MANIFEST).is_file():
            raise ShelfError(f"{self.releases / release_hash} is not a complete Release.")
        fresh = self.folder / f".champion-{os.getpid()}"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(Path("releases") / release_hash)
        fresh.replace(self.champion)
        sync(self.folder)
        at = self.clock().isoformat(timespec="seconds")
        self._note(Promotion(at, release_hash, why, because))

    @property
    def succeeded(self) -> str:
        """The Release that the champion took over from by a promotion; empty for the first, and after a rollback."""
        changes = self.promotions()
        standing = _standing(changes)
        promoted = changes and changes[-1].why == PROMOTED and changes[-1].hash == self.serving
        return standing[-2] if promoted and len(standing) > 1 else ""

    @property
    def left_behind(self) -> frozenset[str]:
        """The Releases that a rollback took out of service, and that were not promoted again since."""
        left, serving = set[str](), ""
        for change in self.promotions():
            if change.why == ROLLED_BACK:
                left.add(serving)
            else:
                left.discard(change.hash)
            serving = change.hash
        return frozenset(left)

    @property
    def trial(self) -> Trial | None:
        """What is tried out; nothing where no whole Release is."""
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            row = json.loads((self.folder / "trial.json").read_text(encoding="utf-8"))
            found = Trial(str(row["hash"]), float(row["share"]))
            if (self.releases / found.hash / MANIFEST).is_file() and 0 <= found.share <= 1:
                return found
        return None

    def try_out(self, release_hash: str, share: float) -> None:
        """
        Try a Release out beside the champion; a running server follows within a second.

        Raises:
            ShelfError: it is not complete, or is the champion.
        """
        if not (self.releases / release_hash / MANIFEST).is_file():
            raise ShelfError(f"{self.releases / release_hash} is not a complete Release.")
        if release_hash == self.serving:
            raise ShelfError(f"{release_hash} is the champion: there is nothing to try out.")
        fresh = self.folder / f".trial-{os.getpid()}"
        fresh.write_text(json.dumps(asdict(Trial(release_hash, share))) + "\n", encoding="utf-8")
        fresh.replace(self.folder / "trial.json")

    def end_trial(self) -> bool:
        """End the trial; false where there was none."""
        found = (self.folder / "trial.json").exists()
        (self.folder / "trial.json").unlink(missing_ok=True)
        return found

    def rollback(
        self, intact: Callable[[Path], bool] = lambda release: True, *, because: str = ""
    ) -> str:
        """
        Return to the Release that served before, and again to the one before that.

        Args:
            intact: asked of each; one that is not is passed over.
            because: the reason, for the history.

        Raises:
            ShelfError: no earlier one is left.
        """
        now = self.serving
        for earlier in reversed(_standing(self.promotions())):
            folder = self.releases / earlier
            if earlier != now and (folder / MANIFEST).is_file() and intact(folder):
                self.promote(earlier, why=ROLLED_BACK, because=because)
                return earlier
        raise ShelfError("There is no earlier Release to go back to.")

    def promotions(self) -> list[Promotion]:
        """Return the changes of the champion, oldest first; a half-written last line is no change."""
        found = []
        for row in lines.rows(self.folder / "releases.jsonl"):
            with contextlib.suppress(TypeError, KeyError):
                because = row.get("because", "")
                found.append(Promotion(row["at"], row["hash"], row["why"], because))
        return found

    def _note(self, promotion: Promotion) -> None:
        lines.append(self.folder / "releases.jsonl", asdict(promotion))


def _standing(promotions: list[Promotion]) -> list[str]:
    """Return the champions that a rollback can go back through, the current one last."""
    standing: list[str] = []
    for promotion in promotions:
        if promotion.why == ROLLED_BACK and promotion.hash in standing:
            while standing[-1] != promotion.hash:
                standing.pop()
        elif standing[-1:] != [promotion.hash]:
            standing.append(promotion.hash)
    return standing
