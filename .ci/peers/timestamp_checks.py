"""RFC 3161 timestamps by Sigstore's own timestamp authority, started here with a chain of our own."""

import base64
import contextlib
import datetime
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request

from cryptography import x509
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

import certificates
from clients import openssl, signature_of, timestamps
from models import beside, copy

PASSWORD = "timestamps"
# Seconds for which a leaf is valid that is to expire; the next is tried if the machine was too busy to sign within the one before.
LIFETIMES = (20, 60, 180)


def groups(peers):
    return [TimestampChecks(peers).timestamps] if peers.ours else []


class TimestampChecks:
    def __init__(self, peers):
        self.peers = peers
        self.ours, self.reference, self.that = peers.ours, peers.reference, peers.checks.that
        self.work = peers.work
        self.folder = self.work / "timestamps"
        self.intermediate, self.root, _ = certificates.make_signers(self.folder, self.folder / "private")
        self.key = self.folder / "private/p256.key"

    def pem(self, name):
        return self.folder / f"{name}.pem"

    def timestamps(self):
        root = make_authority(self.folder)
        with running_authority(self.folder) as url:
            self.under_a_key(url, root)
            expired = self.leaf_that_expires(url)
        if expired:
            self.expired_since(*expired, root)

    def model(self, name):
        return copy(self.peers.sources / "plain", self.work / "ours/timestamps" / name)

    def under_a_key(self, url, root):
        model = self.model("key")
        flags = ("--signature", "{model}.sig")
        code, records = self.ours.sign([model], self.key, *flags, "--tsa-url", url)
        if not self.that(code == 0 and beside(model).is_file(), "ours signs with a key and a timestamp", (code, records)):
            return
        self.openssl_agrees(beside(model), root)
        code, records = self.ours.verify([model], [self.pem("p256")], *flags)
        self.that(records.get(model, {}).get("outcome") == "VERIFIED", "timestamped, key -> ours", records)
        why = self.reference.verify(model, beside(model), self.pem("p256"), {})
        self.that(why is None, "timestamped, key -> reference", why)

    def openssl_agrees(self, bundle, root):
        """OpenSSL finds the one timestamp to be over the bundle's signature, by that authority."""
        found = timestamps(bundle)
        if not self.that(len(found) == 1, f"one timestamp in {bundle.name}", len(found)):
            return
        response, data = bundle.with_suffix(".tsr"), bundle.with_suffix(".signature")
        response.write_bytes(found[0])
        data.write_bytes(signature_of(bundle))
        words = ("ts", "-verify", "-data", data, "-in", response, "-CAfile", root, "-untrusted", self.pem("tsa-chain"))
        why = openssl(*words)
        self.that(why is None, f"timestamp of {bundle.name} -> OpenSSL", why)
        data.write_bytes(signature_of(bundle) + b"\0")
        self.that(openssl(*words) is not None, f"timestamp of {bundle.name} is over nothing else")

    def leaf_that_expires(self, url):
        """Two models signed with a leaf of a short life, with a timestamp and without, and when that life ends."""
        key = certificates.new_key("p256")
        certificates.write_key(self.folder / "private/short.key", key)
        for lifetime in LIFETIMES:
            end = now().replace(microsecond=0) + datetime.timedelta(seconds=lifetime)
            leaf = self.intermediate.leaf("Of a short life", key, end=end)
            certificates.write_certificates(self.pem("short-leaf"), leaf)
            stamped, bare = (self.model(f"{name}-{lifetime}") for name in ("stamped", "bare"))
            signing = (self.folder / "private/short.key", self.pem("short-leaf"), [self.pem("intermediate")])
            code, records = self.ours.sign_certificate(
                [stamped], *signing, "--signature", "{model}.sig", "--tsa-url", url
            )
            if now() >= end:
                continue  # whatever came of it
            self.that(code == 0 and beside(stamped).is_file(), "ours signs with a certificate and a timestamp", (code, records))
            self.reference.sign(bare, beside(bare), signing[0], {}, signing[1], signing[2])
            return stamped, bare, end
        self.that(False, "a machine that signs within three minutes", LIFETIMES)
        return None

    def expired_since(self, stamped, bare, end, root):
        self.openssl_agrees(beside(stamped), root)
        while now() <= end:
            time.sleep(0.5)
        borrowed, foreign = self.model("borrowed"), self.model("foreign")
        other = json.loads(beside(bare).read_text())
        other["verificationMaterial"]["timestampVerificationData"] = {
            "rfc3161Timestamps": [{"signedTimestamp": base64.b64encode(timestamps(beside(stamped))[0]).decode()}]
        }
        beside(borrowed).write_text(json.dumps(other))
        beside(foreign).write_bytes(beside(stamped).read_bytes())
        trusting = ("--tsa-certificate-chain", root)
        self.says("at a trusted time", [stamped], trusting, {stamped: "VERIFIED"})
        self.says("without a timestamp", [bare], trusting, {bare: "EXPIRED_CERTIFICATE"})
        self.says("no authority is trusted", [stamped], (), {stamped: "EXPIRED_CERTIFICATE"})
        self.says("of another signature", [borrowed], trusting, {borrowed: "BAD_TIMESTAMP"})
        self.says(
            "another authority is trusted",
            [foreign],
            ("--tsa-certificate-chain", self.pem("other-root")),
            {foreign: ("BAD_TIMESTAMP", "EXPIRED_CERTIFICATE")},
        )
        why = self.reference.verify_certificate(stamped, beside(stamped), [self.pem("root")], {})
        self.that(why is None, "timestamped, certificate -> reference", why)

    def says(self, what, models, flags, expected):
        code, records = self.ours.verify_certificate(
            models, [self.pem("root")], "--signature", "{model}.sig", *flags
        )
        for model, wanted in expected.items():
            record = records.get(model, {})
            said = record.get("outcome") if record.get("outcome") != "FAILED" else record.get("reason")
            wanted = wanted if isinstance(wanted, tuple) else (wanted,)
            self.that(said in wanted and code == (said != "VERIFIED"), f"expired since, {what}: {said}", (code, record))


def now():
    """In UTC, which is what certificates are dated in."""
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)


def make_authority(folder):
    """The chain of a timestamp authority: the leaf, an intermediate that may sign for such alone, and the root, whose file is returned."""
    timestamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    root = certificates.Authority("Timestamp root")
    between = certificates.Authority("Timestamp intermediate", root, path_length=0, extended=timestamping)
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = certificates.certificate(
        "Timestamp authority",
        key,
        between,
        x509.BasicConstraints(ca=False, path_length=None),
        (certificates.SIGNING, True),
        (timestamping, True),
    )
    certificates.write_certificates(folder / "tsa-chain.pem", leaf, between.certificate, root.certificate)
    certificates.write_certificates(folder / "tsa-root.pem", root.certificate)
    (folder / "tsa.key").write_bytes(
        key.private_bytes(
            form.Encoding.PEM, form.PrivateFormat.PKCS8, form.BestAvailableEncryption(PASSWORD.encode())
        )
    )
    return folder / "tsa-root.pem"


@contextlib.contextmanager
def running_authority(folder):
    """Sigstore's timestamp authority on a free port of loopback; what is started is stopped."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "tsa.log").open("wb") as log:
        process = subprocess.Popen(
            [os.environ["PEERS_TSA"], "-port", str(port), "-key", folder / "tsa.key", "-password", PASSWORD,
             "-chain", folder / "tsa-chain.pem"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            for _ in range(300):
                if process.poll() is not None:
                    break
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=5).close()
                    break
                except (urllib.error.URLError, OSError):
                    time.sleep(0.1)
            else:
                raise SystemExit("the timestamp authority does not answer: " + (folder / "tsa.log").read_text())
            if process.poll() is not None:
                raise SystemExit("the timestamp authority ended: " + (folder / "tsa.log").read_text())
            yield f"http://127.0.0.1:{port}/api/v1/timestamp"
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
