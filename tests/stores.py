"""An S3 server of the machine's own for the tests that ask for one: moto, which answers as S3 does."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

BUCKET = "shop"


@contextmanager
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of an empty bucket, s3://…, which the environment leads to."""
    server = pytest.importorskip("moto.server", reason="no S3 server here: pip install 'moto[server]'")
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    running.start()
    try:
        host, port = running.get_host_and_port()
        settings = {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1",
                    "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}  # fmt: skip
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        from urllib.request import Request, urlopen

        urlopen(Request(f"http://{host}:{port}/{BUCKET}", method="PUT"), timeout=20).close()
        yield f"s3://{BUCKET}"
    finally:
        running.stop()
