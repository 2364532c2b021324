"""A connection of the HTTP client without a socket, driven by hand: what it was given, and what became of it."""

from mcp_stack_proxy.errors import UpstreamError
from mcp_stack_proxy.upstream.http.connection import Connection


class Pipe:
    """The transport: remembers what was done to it."""

    def __init__(self, raw):
        self.raw, self.written, self.aborted, self.paused = raw, b"", False, False

    def get_extra_info(self, _name):
        return self.raw

    def write(self, data):
        self.written += data

    def abort(self):
        self.aborted = True

    def pause_reading(self):
        self.paused = True

    def resume_reading(self):
        self.paused = False

    def get_write_buffer_size(self):
        return 0


class Pool:
    def __init__(self):
        self.free, self.gone = [], []

    def released(self, connection):
        self.free.append(connection)

    def lost(self, connection):
        self.gone.append(connection)


class Loop:
    def time(self):
        return 0.0

    def create_future(self):
        raise AssertionError("nothing waits in these tests")


class Wire:
    """A connection and its two neighbours."""

    def __init__(self, raw):
        self.pool, self.pipe = Pool(), Pipe(raw)
        self.connection = Connection(self.pool, Loop())
        self.connection.connection_made(self.pipe)

    def ask(self):
        return self.connection.begin(b"request", b"", 1e9, 60, without_body=False)

    def feed(self, pieces):
        for piece in filter(None, pieces):
            if self.pipe.aborted:
                break
            self.connection.data_received(piece)

    def end(self):
        if not self.pipe.aborted:
            self.connection.eof_received()
        self.connection.connection_lost(None)


def outcome(response):
    """Body or reason, without an event loop: nothing may be left to wait for."""
    reading = response.read(1 << 30)
    try:
        reading.send(None)
    except StopIteration as done:
        return done.value
    except UpstreamError as error:
        return error.reason
    raise AssertionError("the reader would wait for ever")
