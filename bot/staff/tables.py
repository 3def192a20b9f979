"""The file staff.db: its tables, as steps that are applied once, and how it is opened, its owner's alone."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from sqlite_utils import Database, Migrations

from bot.staff.errors import damaged, translated
from conversations.migrations import unknown

MIGRATIONS = Migrations("staff")
PATIENCE = 5.0  # seconds that one process waits for another's write
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")

# Times are seconds since 1970, so that they compare. Of tokens and recovery codes a hash alone is kept. Nobody is
# removed, so that a name in the log or in `audit` stays one person's; `key` is the name without regard to case.
FIRST = """
CREATE TABLE users (
  name TEXT PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  password TEXT NOT NULL,
  secret TEXT NOT NULL DEFAULT '',
  step INTEGER NOT NULL DEFAULT 0,
  disabled INTEGER NOT NULL DEFAULT 0,
  preferences TEXT NOT NULL DEFAULT '{}',
  added REAL NOT NULL
) STRICT;

CREATE TABLE recovery_codes (
  name TEXT NOT NULL REFERENCES users (name),
  code TEXT NOT NULL,
  PRIMARY KEY (name, code)
) STRICT;

CREATE TABLE sessions (
  token TEXT PRIMARY KEY,
  name TEXT NOT NULL REFERENCES users (name),
  begun REAL NOT NULL,
  seen REAL NOT NULL,
  network TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_of_user ON sessions (name);

CREATE TABLE audit (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  who TEXT NOT NULL,
  via TEXT NOT NULL,
  network TEXT NOT NULL,
  what TEXT NOT NULL,
  subject TEXT NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX audit_signed_in ON audit (who, network) WHERE what = 'signed in';
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_remains BEFORE DELETE ON audit
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
-- INSERT OR REPLACE deletes without telling the trigger above.
CREATE TRIGGER audit_grows BEFORE INSERT ON audit
  WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq)
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
"""


# Short texts of the team; `key` is the name without regard to case.
SECOND = """
CREATE TABLE canned (
  name TEXT NOT NULL,
  key TEXT PRIMARY KEY,
  text TEXT NOT NULL,
  author TEXT NOT NULL,
  changed REAL NOT NULL
) STRICT;
"""


@MIGRATIONS()
def m001_users_sessions_and_the_audit_log(db: Database) -> None:
    db.executescript(FIRST)


@MIGRATIONS()
def m002_texts_of_the_team(db: Database) -> None:
    db.executescript(SECOND)


def connect(path: Path) -> sqlite3.Connection:
    """
    Open the file, or begin one that only its owner may read, and bring its tables up to date.

    Raises:
        BookBusy: it cannot be opened or written at the moment.
        BookDamaged: it is none that this version can use; it was left as it is.
    """
    with translated(path):
        with contextlib.suppress(FileExistsError):
            _begin(path)
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)  # restored from a backup, say; its companions take the mode of it
        connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
        try:
            _prepare(path, connection)
        except BaseException:
            connection.close()
            raise
    return connection


def _begin(path: Path) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        if os.geteuid() == 0:  # `sudo frontdesk users add` is not to keep the server out
            owner = path.parent.stat()
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
    finally:
        os.close(descriptor)


def _prepare(path: Path, connection: sqlite3.Connection) -> None:
    db = Database(connection, recursive_triggers=False, execute_plugins=False)
    _refuse_foreign(path, db)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    if MIGRATIONS.pending(db):
        MIGRATIONS.apply(db)


def _refuse_foreign(path: Path, db: Database) -> None:
    """Look before the first write: what is refused stays as it is."""
    if newer := unknown(db, MIGRATIONS):
        raise damaged(path, f"a newer version wrote it, see {newer[0]}")
    if db.table_names() and not MIGRATIONS.applied(db):
        raise damaged(path, "it is another program's database")
