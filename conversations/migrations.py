"""The tables of the event log, as steps that are applied once and never changed afterwards."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

MIGRATIONS = Migrations("conversations")

# `number` and `seq` are INTEGER PRIMARY KEYs, so that order survives a VACUUM.
FIRST = """
CREATE TABLE visitors (
  visitor_id TEXT PRIMARY KEY,
  channel TEXT NOT NULL,
  address TEXT NOT NULL,
  name TEXT NOT NULL,
  UNIQUE (channel, address)
) STRICT;

CREATE TABLE conversations (
  number INTEGER PRIMARY KEY,
  conversation_id TEXT NOT NULL UNIQUE,
  visitor_id TEXT NOT NULL REFERENCES visitors (visitor_id),
  opened TEXT NOT NULL
) STRICT;
CREATE INDEX conversations_of_visitor ON conversations (visitor_id, number);

CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation_id TEXT NOT NULL REFERENCES conversations (conversation_id),
  kind TEXT NOT NULL,
  message_id TEXT,
  channel TEXT NOT NULL,
  external_id TEXT,
  in_reply_to TEXT,
  action TEXT,
  at TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX events_of_conversation ON events (conversation_id, seq);
-- Covers the search for what is left to do at a start, without reading a body.
CREATE INDEX events_by_kind ON events (kind, seq, message_id, action);
CREATE UNIQUE INDEX heard_once ON events (channel, external_id) WHERE kind = 'heard';
CREATE UNIQUE INDEX decided_once ON events (in_reply_to) WHERE kind = 'decided';
CREATE UNIQUE INDEX settled_once ON events (message_id)
  WHERE kind IN ('delivered', 'undeliverable');
CREATE UNIQUE INDEX messages ON events (message_id)
  WHERE kind IN ('heard', 'decided', 'operator_wrote');

-- Who has the conversation: its latest row here says so. The index is named in the view since the
-- planner, which has no statistics, would go through all events of a conversation instead.
CREATE INDEX custody_of_conversation ON events (conversation_id, seq, kind)
  WHERE kind IN ('operator_wrote', 'given_back', 'closed') OR action = 'handoff';
CREATE VIEW custody AS SELECT conversation_id, seq, kind
  FROM events INDEXED BY custody_of_conversation
  WHERE kind IN ('operator_wrote', 'given_back', 'closed') OR action = 'handoff';

-- The rowid is the event's seq; the text has been through `searchable`.
CREATE VIRTUAL TABLE said USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2');
"""


@MIGRATIONS()
def m001_the_event_log(db: Database) -> None:
    db.executescript(FIRST)


# What operators say of an utterance, found without going through all events.
SECOND = """
CREATE INDEX said_of_message ON events (message_id, seq)
  WHERE kind IN ('labelled', 'unlabelled', 'dismissed');
"""


@MIGRATIONS()
def m002_labels_taken_back_and_scores(db: Database) -> None:
    """Kinds of events that an older program does not know: it must refuse this log rather than stumble over one."""
    db.executescript(SECOND)


@MIGRATIONS()
def m003_teachings(db: Database) -> None:
    db.executescript(
        "CREATE UNIQUE INDEX taught_once ON events (external_id) WHERE kind = 'taught';"
    )


@MIGRATIONS()
def m004_networks_of_visitors(db: Database) -> None:
    db.executescript("ALTER TABLE visitors ADD COLUMN network TEXT NOT NULL DEFAULT '';")


@MIGRATIONS()
def m005_forms_and_how_words_were_read(db: Database) -> None:
    """Decisions hold what an older program does not know: it must refuse this log rather than stumble over one."""
    db.execute("SELECT 1")


@MIGRATIONS()
def m006_segments_of_visitors(db: Database) -> None:
    """Segments are parted by spaces."""
    db.executescript("ALTER TABLE visitors ADD COLUMN segments TEXT NOT NULL DEFAULT '';")


@MIGRATIONS()
def m007_versions_of_templates(db: Database) -> None:
    """From here on, utterances also say whether they were tapped."""
    db.executescript(
        "CREATE UNIQUE INDEX template_saved_once ON events (external_id) WHERE kind = 'template_saved';"
    )


@MIGRATIONS()
def m008_visitors_who_say_who_they_are(db: Database) -> None:
    """
    The browsers that are let in as a visitor who has said who they are; both addresses are hashes, as in `visitors`.

    From here on words may come with files, conversations are joined, and what was said can be erased.
    """
    db.executescript("""
        CREATE TABLE sessions (
          address TEXT PRIMARY KEY,
          identity TEXT NOT NULL,
          begun TEXT NOT NULL
        ) STRICT;
        CREATE INDEX sessions_of_identity ON sessions (identity);
    """)


@MIGRATIONS()
def m009_visitors_on_several_channels(db: Database) -> None:
    """
    Addresses that lead to a visitor of another channel, and notes: what is kept beside the log and is no event.

    From here on an utterance may take the place of an edited one.
    """
    db.executescript("""
        CREATE TABLE faces (
          channel TEXT NOT NULL,
          address TEXT NOT NULL,
          visitor_id TEXT NOT NULL REFERENCES visitors (visitor_id),
          PRIMARY KEY (channel, address)
        ) STRICT;
        CREATE INDEX faces_of_visitor ON faces (visitor_id, channel);
        CREATE TABLE notes (key TEXT PRIMARY KEY, text TEXT NOT NULL, until TEXT) STRICT;
        CREATE INDEX notes_that_end ON notes (until) WHERE until IS NOT NULL;
    """)


@MIGRATIONS()
def m010_edits_of_operators(db: Database) -> None:
    """A wording is replaced once: who edits one that is not the last any more is told so."""
    db.executescript(
        "CREATE UNIQUE INDEX wording_replaced_once ON events (json_extract(body, '$.replaces'))"
        " WHERE kind = 'operator_edited';"
    )


@MIGRATIONS()
def m011_who_has_a_conversation(db: Database) -> None:
    """Operators take conversations, let go of them, lay them aside and write notes."""
    db.executescript("""
        DROP VIEW custody;
        DROP INDEX custody_of_conversation;
        CREATE INDEX custody_of_conversation ON events (conversation_id, seq, kind)
          WHERE kind IN ('operator_wrote', 'taken', 'released', 'given_back', 'closed') OR action = 'handoff';
        CREATE VIEW custody AS SELECT conversation_id, seq, kind
          FROM events INDEXED BY custody_of_conversation
          WHERE kind IN ('operator_wrote', 'taken', 'released', 'given_back', 'closed') OR action = 'handoff';
    """)


@MIGRATIONS()
def m012_what_the_desk_tells_by_itself(db: Database) -> None:
    """The desk tells customers of the person whom they wait for."""
    db.executescript("""
        DROP INDEX messages;
        CREATE UNIQUE INDEX messages ON events (message_id)
          WHERE kind IN ('heard', 'decided', 'operator_wrote', 'told');
    """)


@MIGRATIONS()
def m013_pages_of_operators(db: Database) -> None:
    """Operators take in knowledge pages and remove them."""
    db.executescript("""
        CREATE INDEX saved_pages ON events (json_extract(body, '$.page'), seq) WHERE kind = 'page_saved';
    """)


def unknown(db: Database, migrations: Migrations = MIGRATIONS) -> list[str]:
    """Return the applied steps that this version does not have: a newer one made them."""
    with Database(memory=True, execute_plugins=False) as empty:  # there, all of ours are pending
        ours = {step.name for step in migrations.pending(empty)}
    return [step.name for step in migrations.applied(db) if step.name not in ours]
