"""Where the server is, and the key."""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit


def url_of(given: str | None) -> str:
    url = (given or os.environ.get("OTPWIRE_URL", "")).rstrip("/")
    parts = urlsplit(url)
    # A password would be in errors.
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError("url: must be where otpwire is, such as http://127.0.0.1:8080; or set OTPWIRE_URL")
    return url


def api_key_of(given: str | None) -> str:
    key = given or os.environ.get("OTPWIRE_API_KEY", "")
    # Whoever sends a header with other characters is told the whole of it in the error.
    if not re.fullmatch(r"[\x21-\x7e]+", key):
        raise ValueError("api_key: must be a key as otpwire prints it; or set OTPWIRE_API_KEY")
    return key
