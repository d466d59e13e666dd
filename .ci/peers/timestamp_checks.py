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
        self.folder.mkdir()
        self.pem = peers.public

    def timestamps(self):
        root = make_authority(self.folder)
        with running_authority(self.folder) as url:
            self.under_a_key(url, root)
            expired = self.leaf_that_expires(url)
            served = self.folder / "tsa-served.pem"
            served.write_bytes(fetch(url + "/certchain"))
        if expired:
            self.expired_since(*expired, root, served)

    def model(self, name):
        return copy(self.peers.sources / "plain", self.work / "ours/timestamps" / name)

    def under_a_key(self, url, root):
        model = self.model("key")
        flags = ("--signature", "{model}.sig")
        code, records = self.ours.sign([model], self.peers.private("p256"), *flags, "--tsa-url", url)
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
        words = ("ts", "-verify", "-data", data, "-in", response, "-CAfile", root, "-untrusted", self.folder / "tsa-chain.pem")
        why = openssl(*words)
        self.that(why is None, f"timestamp of {bundle.name} -> OpenSSL", why)
        data.write_bytes(signature_of(bundle) + b"\0")
        self.that(openssl(*words) is not None, f"timestamp of {bundle.name} is over nothing else")

    def leaf_that_expires(self, url):
        """Two models signed with a leaf of a short life, with a timestamp and without, and when that life ends."""
        key = certificates.new_key("p256")
        certificates.write_key(self.folder / "short.key", key)
        for lifetime in LIFETIMES:
            end = now().replace(microsecond=0) + datetime.timedelta(seconds=lifetime)
            leaf = self.peers.signers[0].leaf("Of a short life", key, end=end)
            certificates.write_certificates(self.folder / "short-leaf.pem", leaf)
            stamped, bare = (self.model(f"{name}-{lifetime}") for name in ("stamped", "bare"))
            signing = (self.folder / "short.key", self.folder / "short-leaf.pem", [self.pem("intermediate")])
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

    def expired_since(self, stamped, bare, end, root, served):
        """`served` is the chain as the authority hands it out. Its timestamps enclose its own certificate alone."""
        self.openssl_agrees(beside(stamped), root)
        while now() <= end:
            time.sleep(0.5)
        borrowed = self.model("borrowed")
        other = json.loads(beside(bare).read_text())
        other["verificationMaterial"]["timestampVerificationData"] = {
            "rfc3161Timestamps": [{"signedTimestamp": base64.b64encode(timestamps(beside(stamped))[0]).decode()}]
        }
        beside(borrowed).write_text(json.dumps(other))
        trusting = ("--tsa-certificate-chain", served)
        chained = ("--tsa-certificate-chain", root, "--tsa-certificate-chain", self.folder / "tsa-intermediate.pem")
        other_root = ("--tsa-certificate-chain", self.pem("other-root"))
        # Of the three the first has a timestamp, the second none, the third another signature's.
        self.says(
            "at a trusted time",
            trusting,
            {stamped: "VERIFIED", bare: "EXPIRED_CERTIFICATE", borrowed: "BAD_TIMESTAMP"},
        )
        self.says("root and intermediate are trusted", chained, {stamped: "VERIFIED"})
        self.says("the root is trusted alone", chained[:2], {stamped: "BAD_TIMESTAMP"})
        self.says("no authority is trusted", (), {stamped: "EXPIRED_CERTIFICATE"})
        self.says("another authority is trusted", other_root, {stamped: "BAD_TIMESTAMP"})
        why = self.reference.verify_certificate(stamped, beside(stamped), [self.pem("root")], {})
        self.that(why is None, "timestamped, certificate -> reference", why)

    def says(self, what, flags, expected):
        code, records = self.ours.verify_certificate(
            expected, [self.pem("root")], "--signature", "{model}.sig", *flags
        )
        failing = set(expected.values()) != {"VERIFIED"}
        for model, wanted in expected.items():
            record = records.get(model, {})
            said = record.get("outcome") if record.get("outcome") != "FAILED" else record.get("reason")
            self.that(
                said == wanted and code == int(failing),
                f"expired since, {what}: {model.name} {said}",
                (code, record),
            )


def fetch(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read()


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
    certificates.write_certificates(folder / "tsa-intermediate.pem", between.certificate)
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
                    fetch(f"http://127.0.0.1:{port}/ping")
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
