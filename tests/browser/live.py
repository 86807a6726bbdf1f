"""A served LabBook for the browser: the small lab on SQLite, with the real clock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask_migrate import upgrade
from werkzeug.serving import make_server

from tests.cast import make_lab
from tests.conftest import application, let_go


@contextmanager
def served(folder: Path, more: Callable[[], None] | None = None) -> Iterator[str]:
    """The address of a running LabBook that lasts as long as the block; `more` puts more into the lab."""
    url = f"sqlite:///{folder / 'live.db'}"
    app = application(url)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    app.config["BASE_URL"] = f"http://127.0.0.1:{server.server_port}"
    with app.app_context():
        upgrade()
        make_lab()
        if more is not None:
            more()
        let_go()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield app.config["BASE_URL"]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        with app.app_context():
            let_go()
