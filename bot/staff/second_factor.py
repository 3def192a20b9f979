"""
The second factor: six digits of an authenticator app (TOTP, RFC 6238), and ten recovery codes for the day it is lost.

A code is good for its own half minute and the one on either side, and once. A recovery code is good once.
"""

from __future__ import annotations

import secrets
from datetime import datetime

import pyotp
from pyotp.exceptions import OTPVerificationError

from bot.staff.tokens import digest

WINDOW = 1  # steps of 30 seconds on either side, for clocks that are off
RECOVERY_CODES = 10
RECOVERY_BYTES = 8  # of a recovery code: 64 bits, so that a plain hash keeps it


def new_secret() -> str:
    """Return what an authenticator app and the desk share."""
    return pyotp.random_base32()


def uri(secret: str, name: str, desk: str) -> str:
    """Return the address that an authenticator app takes, as text or as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=desk)


def step_of(secret: str, code: str, now: datetime) -> int:
    """Return the half minute that a code is of, 0 where it is of none that counts now."""
    digits = code.replace(" ", "")
    if not (digits.isascii() and digits.isdigit()):
        return 0
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(digits, for_time=now, valid_window=WINDOW)
    except OTPVerificationError:
        return 0


def recovery_codes() -> list[str]:
    """Return new codes, in groups that can be copied from paper."""
    made = (secrets.token_hex(RECOVERY_BYTES) for _ in range(RECOVERY_CODES))
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in made]


def kept(recovery_code: str) -> str:
    """Return what is kept of a recovery code; spaces, hyphens and case do not matter."""
    return digest(recovery_code.casefold().replace("-", "").replace(" ", ""))
