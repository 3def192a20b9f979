"""
The command `frontdesk`. Commands are named by string and imported when they are called: `--help` imports only click.

Data on stdout, people on stderr. Exit codes: 0 done, 1 error, 2 usage, 3 refused by the quality gate,
4 another run holds the lock.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

import click

from bot.lazy import Lazy
from bot.refused import Refused

COMMANDS: Mapping[str, tuple[str, str]] = {
    "demo": ("bot.commands.serving:demo", "Everything, with the bundled shop, on one port."),
    "init": ("bot.commands.setup:init", "Make a new desk to edit."),
    "serve": ("bot.commands.serving:serve", "Serve a desk."),
    "chat": ("bot.commands.chat:chat", "Talk to a desk in the terminal."),
    "import": (
        "bot.commands.importing:import_",
        "Take in past conversations, another bot's data, or documents.",
    ),
    "mine": ("finetune.mining.cli:mine", "Propose intents and answers from past conversations."),
    "topics": (
        "finetune.mining.topics_cli:topics",
        "Look for new topics in unanswered questions, for the console's review.",
    ),
    "lint": ("finetune.cli:lint", "Look examples over before training."),
    "train": ("finetune.cli:train", "Make a Release from examples."),
    "predict": ("finetune.cli:predict", "Read the texts of a file with a Release."),
    "evaluate": ("finetune.cli:evaluate", "Measure a Release on labelled texts."),
    "retrain": (
        "finetune.retrain_cli:retrain",
        "The nightly command: learn, compare, promote if better.",
    ),
    "releases": ("bot.commands.releases:releases", "List, promote and roll back Releases."),
    "explain": ("bot.commands.explain:explain", "Why the bot answered as it did."),
    "label": ("bot.commands.operators:label", "Say what an utterance meant."),
    "review": ("bot.commands.review:review", "What to label next, and taking labels back."),
    "teach": ("bot.commands.teaching:teach", "Teach an answer that serves the next customer."),
    "templates": ("bot.commands.templates:templates", "The answers, version by version."),
    "give-back": ("bot.commands.operators:give_back", "Return a conversation to the bot."),
    "waiting": ("bot.commands.operators:waiting", "The conversations that a person has."),
    "visitor": ("bot.commands.visitors:visitor", "What is kept of one visitor: out, or gone."),
    "report": ("bot.commands.reporting:report", "The weekly report: as a text, a page or a mail."),
    "users": ("bot.commands.users:users", "Who may sign in at the console, and what they changed."),
    "doctor": ("bot.commands.setup:doctor", "Check a desk and this machine."),
}


class Frontdesk(Lazy):
    """The group whose commands may be refused, in a sentence and with an exit code."""

    commands_of = COMMANDS

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Refused as refused:
            click.echo(f"frontdesk: {refused}", err=True)
            ctx.exit(refused.exit_code)


@click.group(cls=Frontdesk, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="frontdesk", message="%(version)s")
def frontdesk() -> None:
    """A customer-service bot that runs on your own machine."""


def main() -> None:
    """The entry point of the package."""
    # Torch's idle threads otherwise spin, and where two programs share the processors (a server, and the retrain
    # beside it) each waits for what the other one burns: three to ten times the time. Read when torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    sys.exit(frontdesk(prog_name="frontdesk"))


if __name__ == "__main__":
    main()
