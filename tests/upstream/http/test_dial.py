"""From a name to a connection: everything that can go wrong before a byte is sent, told apart and without the address."""

import asyncio
import datetime
import ipaddress
import socket
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mcp_stack_proxy.errors import Reason, UpstreamError
from mcp_stack_proxy.upstream.http.dial import default_tls, describe
from tests.deadlines import SOON
from tests.ports import reserved

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


async def answer(peer):
    while True:
        await peer.request()
        await peer.say(OK)


async def ask(pool, deadline):
    response = await pool.send(b"POST", b"/mcp", [], b"{}", deadline=deadline)
    return await response.read(100)


async def unreachable(pool, deadline, says, reason=Reason.UNREACHABLE):
    with pytest.raises(UpstreamError, match=says) as caught:
        await asyncio.wait_for(ask(pool, deadline), SOON)
    assert (caught.value.reason, caught.value.retryable) == (reason, True)
    assert not any(word in caught.value.message for word in ("127.0.0.1", "localhost", "::1", "invalid"))
    assert pool.connected == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_refused_connection_is_reported_as_such(connect, soon, host):
    with reserved() as port:
        await unreachable(connect(f"http://{host}:{port}/"), soon(), "^connection refused$")


@pytest.mark.parametrize("host", ["a..b", "a" * 70 + ".b"])
async def test_a_name_that_cannot_exist_is_reported_as_such(connect, soon, host):
    await unreachable(connect(f"http://{host}:80/"), soon(), "its name has no address")


@pytest.mark.asyncio(loop_factories=["asyncio"])  # uvloop asks the system itself, where a test cannot answer for it
async def test_a_name_that_the_resolver_does_not_know_is_reported_as_such(connect, soon, monkeypatch):
    def unknown(*_args, **_named):
        raise socket.gaierror(socket.EAI_NONAME, "nowhere.invalid not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    await unreachable(connect("http://nowhere.invalid:80/"), soon(), "its name has no address")


async def test_one_look_up_serves_all_who_wait_and_a_hanging_one_harms_none(connect, soon, monkeypatch):
    looking = 0

    async def hang():
        nonlocal looking
        looking += 1
        await asyncio.Event().wait()

    pool = connect("http://slow.invalid:80/", connect_seconds=0.2)
    monkeypatch.setattr(pool._dialer, "_resolve", hang)
    calls = [ask(pool, soon()) for _ in range(20)]
    outcomes = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), SOON)
    assert {outcome.message for outcome in outcomes} == {"no connection within 0.2 s"}
    assert looking == 1


async def test_an_address_that_does_not_answer_leaves_time_for_the_next(serve, connect, soon, monkeypatch):
    server = await serve(answer)
    port = int(server.url.rsplit(":", 1)[1].split("/")[0])
    with socket.socket() as mute:
        mute.bind(("127.0.0.2", port))
        mute.listen(0)  # its queue is full after the first two, and a third connection gets no answer
        crowd = [socket.socket() for _ in range(3)]
        for one in crowd:
            one.setblocking(False)
            one.connect_ex(("127.0.0.2", port))
        pool = connect(f"http://clock.invalid:{port}/mcp", connect_seconds=3)

        async def both():
            return ["127.0.0.2", "127.0.0.1"]

        monkeypatch.setattr(pool._dialer, "_resolve", both)
        try:
            begun = asyncio.get_running_loop().time()
            outcomes = await asyncio.wait_for(asyncio.gather(*(ask(pool, soon()) for _ in range(2))), SOON)
            assert outcomes == [b"ok", b"ok"]
            assert asyncio.get_running_loop().time() - begun > 1, "the control: the first address was waited for"
            assert await pool._dialer._addresses() == ["127.0.0.1", "127.0.0.2"]  # what worked comes first from now on
        finally:
            for one in crowd:
                one.close()


async def test_the_deadline_of_the_call_bounds_the_connection_too(connect, soon, monkeypatch):
    pool = connect("http://slow.invalid:80/", connect_seconds=30)
    monkeypatch.setattr(pool._dialer, "_resolve", asyncio.Event().wait)
    begun = asyncio.get_running_loop().time()
    await unreachable(pool, soon(0.2), "no connection", Reason.TIMEOUT)
    assert asyncio.get_running_loop().time() - begun < 30


async def test_a_cancelled_caller_frees_its_slot(connect, soon, monkeypatch):
    pool = connect("http://slow.invalid:80/", connect_seconds=30, max_connections=1)
    monkeypatch.setattr(pool._dialer, "_resolve", asyncio.Event().wait)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ask(pool, soon()), 0.05)
    assert pool._slots == 0


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(113, "Connect call failed ('10.0.0.1', 80)"), "no route to host"),
        (OSError(24, "x"), "too many open files"),
        (ConnectionResetError(104, "10.0.0.1"), "the connection was closed while it was opened"),
        (OSError("Multiple exceptions: 10.0.0.1"), "no connection"),
        (ssl.SSLError(1, "10.0.0.1"), "the TLS handshake failed"),
    ],
)
def test_messages_of_the_system_lose_their_addresses(error, says):
    assert describe(error) == says


# TLS


class Authority:
    """A certificate authority for one test run."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test authority")])
        self.certificate = self._build(self.name, self.key.public_key(), [x509.BasicConstraints(ca=True, path_length=0)], 1)
        self.pem = self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def server(self, directory, *names, days=1):
        """A server's context with a certificate for `names`."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "server")])
        certificate = self._build(subject, key.public_key(), [x509.SubjectAlternativeName([general(name) for name in names])], days)
        file = directory / "server.pem"
        file.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(file)
        context.set_alpn_protocols(["h2", "http/1.1"])
        return context

    def client(self):
        return ssl.create_default_context(cadata=self.pem)

    def _build(self, subject, public, extensions, days):
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=30))
            .not_valid_after(now + datetime.timedelta(days=days))
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self.key, hashes.SHA256())


def general(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


@pytest.fixture(scope="module")
def authority():
    return Authority()


async def test_a_trusted_server_is_spoken_to_over_tls_on_kept_connections(serve, connect, soon, authority, tmp_path):
    server = await serve(answer, authority.server(tmp_path, "localhost"))
    pool = connect(server.url, tls=authority.client())
    for _ in range(3):
        assert await ask(pool, soon()) == b"ok"
    assert len(server.peers) == 1


async def test_a_connection_by_tls_grows_old_too(serve, connect, soon, authority, tmp_path):
    """A server in the cluster goes whenever its pod does, whatever it speaks."""
    server = await serve(answer, authority.server(tmp_path, "localhost"))
    pool = connect(server.url, tls=authority.client(), max_connection_age_seconds=0.05)
    await ask(pool, soon())
    await asyncio.sleep(0.1)
    await ask(pool, soon())
    assert len(server.peers) == 2


async def test_an_address_may_stand_in_the_certificate(serve, connect, soon, authority, tmp_path):
    server = await serve(answer, authority.server(tmp_path, "127.0.0.1"))
    assert await ask(connect(server.url.replace("localhost", "127.0.0.1"), tls=authority.client()), soon()) == b"ok"


@pytest.mark.parity("mpl.upstream-forms")
@pytest.mark.parametrize(
    ("names", "days", "known", "says"),
    [
        (["localhost"], 1, False, "its certificate is not trusted"),
        (["other.example"], 1, True, "its certificate is for another name"),
        (["localhost"], -1, True, "its certificate has expired"),
    ],
)
async def test_a_server_that_cannot_prove_who_it_is_gets_no_request(
    serve, connect, soon, authority, tmp_path, names, days, known, says
):
    asked = []

    async def talk(peer):
        asked.append(await peer.request())

    server = await serve(talk, authority.server(tmp_path, *names, days=days))
    client = authority.client() if known else ssl.create_default_context()
    await unreachable(connect(server.url, tls=client), soon(), says)
    assert asked == []


async def test_a_server_without_tls_behind_an_https_url_is_reported(serve, connect, soon, authority):
    async def talk(peer):
        await peer.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await peer.until_closed()

    server = await serve(talk)
    await unreachable(connect(server.url.replace("http:", "https:"), tls=authority.client()), soon(), "TLS handshake failed")


async def test_a_handshake_that_never_ends_is_given_up(serve, connect, soon, authority):
    async def talk(peer):
        await peer.until_closed()

    server = await serve(talk)
    pool = connect(server.url.replace("http:", "https:"), tls=authority.client(), connect_seconds=0.3)
    await unreachable(pool, soon(), "no connection within", Reason.CONNECT_TIMEOUT)
    await asyncio.wait_for(server.peers[0].gone.wait(), SOON)


def test_the_default_context_checks_certificates_and_names_and_is_made_once():
    context = default_tls()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert default_tls() is context
