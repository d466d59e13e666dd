"""HTTP services with faults: a proxy before a real one that spoils its answers."""

import contextlib
import http.server
import socket
import threading
import urllib.error
import urllib.request


@contextlib.contextmanager
def spoiled(address, spoil):
    """The address of a proxy before a service; `spoil(status, body)` returns what is answered instead, or None to cut the answer off."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name: self.headers[name] for name in ("Content-Type", "Accept") if self.headers[name]}
            request = urllib.request.Request(address + self.path, body, headers)
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    status, kind, content = answer.status, answer.headers["Content-Type"], answer.read()
            except urllib.error.HTTPError as refused:
                status, kind, content = refused.code, refused.headers["Content-Type"], refused.read()
            said = spoil(status, content)
            self.send_response(said[0] if said else status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(said[1] if said else content)))
            self.end_headers()
            self.wfile.write(said[1] if said else content[: len(content) // 2])

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def proxy():
    """The address of an HTTP proxy for TLS that finds all hosts on this machine, and a list of the hosts and ports that it was asked for."""
    connected = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_CONNECT(self):
            connected.append(self.path)
            with socket.create_connection(("127.0.0.1", int(self.path.rsplit(":", 1)[1]))) as service:
                self.send_response(200)
                self.end_headers()
                back = threading.Thread(target=pump, args=(service, self.connection), daemon=True)
                back.start()
                pump(self.connection, service)
                back.join()

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", connected
    finally:
        server.shutdown()
        server.socket.close()


def pump(source, target):
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def cut(status, body):
    return None


def overloaded(status, body):
    return 503, b"overloaded"


class Earlier:
    """Answers each request with the answer to the first one: another entry, another timestamp."""

    def __init__(self):
        self.first = None

    def __call__(self, status, body):
        self.first = self.first or (status, body)
        return self.first
