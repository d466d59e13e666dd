"""Keys, certificates and addresses of a Sigstore instance, and the files that describe it to clients.

    instance.py prepare FOLDER      makes what is missing and writes the files
    instance.py seed FOLDER         adds one entry to each log

FOLDER/ports.env has a port for each listener, kept over restarts. Files for clients: trusted_root.json, signing_config.json,
trust_config.json (both in one), and the last two as ...-v1.json, which have Rekor v1 alone, and ...-tls.json, with https:// and
FOLDER/tls.pem as its authority.
"""

import base64
import datetime
import hashlib
import ipaddress
import json
import pathlib
import socket
import sys
import urllib.request

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PASSWORD = b"sigstack"
START = datetime.datetime(2024, 1, 1)
END = datetime.datetime(2060, 1, 1)
VALID = {"start": "2024-01-01T00:00:00Z"}
LISTENERS = (
    "FULCIO", "FULCIO_HTTP", "FULCIO_GRPC", "FULCIO_METRICS", "CTLOG", "TRILLIAN", "REKOR", "REKOR_GRPC", "REKOR_METRICS",
    "REKOR1", "TSA", "ISSUER", "FULCIO_TLS", "REKOR_TLS", "REKOR1_TLS", "TSA_TLS",
)  # fmt: skip
# Origins of the logs. sigstore-java wants Rekor v2's to be the host of its URL in the trusted root.
ORIGIN, ORIGIN1 = "rekor.sigstack.test", "rekor1.sigstack.test"
# A name that nothing but a proxy resolves.
HOST = "services.sigstack.test"
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo


def new_key(path, key=None, password=None):
    key = key or ec.generate_private_key(ec.SECP256R1())
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    path.touch(0o600)
    path.write_bytes(key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, encryption))
    return key


def certificate(name, key, issuer=None, issuer_key=None, path_length=None, usage=None, names=None):
    """A CA's if it has a path length; signed by itself without an issuer."""
    is_ca = path_length is not None
    subject = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "sigstack"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )
    signer = issuer_key or key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(START)
        .not_valid_after(END)
        .add_extension(x509.BasicConstraints(is_ca, path_length), critical=True)
        .add_extension(
            x509.KeyUsage(not is_ca, False, False, False, False, is_ca, is_ca, False, False), critical=True
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if usage:
        # A timestamp authority's must be critical (RFC 3161, 2.3).
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=not is_ca)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(signer, hashes.SHA256())


def write_chain(path, *certificates):
    path.write_bytes(b"".join(one.public_bytes(PEM) for one in certificates))


def make_material(folder):
    root_key = ec.generate_private_key(ec.SECP256R1())
    root = certificate("fulcio root", root_key, path_length=1)
    key = new_key(folder / "fulcio.key", password=PASSWORD)
    issuing = certificate("fulcio", key, root, root_key, 0, ExtendedKeyUsageOID.CODE_SIGNING)
    write_chain(folder / "fulcio.pem", issuing, root)
    write_chain(folder / "fulcio-root.pem", root)

    root_key = ec.generate_private_key(ec.SECP256R1())
    root = certificate("tsa root", root_key, path_length=1)
    key = new_key(folder / "tsa.key", password=PASSWORD)
    write_chain(folder / "tsa.pem", certificate("tsa", key, root, root_key, usage=ExtendedKeyUsageOID.TIME_STAMPING), root)

    loopback = [x509.DNSName("localhost"), x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    key = new_key(folder / "tls.key")
    write_chain(folder / "tls.pem", certificate("localhost", key, usage=ExtendedKeyUsageOID.SERVER_AUTH, names=loopback))

    for name in ("ctlog", "rekor1", "issuer"):
        key = new_key(folder / f"{name}.key")
        (folder / f"{name}.pub").write_bytes(key.public_key().public_bytes(PEM, SPKI))
    new_key(folder / "rekor.key", ed25519.Ed25519PrivateKey.generate())
    (folder / "made").touch()


def choose_ports(folder):
    """The ports of the last start, where they are still free."""
    file = folder / "ports.env"
    last = dict(line.split("=") for line in file.read_text().split()) if file.exists() else {}
    sockets = {}
    for name in LISTENERS:
        sockets[name] = socket.socket()
        sockets[name].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sockets[name].bind(("127.0.0.1", int(last.get(name, 0))))
        except OSError:
            sockets[name].bind(("127.0.0.1", 0))
    ports = {name: one.getsockname()[1] for name, one in sockets.items()}
    file.write_text("".join(f"{name}={port}\n" for name, port in ports.items()))
    return ports


def public_key(folder, name):
    key = serialization.load_pem_private_key((folder / f"{name}.key").read_bytes(), None).public_key()
    return key.public_bytes(DER, SPKI)


def encode(data):
    return base64.b64encode(data).decode()


def log(address, key, details, identity):
    return {
        "baseUrl": address, "hashAlgorithm": "SHA2_256", "logId": {"keyId": encode(identity)},
        "publicKey": {"rawBytes": encode(key), "keyDetails": details, "validFor": VALID},
    }  # fmt: skip


def authority(name, address, chain):
    certificates = x509.load_pem_x509_certificates(chain.read_bytes())
    return {
        "subject": {"organization": "sigstack", "commonName": name}, "uri": address, "validFor": VALID,
        "certChain": {"certificates": [{"rawBytes": encode(one.public_bytes(DER))} for one in certificates]},
    }  # fmt: skip


def trusted_root(folder, ports):
    rekor, rekor1, ctlog = (public_key(folder, name) for name in ("rekor", "rekor1", "ctlog"))
    # The identity of a key in a signed note, which is that of its log in Rekor v2.
    identity = hashlib.sha256(f"{ORIGIN}\n\x01".encode() + rekor[-32:]).digest()
    ecdsa = "PKIX_ECDSA_P256_SHA_256"
    return {
        "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "tlogs": [
            log(f"https://{ORIGIN}", rekor, "PKIX_ED25519", identity),
            log(f"https://{ORIGIN1}", rekor1, ecdsa, hashlib.sha256(rekor1).digest()),
        ],
        "certificateAuthorities": [authority("fulcio", local(ports["FULCIO"]), folder / "fulcio.pem")],
        "ctlogs": [log(local(ports["CTLOG"]) + "/ct", ctlog, ecdsa, hashlib.sha256(ctlog).digest())],
        "timestampAuthorities": [authority("tsa", local(ports["TSA"]), folder / "tsa.pem")],
    }


def local(port, scheme="http"):
    return f"{scheme}://{'localhost' if scheme == 'https' else '127.0.0.1'}:{port}"


def signing_config(ports, scheme="http", versions=(1, 2)):
    tls = "_TLS" if scheme == "https" else ""

    def service(listener, version, path=""):
        address = local(ports[listener + tls], scheme) + path
        return {"url": address, "majorApiVersion": version, "validFor": VALID, "operator": "sigstack.test"}

    logs = {1: "REKOR1", 2: "REKOR"}
    return {
        "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
        "caUrls": [service("FULCIO", 1)],
        "oidcUrls": [{**service("TSA", 1), "url": local(ports["ISSUER"])}],
        "rekorTlogUrls": [service(logs[version], version) for version in versions],
        "rekorTlogConfig": {"selector": "ANY"},
        "tsaUrls": [service("TSA", 1, "/api/v1/timestamp")],
        "tsaConfig": {"selector": "ANY"},
    }


def write_files(folder, ports):
    root = trusted_root(folder, ports)
    (folder / "issuer").write_text(local(ports["ISSUER"]))
    issuer = {"issuer-url": local(ports["ISSUER"]), "client-id": "sigstore", "type": "email"}
    lines = ["oidc-issuers:", f"  {local(ports['ISSUER'])}:", *(f"    {key}: {value}" for key, value in issuer.items())]
    (folder / "fulcio.yaml").write_text("\n".join(lines) + "\n")
    write(folder / "trusted_root.json", root)
    for suffix, config in (
        ("", signing_config(ports)),
        ("-v1", signing_config(ports, versions=(1,))),
        ("-tls", signing_config(ports, "https")),
    ):
        write(folder / f"signing_config{suffix}.json", config)
        kind = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json"
        write(folder / f"trust_config{suffix}.json", {"mediaType": kind, "trustedRoot": root, "signingConfig": config})


def write(path, value):
    path.write_text(json.dumps(value, indent=1) + "\n")


def seed(folder):
    """sigstore-python refuses a bundle without `logIndex`, which printers of protobuf leave out of the first entry, since it is 0."""
    ports = dict(line.split("=") for line in (folder / "ports.env").read_text().split())
    key = ec.generate_private_key(ec.SECP256R1())
    digest = hashlib.sha256(b"seed").digest()
    signature = encode(key.sign(b"seed", ec.ECDSA(hashes.SHA256())))
    der, pem = (key.public_key().public_bytes(form, SPKI) for form in (DER, PEM))
    verifier = {"publicKey": {"rawBytes": encode(der)}, "keyDetails": "PKIX_ECDSA_P256_SHA_256"}
    post(
        local(ports["REKOR"]) + "/api/v2/log/entries",
        {"hashedRekordRequestV002": {"digest": encode(digest), "signature": {"content": signature, "verifier": verifier}}},
    )
    spec = {
        "data": {"hash": {"algorithm": "sha256", "value": digest.hex()}},
        "signature": {"content": signature, "publicKey": {"content": encode(pem)}},
    }
    post(local(ports["REKOR1"]) + "/api/v1/log/entries", {"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": spec})


def post(address, body):
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    request = urllib.request.Request(address, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        answer.read()


def main(command, folder):
    folder = pathlib.Path(folder)
    if command == "seed":
        seed(folder)
        return
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "made").exists():
        make_material(folder)
    write_files(folder, choose_ports(folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
