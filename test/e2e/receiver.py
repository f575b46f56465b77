"""A web server of the test's own: a free port of this machine, answers by a script, and everything it was asked and sent."""
import http.server
import json
import ssl
import threading

SECRET = "canary-hook-71c3"


class Receiver:
    """`answers` are status codes, one a request, the last one again and again; None: none comes until let_go(). A GET gets `text` with it."""

    def __init__(self, *answers, port=0, certificate=None):
        self.answers = list(answers) or [200]
        self.requests = []  # (path, document, None with a GET)
        self.text = ""
        self.lock = threading.Lock()
        self.free = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.reply(json.loads(self.rfile.read(int(self.headers["Content-Length"]))), "")

            def do_GET(self):
                self.reply(None, outer.text)

            def reply(self, document, text):
                with outer.lock:
                    outer.requests.append((self.path, document))
                    answer = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                if answer is None:
                    outer.free.wait()
                    return
                try:
                    self.send_response(answer)
                    self.send_header("Content-Length", str(len(text)))
                    self.end_headers()
                    self.wfile.write(text.encode())
                except OSError:
                    pass  # whoever asked is gone

            def log_message(self, *_):
                pass

        http.server.ThreadingHTTPServer.daemon_threads = True
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
            self.scheme = "https"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    @property
    def url(self):
        """All of it but the host is nobody's business."""
        return f"{self.scheme}://{SECRET}:{SECRET}@127.0.0.1:{self.port}/services/{SECRET}?token={SECRET}"

    def say(self, *answers):
        with self.lock:
            self.answers = list(answers)

    @property
    def documents(self):
        with self.lock:
            return [document for _, document in self.requests]

    def events(self):
        return [document["event"] for document in self.documents]

    def let_go(self):
        self.free.set()

    def close(self):
        self.let_go()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
