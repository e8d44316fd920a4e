"""A small web server on this machine, so that downloads are tested without a network."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def serve(
    body: bytes, claimed: int | None = None, wait: float = 0, together: int = 1
) -> Iterator[tuple[str, list]]:
    """Yield (address, list of requests).

    claimed   the length that the server promises
    wait      seconds until it answers the question whether it is there
    together  it sends nothing before that many clients have asked
    """
    seen: list[str] = []
    pause, gate = threading.Event(), threading.Barrier(together)

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            pause.wait(wait)
            self.send_response(200)
            self.end_headers()

        def do_GET(self) -> None:
            seen.append(self.path)
            gate.wait(timeout=30)
            self.send_response(200)
            self.send_header("Content-Length", str(claimed or len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False  # so that closing waits for the last answer
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", seen
    finally:
        pause.set()
        server.shutdown()
        server.server_close()
        thread.join()
