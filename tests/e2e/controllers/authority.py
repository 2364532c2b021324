"""A certificate authority of the tests' own, and certificates for hosts."""

import base64
import datetime
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


class Authority:
    """It lives as long as the process."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named("mcp-stack e2e")
        self._certificate = _certificate(
            self._name, self._name, self._key, self._key, x509.BasicConstraints(ca=True, path_length=0)
        )

    def trusted(self, directory: Path) -> ssl.SSLContext:
        """What a client needs that trusts nobody else."""
        path = directory / "authority.pem"
        path.write_bytes(_pem(self._certificate))
        return ssl.create_default_context(cafile=str(path))

    def secret(self, namespace: str, name: str, *hosts: str) -> dict[str, object]:
        """A Secret of the type `kubernetes.io/tls` with a certificate for `hosts`."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
        made = _certificate(_named(name), self._name, key, self._key, names)
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        data = {"tls.crt": _pem(made), "tls.key": private}
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"namespace": namespace, "name": name},
            "type": "kubernetes.io/tls",
            "data": {key: base64.b64encode(value).decode() for key, value in data.items()},
        }


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    extension: x509.ExtensionType,
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number(), now - DAY, now + DAY)
    return builder.add_extension(extension, critical=True).sign(signer, hashes.SHA256())
