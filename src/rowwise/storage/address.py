"""An address (`s3://…`, `gs://…`, `az://…`, `https://…`) in, its bytes out, and back; or a path on this machine."""

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from rowwise.errors import BadData, BadOption, RowwiseError, foreign
from rowwise.options import place

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

STORES = ("s3", "s3a", "gs", "az", "azure", "abfs", "abfss")
WEB = ("http", "https")
ADDRESS = re.compile(rf"({'|'.join((*STORES, *WEB))}):/+(.*)", re.IGNORECASE | re.DOTALL)
OTHER = re.compile(r"[a-z][a-z0-9+.-]+:/+", re.IGNORECASE)
SECONDS = 20  # after so many without an answer, a server does not answer


def address_of(path: str | Path) -> str | None:
    """The address that a text is, or a path made of one, which has lost a slash; None for a path on this machine."""
    match = ADDRESS.fullmatch(str(place("path", path)))
    return f"{match[1].lower()}://{match[2]}" if match else None


def local_path(path: str | Path, what: str) -> Path:
    """The path of what can only be written on this machine.

    Raises:
        BadOption: it is an address.
    """
    if address_of(path) is None and not OTHER.match(str(path)):
        return Path(path)
    name = str(path).rstrip("/").rpartition("/")[2] or "model"
    scheme, _, place = str(path).partition(":")  # a path has lost a slash
    raise BadOption(
        f"{what} cannot be written to {scheme}://{place.lstrip('/')}",
        expected="a path on this machine",
        mend=f"write to {name}, and copy it there afterwards",
    )


def check_address(address: str) -> None:
    """Refuse to write where nothing can be written, before any work is done.

    Raises:
        BadOption: it is a page of the web, or has no name.
        RowwiseError: what talks to stores is not installed.
    """
    scheme, place = urlsplit(address)[:2]
    if scheme in WEB or not place or address.endswith("/"):
        raise BadOption(f"nothing can be written to {address}", expected="a path, or an address like s3://bucket/name",
                        mend="write to a file, and copy it there afterwards")  # fmt: skip
    _bucket(address)


def fetched(address: str) -> bytes:
    """The bytes at an address.

    Raises:
        BadData: nobody answers, there is nothing, or it may not be read.
    """
    with foreign(BadData, f"{shown(address)} cannot be read", expected="an address that this machine may read",
                 mend="check it, the network, and the credentials in the environment"):  # fmt: skip
        if urlsplit(address).scheme in WEB:
            from urllib.error import HTTPError
            from urllib.request import urlopen

            try:
                with urlopen(address, timeout=SECONDS) as answer:
                    return answer.read()
            except HTTPError as error:
                error.close()
                raise
        bucket, key = _bucket(address)
        return bytes(bucket.get(key).bytes())


def store(address: str, data: bytes) -> None:
    """Write the bytes to an address: all of them, or none.

    Raises:
        BadData: nobody answers, or it may not be written.
    """
    with foreign(BadData, f"{shown(address)} cannot be written", expected="an address that this machine may write",
                 mend="check it, the network, and the credentials in the environment"):  # fmt: skip
        bucket, key = _bucket(address)
        bucket.put(key, data)


def listed(address: str) -> list[str]:
    """Every address that begins with this one, in order."""
    with foreign(BadData, f"{shown(address)} cannot be listed", expected="an address that this machine may read",
                 mend="check it, the network, and the credentials in the environment"):  # fmt: skip
        bucket, key = _bucket(address)
        base = address[: len(address) - len(key)]
        # a store lists by whole parts of a path
        return sorted(base + each["path"] for part in bucket.list(key.rpartition("/")[0] or None) for each in part)


def shown(address: str) -> str:
    """An address without the secrets that stand before an @ or behind a ?."""
    return re.sub(r"//[^/@]*@", "//", address.partition("?")[0])


def _bucket(address: str) -> tuple[Any, str]:
    try:
        from obstore.store import from_url
    except ModuleNotFoundError:
        raise RowwiseError(
            f"{shown(address)} is read by obstore, which is not installed",
            expected="the extra `cloud`",
            mend="pip install 'rowwise[cloud]'",
        ) from None
    parts = urlsplit(address)
    quick: ClientConfig = {"timeout": f"{SECONDS}s", "connect_timeout": "5s"}
    if os.environ.get("AWS_ALLOW_HTTP", "").lower() in ("1", "true"):  # what is given here hides the environment's
        quick["allow_http"] = True
    retries: RetryConfig = {"max_retries": 2, "retry_timeout": timedelta(seconds=SECONDS)}
    bucket = from_url(f"{parts.scheme}://{parts.netloc}", client_options=quick, retry_config=retries)
    return bucket, unquote(parts.path).lstrip("/")
