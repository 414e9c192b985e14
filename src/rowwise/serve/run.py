"""Options in, a service that runs until it is told to end: one process, or workers under one that minds them."""

import json
import os
import socket
import tempfile
from dataclasses import asdict, dataclass

from starlette.applications import Starlette

from rowwise.errors import BadOption, said
from rowwise.serve.shelf import Shelf, Wanted

ASKED = "ROWWISE_SERVE"  # what a worker, which is started anew, is told by its environment
COUNTS = "PROMETHEUS_MULTIPROC_DIR"  # where the workers count together
LAST_PORT = 65535
GRACE = 20  # seconds for answers that are under way when the service is to end


@dataclass(frozen=True, slots=True)
class Options:
    """What a service is to be."""

    models: tuple[Wanted, ...]
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    log: bool = True


def run(options: Options) -> None:
    """Serve until SIGINT or SIGTERM: no new requests are taken then, and those under way are answered.

    A worker that ends by itself is started anew. SIGHUP reads all models anew.
    """
    import uvicorn

    with tempfile.TemporaryDirectory(prefix="rowwise-serve-") as folder:
        os.environ[ASKED] = json.dumps(asdict(options))
        if options.workers > 1:
            os.environ[COUNTS] = folder
        uvicorn.run(
            f"{__name__}:worker",
            factory=True,
            host=options.host,
            port=options.port,
            workers=options.workers,
            access_log=False,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )


def check_address(host: str, port: int) -> None:
    """Refuse what nothing can listen at, before the models are read by each worker.

    Raises:
        BadOption: the port is taken, or the host is no address of this machine.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.create_server(address[:2], family=family):
            pass
    except (OSError, ValueError) as error:  # a host that is no name at all is a ValueError
        raise BadOption(
            f"nothing can listen at {host}:{port} ({said(error)})",
            expected="an address of this machine, and a port that is free",
            mend=f"--host 127.0.0.1, or --port {port + 1 if port < LAST_PORT else port - 1}",
        ) from None


def worker() -> Starlette:
    """The application of one process, as its environment asks for it."""
    from rowwise.serve.app import Service  # after the environment says where to count

    asked = json.loads(os.environ[ASKED])
    wanted = tuple(Wanted(**each) for each in asked["models"])
    return Service(Shelf(wanted), log=asked["log"], among_others=asked["workers"] > 1).app()
