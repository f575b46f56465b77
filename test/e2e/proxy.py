"""A TCP proxy in front of a database server that loses connections exactly where it hurts.

It reads as much of the two protocols as it takes to see client messages one by one and to know a COMMIT and the reply to it:
PostgreSQL's Parse or Query whose text is COMMIT (also in the middle of a pipeline), MariaDB's COM_QUERY, or a prepared statement, with
COMMIT in its text. A fault is chosen by two callables, which get the running number (from 1) of the commit or message seen so far:

    on_commit(n)  -> None | REPLY | DROP | RACE      on_message(n) -> None | CUT | FREEZE

REPLY: the COMMIT goes through, its reply is waited for, swallowed, and both sides are cut: the server has committed, the client cannot
know. DROP: the COMMIT never reaches the server. RACE: the COMMIT is forwarded and both sides are cut at once, so that it may still be
under way while the client comes back. CUT: the message is dropped and both sides are cut. FREEZE: nothing moves any more on this
connection, in both directions, until thaw()."""
import re
import select
import socket
import struct
import threading

REPLY, DROP, RACE, CUT, FREEZE = "reply", "drop", "race", "cut", "freeze"
COMMIT = re.compile(rb"^\s*COMMIT\b", re.IGNORECASE)
COMMIT_ANYWHERE = re.compile(rb"\bCOMMIT\b", re.IGNORECASE)


class PostgresClient:
    """Splits what a PostgreSQL client sends into messages."""

    def __init__(self):
        self.buffer = b""
        self.begun = False  # the startup packets have no type byte

    def feed(self, data):
        self.buffer += data
        while True:
            head = 1 if self.begun else 0
            if len(self.buffer) < head + 4:
                return
            length = head + struct.unpack_from("!I", self.buffer, head)[0]
            if len(self.buffer) < length:
                return
            message, self.buffer = self.buffer[:length], self.buffer[length:]
            if not self.begun and struct.unpack_from("!I", message, 4)[0] >> 16 == 3:
                self.begun = True
            yield message, head == 1

    @staticmethod
    def is_commit(message):
        if message[:1] == b"Q":
            return bool(COMMIT.match(message[5:]))
        if message[:1] == b"P":
            text = message[5:].split(b"\0", 2)[1]
            return bool(COMMIT.match(text))
        return False


class PostgresServer:
    """Watches what the server answers, for the end of a COMMIT."""

    def __init__(self):
        self.buffer = b""
        self.begun = False

    def feed(self, data):
        """The messages in `data`, and whether one of them is the reply to a COMMIT (a CommandComplete that says so, or an error)."""
        self.buffer += data
        answered = False
        while self.buffer:
            if not self.begun and self.buffer[:1] in b"NS" and len(self.buffer) == 1:  # the one-byte answer to SSLRequest
                self.buffer = b""
                break
            self.begun = True
            if len(self.buffer) < 5 or len(self.buffer) < 1 + struct.unpack_from("!I", self.buffer, 1)[0]:
                break
            length = 1 + struct.unpack_from("!I", self.buffer, 1)[0]
            message, self.buffer = self.buffer[:length], self.buffer[length:]
            answered |= message[:1] == b"E" or (message[:1] == b"C" and message[5:] in (b"COMMIT\0", b"ROLLBACK\0"))
        return answered


class MariaClient:
    """Splits what a MariaDB client sends into packets, and remembers which prepared statement is a COMMIT."""

    def __init__(self):
        self.buffer = b""
        self.packets = 0
        self.preparing_commit = False
        self.commit_statements = set()

    def feed(self, data):
        self.buffer += data
        while len(self.buffer) >= 4:
            length = 4 + (self.buffer[0] | self.buffer[1] << 8 | self.buffer[2] << 16)
            if len(self.buffer) < length:
                return
            message, self.buffer = self.buffer[:length], self.buffer[length:]
            self.packets += 1
            yield message, self.packets > 1  # the first one is the login

    def is_commit(self, message):
        command, payload = message[4:5], message[5:]
        if message[3] != 0:  # not the beginning of a command
            return False
        if command == b"\x03":
            return bool(COMMIT_ANYWHERE.search(payload))
        if command == b"\x16":
            self.preparing_commit = bool(COMMIT_ANYWHERE.search(payload))
        elif command == b"\x17":
            statement = payload[:4]
            return statement in self.commit_statements or (statement == b"\xff\xff\xff\xff" and self.preparing_commit)
        return False


class MariaServer:
    """Watches the server's packets: any answer to a COMMIT is its reply, and the answer to a prepare carries the statement's number."""

    def __init__(self, client):
        self.client = client

    def feed(self, data):
        if self.client.preparing_commit and len(data) >= 9 and data[3] == 1 and data[4] == 0:
            self.client.commit_statements.add(data[5:9])
        return True


PROTOCOLS = {
    "postgres": lambda: (PostgresClient(), PostgresServer()),
    "mariadb": lambda: (lambda client: (client, MariaServer(client)))(MariaClient()),
}


class Connection(threading.Thread):
    """One client and its server, pumped by one thread."""

    def __init__(self, proxy, client):
        super().__init__(daemon=True)
        self.proxy = proxy
        self.client = client
        self.server = socket.create_connection(proxy.upstream)
        for side in (self.client, self.server):
            side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.requests, self.replies = PROTOCOLS[proxy.protocol]()
        self.doomed = False  # the reply to the COMMIT on its way is going to be swallowed

    def run(self):
        try:
            while self.pump():
                pass
        except OSError:
            pass
        finally:
            self.cut()

    def cut(self):
        for side in (self.client, self.server):
            try:
                side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, not a farewell
                side.close()
            except OSError:
                pass
        self.proxy.forget(self)

    def pump(self):
        ready, _, _ = select.select([self.client, self.server], [], [])
        if self.server in ready and not self.from_server():
            return False
        return self.client not in ready or self.from_client()

    def from_server(self):
        data = self.server.recv(65536)
        if not data:
            return False
        answered = self.replies.feed(data)
        if self.doomed:
            return not answered
        self.client.sendall(data)
        return True

    def from_client(self):
        data = self.client.recv(65536)
        if not data:
            return False
        for message, counts in self.requests.feed(data):
            fault = self.proxy.choose(self.requests.is_commit(message), counts)
            if fault in (DROP, CUT):
                return False
            if fault == FREEZE:
                self.proxy.thawed.wait()
            self.server.sendall(message)
            if fault == REPLY:
                self.doomed = True
            elif fault == RACE:
                return False
        return True


class FaultProxy:
    """Listens on .port; counts .commits, .messages and, by kind, .faults."""

    def __init__(self, protocol, port, host="127.0.0.1"):
        self.protocol = protocol
        self.upstream = (host, port)
        self.on_commit = lambda n: None
        self.on_message = lambda n: None
        self.commits = self.messages = 0
        self.faults = dict.fromkeys((REPLY, DROP, RACE, CUT, FREEZE), 0)
        self.lock = threading.Lock()
        self.thawed = threading.Event()
        self.connections = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                connection = Connection(self, client)
            except OSError:  # the server is down: so are we
                client.close()
                continue
            with self.lock:
                self.connections.add(connection)
            connection.start()

    def choose(self, is_commit, counts):
        """The fault for this message, if any. Startup and login are not counted."""
        if not counts:
            return None
        with self.lock:
            self.messages += 1
            fault = self.on_message(self.messages)
            if fault is None and is_commit:
                self.commits += 1
                fault = self.on_commit(self.commits)
            if fault is not None:
                self.faults[fault] += 1
            return fault

    def forget(self, connection):
        with self.lock:
            self.connections.discard(connection)

    def thaw(self):
        self.thawed.set()

    def cut_all(self):
        with self.lock:
            connections = list(self.connections)
        for connection in connections:
            for side in (connection.client, connection.server):
                try:
                    side.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def close(self):
        self.thaw()
        self.listener.close()
        self.cut_all()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
