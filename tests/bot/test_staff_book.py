"""The book of people and the door to it: users, passwords, sessions, second factor, pace, and the audit log."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pyotp
import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.pace import ROOM, Pace
from bot.staff import passwords, second_factor
from bot.staff.audit import Line
from bot.staff.book import ABSOLUTE, IDLE, Book
from bot.staff.errors import BookDamaged, LastAdmin, NameTaken, NoSuchUser, Unacceptable
from bot.staff.roles import By, Role
from bot.staff.room import BURST, Credentials, Entered, Refusal, StaffRoom, Turned
from bot.staff.tokens import csrf_of, new_token

BOSS = By("boss", "shell")
PASSWORD = "correct horse battery"
HERE, AWAY = "network-1", "network-2"


@dataclass
class Time:
    now: datetime = datetime(2026, 11, 26, 9, tzinfo=UTC)
    seconds: float = field(default=1000.0)

    def passes(self, span: timedelta) -> None:
        self.now += span
        self.seconds += span.total_seconds()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def book(tmp_path: Path, time: Time) -> Iterator[Book]:
    opened = Book.open(tmp_path / "staff.db", lambda: time.now)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def kept() -> str:
    return PasswordHasher(1, 8, 1).hash(PASSWORD)  # a cheap one: what a hash costs stands in it


@pytest.fixture
async def room(tmp_path: Path, time: Time, kept: str) -> AsyncIterator[StaffRoom]:
    path = tmp_path / "staff.db"
    async with StaffRoom(path, lambda: time.now, monotonic=lambda: time.seconds) as opened:
        await opened.do(lambda book: book.add("Ada", Role.OPERATOR, kept, BOSS))
        yield opened


async def login(
    room: StaffRoom,
    password: str = PASSWORD,
    *,
    name: str = "ada",
    code: str = "",
    network: str = HERE,
) -> Entered | Turned:
    return await room.login(Credentials(name, password, code, network))


async def token_of(room: StaffRoom) -> str:
    entered = await login(room)
    assert isinstance(entered, Entered)
    return entered.token


@pytest.mark.parametrize("needed", list(Role))
def test_a_role_holds_the_ones_below_it(needed: Role) -> None:
    roles = list(Role)
    assert [r for r in roles if r.reaches(needed)] == roles[roles.index(needed) :]


class TestPasswords:
    def test_one_is_kept_as_an_argon2id_hash_that_it_alone_fits(self) -> None:
        kept = passwords.hashed(PASSWORD)
        assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert passwords.fits(kept, PASSWORD)
        assert not passwords.fits(kept, PASSWORD + " ")
        assert not passwords.fits("no hash", PASSWORD)

    def test_nobodys_costs_what_one_of_today_costs(self) -> None:
        assert passwords.NOBODY.startswith("$argon2id$v=19$m=19456,t=2,p=1$")

    @pytest.mark.parametrize(
        "weak",
        ["short", "Password123!", "passwordpassword", "P@ssw0rd2026", "0123456789", "aaaaaaaaaaaa",
         "qwertyuiop", "Ada Lovelace1", "x" * 1025],
    )  # fmt: skip
    def test_one_that_would_soon_be_guessed_is_refused(self, weak: str) -> None:
        with pytest.raises(Unacceptable, match="password"):
            passwords.refuse_weak(weak, "ada lovelace")

    def test_long_and_generated_ones_are_taken(self) -> None:
        for good in (PASSWORD, passwords.generated(), "爱吃苹果的小猫在屋顶上"):
            passwords.refuse_weak(good, "ada")


class TestUsers:
    def test_the_file_is_its_owners_alone(self, book: Book, tmp_path: Path) -> None:
        book.add("Ada", Role.ADMIN, "h", BOSS)
        for file in tmp_path.iterdir():
            assert file.stat().st_mode & 0o777 == 0o600, file

    def test_a_restored_file_that_others_may_read_is_closed_to_them(
        self, book: Book, tmp_path: Path, time: Time
    ) -> None:
        (tmp_path / "staff.db").chmod(0o644)
        Book.open(tmp_path / "staff.db", lambda: time.now).close()
        assert (tmp_path / "staff.db").stat().st_mode & 0o777 == 0o600

    def test_a_name_is_somebodys_in_any_case(self, book: Book) -> None:
        book.add("Ada", Role.VIEWER, "h", BOSS)
        with pytest.raises(NameTaken, match="'Ada'"):
            book.add("ADA", Role.ADMIN, "h", BOSS)
        assert book.user("aDa").role is Role.VIEWER

    @pytest.mark.parametrize("name", ["", " ", "a" * 65, "a\nb", "<b>", "a ", ".a"])
    def test_what_is_no_name_is_refused(self, book: Book, name: str) -> None:
        if name.strip() == "a":
            assert book.add(name, Role.VIEWER, "h", BOSS).name == "a"
            return
        with pytest.raises(Unacceptable, match="name"):
            book.add(name, Role.VIEWER, "h", BOSS)

    def test_the_last_admin_who_may_sign_in_stays_one(self, book: Book, tmp_path: Path) -> None:
        for name in ("Ada", "Bo", "Cy"):
            book.add(name, Role.ADMIN, "h", BOSS)
        book.set_role("bo", Role.TRAINER, BOSS)
        book.set_disabled("cy", True, BOSS)
        lines = len(book.audit(99))
        with pytest.raises(
            LastAdmin, match=r"Ada is the last admin .* make somebody else an admin"
        ):
            book.set_disabled("ada", True, BOSS)
        with pytest.raises(LastAdmin):
            book.set_role("ada", Role.OPERATOR, BOSS)
        ada = book.user("ada")
        assert (ada.role, ada.disabled, len(book.audit(99))) == (Role.ADMIN, False, lines)
        book.set_role("ada", Role.ADMIN, BOSS)
        book.set_disabled("cy", False, BOSS)
        book.set_disabled("ada", True, BOSS)

    def test_where_nobody_is_an_admin_people_are_changed_all_the_same(self, book: Book) -> None:
        book.add("Ada", Role.TRAINER, "h", BOSS)
        book.set_role("ada", Role.VIEWER, BOSS)
        book.set_disabled("ada", True, BOSS)

    def test_an_unknown_user_is_named_with_the_way_out(self, book: Book) -> None:
        with pytest.raises(NoSuchUser, match="frontdesk users list"):
            book.set_role("bob", Role.ADMIN, BOSS)

    @pytest.mark.parametrize("bytes_", [b"no database at all" * 100, None])
    def test_a_file_of_something_else_is_left_as_it_is(
        self, tmp_path: Path, bytes_: bytes | None
    ) -> None:
        path = tmp_path / "other.db"
        if bytes_ is None:
            other = sqlite3.connect(path)
            other.execute("CREATE TABLE theirs (x)")
            other.close()
        else:
            path.write_bytes(bytes_)
        before = path.read_bytes()
        with pytest.raises(BookDamaged, match=r"other\.db"):
            Book.open(path, lambda: datetime.now(UTC))
        assert path.read_bytes() == before


class TestSessions:
    def test_the_token_itself_is_nowhere_in_the_file(self, book: Book, tmp_path: Path) -> None:
        token = new_token()
        book.begin_session(book.add("Ada", Role.ADMIN, "h", BOSS), token, BOSS)
        assert book.session(token) is not None
        for file in tmp_path.iterdir():
            assert token.encode() not in file.read_bytes()
        assert csrf_of(token) != csrf_of(new_token())

    def test_one_ends_when_it_rests_or_grows_old(self, book: Book, time: Time) -> None:
        ada, token = book.add("Ada", Role.ADMIN, "h", BOSS), new_token()
        book.begin_session(ada, token, BOSS)
        begun = time.now
        while time.now - begun < ABSOLUTE:
            assert book.session(token) is not None
            time.passes(IDLE - timedelta(minutes=2))
        assert book.session(token) is None
        book.begin_session(ada, other := new_token(), BOSS)
        time.passes(IDLE)
        assert book.session(other) is None
        assert book.sessions() == []

    @pytest.mark.parametrize(
        "change",
        [
            lambda book: book.set_disabled("ada", True, BOSS),
            lambda book: book.set_role("ada", Role.VIEWER, BOSS),
            lambda book: book.set_password("ada", "h2", BOSS),
            lambda book: book.set_second_factor("ada", "", [], BOSS),
            lambda book: book.end_sessions("ada", BOSS),
        ],
    )
    def test_one_ends_at_once_whatever_is_changed_about_its_user_and_by_whichever_process(
        self, book: Book, tmp_path: Path, time: Time, change: object
    ) -> None:
        token = new_token()
        book.begin_session(book.add("Ada", Role.TRAINER, "h", BOSS), token, BOSS)
        assert book.session(token) is not None
        other = Book.open(tmp_path / "staff.db", lambda: time.now)
        assert callable(change)
        change(other)
        other.close()
        assert book.session(token) is None

    def test_it_is_known_when_somebody_was_here_last(self, book: Book, time: Time) -> None:
        ada, bo = book.add("Ada", Role.VIEWER, "h", BOSS), book.add("Bo", Role.VIEWER, "h", BOSS)
        book.begin_session(ada, token := new_token(), By("Ada", "session"))
        begun = time.now
        time.passes(timedelta(hours=1))
        book.session(token)
        assert book.last_seen() == {"Ada": begun + timedelta(hours=1)}
        book.end_session(token, BOSS)
        assert book.last_seen() == {"Ada": begun}
        book.begin_session(bo, new_token(), By("Bo", "session"))
        assert book.last_seen()["Bo"] == time.now


class TestTheDoor:
    async def test_it_lets_in_and_out(self, room: StaffRoom) -> None:
        token = await token_of(room)
        session = await room.session(token)
        assert session is not None
        assert (session.user.name, session.network) == ("Ada", HERE)
        await room.do(lambda book: book.end_session(token, BOSS))
        assert await room.session(token) is None

    async def test_a_wrong_password_an_unknown_name_and_a_disabled_user_are_told_the_same(
        self, room: StaffRoom
    ) -> None:
        told = [await login(room, "wrong horse battery"), await login(room, name="eve")]
        await room.do(lambda book: book.set_disabled("ada", True, BOSS))
        told.append(await login(room))
        assert told == [Turned(Refusal.BAD_LOGIN)] * 3
        said = await room.do(lambda book: book.audit(3))
        assert [(e.what, e.subject) for e in said if e.what == "sign-in refused"] == [
            ("sign-in refused", "Ada"),
            ("sign-in refused", ""),  # it may be a password, typed into the wrong field
        ]

    async def test_guesses_are_delayed_and_the_owner_gets_in_from_where_she_was(
        self, room: StaffRoom, time: Time
    ) -> None:
        await token_of(room)
        hashed = 0
        for one in range(400):
            turned = await login(room, "guess", network=f"away-{one % 50}")
            assert isinstance(turned, Turned)
            hashed += turned.why is Refusal.BAD_LOGIN
        assert hashed == BURST
        turned = await login(room, network=AWAY)
        assert isinstance(turned, Turned)
        assert turned.why is Refusal.LOCKED
        assert 0 < turned.wait <= 30
        assert isinstance(await login(room), Entered)
        time.passes(timedelta(seconds=turned.wait))
        assert isinstance(await login(room, network=AWAY), Entered)

    async def test_one_place_tries_many_names_no_faster(self, room: StaffRoom, kept: str) -> None:
        for n in range(BURST + 2):
            await room.do(partial(Book.add, name=f"u{n}", role=Role.VIEWER, password=kept, by=BOSS))
        told = [await login(room, "guess", name=f"u{n}") for n in range(BURST + 2)]
        assert [one.why for one in told if isinstance(one, Turned)] == [
            *[Refusal.BAD_LOGIN] * BURST,
            *[Refusal.LOCKED] * 2,
        ]

    async def test_a_hash_of_another_cost_is_renewed_at_a_login_and_no_session_ends(
        self, room: StaffRoom, kept: str
    ) -> None:
        await login(room, "wrong horse battery")
        assert (await room.do(lambda book: book.user("ada"))).password == kept
        first = await token_of(room)
        renewed = (await room.do(lambda book: book.user("ada"))).password
        assert renewed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        await token_of(room)
        assert (await room.do(lambda book: book.user("ada"))).password == renewed
        assert await room.session(first) is not None

    async def test_a_password_that_is_changed_meanwhile_is_not_put_back(
        self, room: StaffRoom
    ) -> None:
        before = await room.do(lambda book: book.user("ada"))
        await room.do(lambda book: book.set_password("ada", "new", BOSS))
        await room.do(lambda book: book.renew_hash(before, "old, renewed"))
        assert (await room.do(lambda book: book.user("ada"))).password == "new"


class TestTheSecondFactor:
    @pytest.fixture
    async def secret(self, room: StaffRoom) -> str:
        secret = second_factor.new_secret()
        codes = [second_factor.kept("aaaa-bbbb-cccc-dddd")]
        await room.do(lambda book: book.set_second_factor("ada", secret, codes, BOSS))
        return secret

    async def test_its_code_is_good_once_and_a_step_early_or_late(
        self, room: StaffRoom, time: Time, secret: str
    ) -> None:
        assert await login(room) == Turned(Refusal.CODE_NEEDED)
        code = pyotp.TOTP(secret).at(time.now, counter_offset=-1)
        assert isinstance(await login(room, code=code), Entered)
        assert await login(room, code=code) == Turned(Refusal.BAD_LOGIN)
        time.passes(timedelta(seconds=30))
        assert isinstance(await login(room, code=pyotp.TOTP(secret).at(time.now)), Entered)
        late = pyotp.TOTP(secret).at(time.now, counter_offset=-2)
        assert await login(room, code=late) == Turned(Refusal.BAD_LOGIN)

    async def test_a_recovery_code_is_good_once(self, room: StaffRoom, secret: str) -> None:
        assert isinstance(await login(room, code="AAAA bbbb-cccc dddd"), Entered)
        assert await login(room, code="aaaa-bbbb-cccc-dddd") == Turned(Refusal.BAD_LOGIN)
        assert len(set(second_factor.recovery_codes())) == 10

    async def test_codes_are_guessed_at_a_pace_of_their_own(
        self, room: StaffRoom, secret: str
    ) -> None:
        told = [await login(room, code="000000", network=f"n{n}") for n in range(7)]
        assert [one.why for one in told if isinstance(one, Turned)] == [
            *[Refusal.BAD_LOGIN] * 5,
            *[Refusal.LOCKED] * 2,
        ]

    def test_what_is_no_code_is_none(self) -> None:
        for code in ("", "abc", "12", "１２３４５６", "0" * 5000):  # noqa: RUF001 - full width
            assert second_factor.step_of(second_factor.new_secret(), code, Time().now) == 0

    def test_the_address_for_the_app_names_the_desk_and_the_user(self) -> None:
        uri = second_factor.uri("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "ada", "Puddle & Pine")
        assert uri.startswith(
            "otpauth://totp/Puddle%20%26%20Pine:ada?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
        )


class TestTheAuditLog:
    def test_it_is_append_only(self, book: Book, tmp_path: Path) -> None:
        book.record(BOSS, Line("something", "x", "old", "n" * 1000))
        assert len(book.audit(1)[0].after) == 200
        file = sqlite3.connect(tmp_path / "staff.db")
        for attack in (
            "UPDATE audit SET who = 'eve'",
            "DELETE FROM audit",
            "INSERT OR REPLACE INTO audit SELECT seq, at, 'eve', via, network, what, subject,"
            " before, after, hash FROM audit",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                file.execute(attack)
        file.close()
        assert book.verify().wrong == ""

    @settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
    @given(lines=st.integers(2, 12), data=st.data())
    def test_a_missing_or_changed_line_shows_at_its_place(
        self, tmp_path: Path, lines: int, data: st.DataObject
    ) -> None:
        (path := tmp_path / "a.db").unlink(missing_ok=True)
        book = Book.open(path, lambda: Time().now)
        for n in range(lines):
            book.record(BOSS, Line("thing", str(n)))
        assert (book.verify().lines, book.verify().wrong) == (lines, "")
        struck = data.draw(st.integers(1, lines))
        change = data.draw(
            st.sampled_from(["DELETE FROM audit", "UPDATE audit SET subject = 'forged'"])
        )
        file = sqlite3.connect(path)
        file.executescript("DROP TRIGGER audit_stays; DROP TRIGGER audit_remains;")
        file.execute(f"{change} WHERE seq = {struck}")
        file.commit()
        file.close()
        for _ in range(2):
            verified = book.verify()
            assert verified.lines == struck - 1
            assert f"Line {struck} " in verified.wrong
            book.record(BOSS, Line("a line after it"))  # does not mend it
        book.close()

    def test_a_hash_that_was_noted_shows_a_log_that_was_made_anew(self, book: Book) -> None:
        book.record(BOSS, Line("something"))
        noted = book.verify().last
        book.record(BOSS, Line("something else"))
        assert book.verify(noted).wrong == ""
        assert book.verify("0" * 64).wrong.startswith("No line has the hash 0000")

    def test_every_change_of_a_user_is_in_it(self, book: Book) -> None:
        book.add("Ada", Role.VIEWER, "h", BOSS)
        book.set_role("ada", Role.TRAINER, BOSS)
        book.set_disabled("ada", True, BOSS)
        seen = [(e.who, e.what, e.subject, e.before, e.after) for e in reversed(book.audit(9))]
        assert seen == [
            ("boss", "user added", "Ada", "", "viewer"),
            ("boss", "role changed", "Ada", "viewer", "trainer"),
            ("boss", "user disabled", "Ada", "", ""),
        ]

    def test_lines_are_found_by_who_and_by_words(self, book: Book) -> None:
        book.add("Ada", Role.VIEWER, "h", BOSS)
        book.set_role("ada", Role.TRAINER, By("Eve", "shell"))
        book.record(By("Eve", "session"), Line("POST /api/v1/x", "c-1"))
        assert [e.what for e in book.audit(9, who="Eve")] == ["POST /api/v1/x", "role changed"]
        assert [e.who for e in book.audit(9, q="TRAIN")] == ["Eve"]
        assert len(book.audit(9, q="eve")) == 2
        assert [e.what for e in book.audit(9, who="boss", q="ada")] == ["user added"]
        assert book.audit(9, before=3, who="Eve", q="x") == []


def test_a_pace_forgets_its_oldest_key_rather_than_to_grow() -> None:
    pace = Pace(1, 10.0, lambda: 0.0)
    for key in range(ROOM + 1):
        pace.take(key)
    assert pace.wait(0) == 0
    assert pace.wait(ROOM) == 10.0
