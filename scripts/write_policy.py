"""Write the hashes of all inline scripts into the Content-Security-Policy of deploy/nginx.conf.

Run from the project's folder: python -m scripts.write_policy

After an upgrade of Streamlit, whose page has a script of its own, and after a change to components/scripts.py.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import streamlit

from components import scripts

SITE = Path(__file__).parent.parent / "deploy" / "nginx.conf"


def sources() -> str:
    """What the policy says of scripts: this server's files, and each inline script by its hash."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    inline = [*re.findall(r"<script>(.*?)</script>", page, re.DOTALL), *scripts.SCRIPTS]
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in inline]
    return " ".join(["'self'", *(f"'sha256-{one}'" for one in hashes)])


if __name__ == "__main__":
    SITE.write_text(re.sub(r"script-src [^;]*;", f"script-src {sources()};", SITE.read_text()))
    print(f"{SITE}: script-src {sources()}")
