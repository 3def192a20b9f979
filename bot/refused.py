"""The expected no: said to a person in one sentence, without a traceback."""

from __future__ import annotations


class Refused(Exception):
    """
    A command cannot do what it was asked, for a reason that its one sentence names with the way out.

    `exit_code`: 1 error, 3 refused by the quality gate, 4 another run holds the lock.
    """

    def __init__(self, sentence: str, *, exit_code: int = 1) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code
