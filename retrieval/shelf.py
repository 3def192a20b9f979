"""
A desk's Releases, side by side under their hashes, and which of them serves.

    releases/<hash>/                    the Releases
    champion -> releases/<hash>         which one serves: a link, replaced by one rename
    releases.jsonl                      every change of the champion, oldest first
    candidates.jsonl                    what became of the others: held, refused, removed
    trial.json                          which Release is tried out, and on what share of the conversations

ShelfError    the change cannot be made; the message says why
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from retrieval import lines, locks
from retrieval.manifest import MANIFEST, sync
from retrieval.marks import Mark, Standing, marks, note

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
                raise ShelfError(self._missing(prefix))
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
        with locks.alone(self.releases, wait=True):  # or it could be removed between look and link
            self._refuse_incomplete(release_hash)
            fresh = self.folder / f".champion-{os.getpid()}"
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(Path("releases") / release_hash)
            fresh.replace(self.champion)
        sync(self.folder)
        self._note(Promotion(self._now(), release_hash, why, because))
        if release_hash in self.marks:
            self.mark(release_hash, Standing.PROMOTED)

    @property
    def marks(self) -> dict[str, Mark]:
        """How those stand that were held, refused or removed, by their hashes."""
        return marks(self.folder)

    @property
    def waiting(self) -> dict[str, Mark]:
        """Of these, those that stand there to be looked at: candidates, and what the gate refused."""
        kinds = (Standing.HELD, Standing.REFUSED)
        found = self.marks.items()
        return {h: mark for h, mark in found if mark.standing in kinds and self._whole(h)}

    def mark(self, release_hash: str, standing: Standing, because: str = "") -> None:
        """Write down how a Release stands, where that is new."""
        before = self.marks.get(release_hash)
        if before is None or (before.standing, before.because) != (standing, because):
            note(self.folder, Mark(self._now(), release_hash, standing, because))

    @property
    def needed(self) -> frozenset[str]:
        """The Releases that must stay: the champion, the one that a rollback goes to, and the one on trial."""
        serving, trial = self.serving, self.trial
        earlier = [h for h in _standing(self.promotions()) if h != serving and self._whole(h)]
        return frozenset([serving, *earlier[-1:], *([trial.hash] if trial else [])])

    def remove(self, release_hash: str, because: str) -> bool:
        """
        Take a Release off the shelf, unless it is needed or somebody is loading it.

        It goes by one rename, so that it is never seen half-deleted; what has opened its files keeps them.
        """
        folder = self.releases / release_hash
        gone = self.releases / f".gone-{release_hash}-{os.getpid()}"
        with locks.alone(self.releases, wait=True), locks.alone(folder, wait=False) as free:
            if not free or release_hash in self.needed or not self._whole(release_hash):
                return False
            folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
        self.mark(release_hash, Standing.REMOVED, because)
        return True

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
            if self._whole(found.hash) and 0 <= found.share <= 1:
                return found
        return None

    def try_out(self, release_hash: str, share: float) -> None:
        """
        Try a Release out beside the champion; a running server follows within a second.

        Raises:
            ShelfError: it is not complete, or is the champion.
        """
        with locks.alone(self.releases, wait=True):
            self._refuse_incomplete(release_hash)
            if release_hash == self.serving:
                raise ShelfError(f"{release_hash} is the champion: there is nothing to try out.")
            row = json.dumps(asdict(Trial(release_hash, share)))
            fresh = self.folder / f".trial-{os.getpid()}"
            fresh.write_text(row + "\n", encoding="utf-8")
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

    def _missing(self, prefix: str) -> str:
        gone = [m for m in self.marks.values() if m.standing is Standing.REMOVED]
        for mark in gone if prefix else ():
            if mark.hash.startswith(prefix):
                return f"Release {mark.hash} was removed on {mark.at}: {mark.because}."
        return f"There is no Release {prefix!r}; see: frontdesk releases list"

    def _whole(self, release_hash: str) -> bool:
        return bool(release_hash) and (self.releases / release_hash / MANIFEST).is_file()

    def _refuse_incomplete(self, release_hash: str) -> None:
        if not (self.releases / release_hash / MANIFEST).is_file():
            raise ShelfError(f"{self.releases / release_hash} is not a complete Release.")

    def _now(self) -> str:
        return self.clock().isoformat(timespec="seconds")

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
