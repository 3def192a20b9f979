"""
Passwords: which are taken, and how they are kept, as argon2id hashes.

A hash costs 19 MiB and two passes on one core, the second of the equal choices at
https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html: the usual 64 MiB on four lanes
(RFC 9106, section 4) would take two seconds of a small machine that answers customers meanwhile.
"""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from bot.staff.errors import Unacceptable

SHORTEST, LONGEST = 10, 1024  # characters
MEMORY, PASSES, LANES = 19 * 1024, 2, 1  # KiB
GENERATED = 18  # bytes of a generated one: 24 characters
# Of a random one that nobody knows: what is hashed against where there is no user.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$/vCx72QJKXZdy5fYl+5nOg$bEehQNAuRNnE5TTR56QXu9H3U/G0RBKfbcKb9FdDJLU"
ALPHABET = 5  # different characters that a password must have

# What is guessed first and is long enough; digits and signs behind a word, and words said twice, are looked through.
COMMON = (
    "password passwort motdepasse contrasena contraseña qwerty qwertyuiop qwertz qwertzuiop azerty azertyuiop asdfghjkl"
    " zxcvbnm qazwsxedc qazwsx iloveyou letmein welcome willkommen administrator admin changeme secret superman batman"
    " football baseball basketball princess sunshine starwars trustno michael charlie computer internet dragon monkey"
    " master shadow whatever helloworld hello abcdefghij abcdefghijk abcdef abcabc testtest test demo frontdesk helpdesk"
    " customerservice support service operator trainer viewer default guest login temp temporary summer winter spring"
    " autumn woaini mima"
)
SEQUENCES = (
    "01234567890123456789",
    "98765432109876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "1q2w3e4r5t6y7u8i9o0p",
)


def refuse_weak(password: str, name: str) -> None:
    """
    Refuse a password that would soon be guessed.

    Raises:
        Unacceptable: it is too short or long, common, or made of the user's name.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise Unacceptable(f"A password has {SHORTEST} to {LONGEST:,} characters.")
    small = password.casefold()
    word = small.strip("0123456789!?.,-_*+#$%&@ ")
    if len(set(small)) < ALPHABET or _is_common(word) or any(small in run for run in SEQUENCES):
        raise Unacceptable(
            "This password is among the first that are guessed; choose three or four words, or --generate one."
        )
    if word and word == name.casefold():
        raise Unacceptable("This password is the user's own name; choose another one.")


def _is_common(word: str) -> bool:
    replaced = word.translate(str.maketrans("0134578@$", "oieastbas"))
    half = word[: len(word) // 2]
    words = frozenset(COMMON.split())
    return not words.isdisjoint({word, replaced}) or (half * 2 == word and half in words)


def generated() -> str:
    """Return a password that nobody guesses."""
    return secrets.token_urlsafe(GENERATED)


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    return _hasher().hash(_bytes(password))


def fits(kept: str, password: str) -> bool:
    """Whether a password is the one that something was kept of; takes as long either way."""
    try:
        return _hasher().verify(kept, _bytes(password))
    except (Argon2Error, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether a hash was made at another cost than those of today."""
    return _hasher().check_needs_rehash(kept)


def _bytes(password: str) -> bytes:
    """JSON may hold half a surrogate pair, which is no UTF-8: a wrong password, not an error."""
    return password.encode(errors="surrogatepass")


def _hasher() -> PasswordHasher:
    return PasswordHasher(PASSES, MEMORY, LANES)
