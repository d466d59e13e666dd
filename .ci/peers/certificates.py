"""Certificates for the fixtures and the checks: an authority of our own, and leaves, ordinary and odd.

The authority's keys are RSA, as those of most companies are, and never leave the process. All are valid from 2025 to 2060 and the
leaves to 2055, so that fixtures do not expire; what an odd leaf is odd in is said where it is made.
"""

import datetime
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CURVES = {"p256": ec.SECP256R1, "p384": ec.SECP384R1, "p521": ec.SECP521R1}
# The reference client knows elliptic curves alone; the rest is for the Go client and for us.
KINDS = (*CURVES, "rsa2048", "rsa3072", "rsa4096", "ed25519")
START = datetime.datetime(2025, 1, 1)
LEAF_END = datetime.datetime(2055, 1, 1)
END = datetime.datetime(2060, 1, 1)


def new_key(kind):
    if kind in CURVES:
        return ec.generate_private_key(CURVES[kind]())
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(public_exponent=65537, key_size=int(kind.removeprefix("rsa")))


def write_key(path, key):
    path.write_bytes(
        key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    )


def write_public(path, key):
    path.write_bytes(
        key.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
    )


def write_certificates(path, *certificates):
    path.write_bytes(b"".join(c.public_bytes(form.Encoding.PEM) for c in certificates))


def key_usage(**used):
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: used.get(name, False) for name in names})


SIGNING = key_usage(digital_signature=True)
CODE_SIGNING = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING])


class Authority:
    """A certificate, and the key that signs for it."""

    def __init__(self, name, issuer=None, path_length=1, extended=None):
        self.key = new_key("rsa2048")
        self.certificate = certificate(
            name,
            self.key,
            issuer or self,
            x509.BasicConstraints(ca=True, path_length=path_length),
            (key_usage(key_cert_sign=True, crl_sign=True), True),
            *([(extended, True)] if extended else []),
            end=END,
        )

    def name(self):
        return self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value

    def leaf(self, name, key, usage=SIGNING, extended=CODE_SIGNING, ca=False, start=START, end=LEAF_END):
        """An ordinary leaf, but for what is said; a usage of None is left out."""
        extensions = [(usage, True)] if usage else []
        extensions += [(extended, False)] if extended else []
        constraints = x509.BasicConstraints(ca=ca, path_length=None)
        return certificate(name, key, self, constraints, *extensions, start=start, end=end)

    def revoke(self, *certificates):
        """A list of these as revoked, valid as long as the authority."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(START)
            .next_update(END)
            .add_extension(x509.CRLNumber(1), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False)
        )
        for revoked in certificates:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(revoked.serial_number)
                .revocation_date(START + datetime.timedelta(days=1))
                .build()
            )
        return builder.sign(self.key, hashes.SHA256())


def certificate(name, key, issuer, constraints, *extensions, start=START, end=LEAF_END):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    itself = getattr(issuer, "certificate", None) is None
    public = key.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if itself else issuer.certificate.subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(constraints, True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    pure = isinstance(issuer.key, ed25519.Ed25519PrivateKey)
    return builder.sign(issuer.key, None if pure else hashes.SHA256())


class SelfSigned:
    """The issuer of a leaf that is its own."""

    def __init__(self, key):
        self.key = key


def odd_leaves(intermediate, root, key):
    """By name: (certificate, what a verifier says of it today; None if it passes)."""
    past = datetime.datetime(2025, 2, 1)
    future = datetime.datetime(2050, 1, 1)
    return {
        # OpenSSL's words for it are the same as for a self-signed one; only the key identifiers tell them apart.
        "named-as-issuer": (intermediate.leaf(intermediate.name(), key), None),
        "ca-flag": (intermediate.leaf("odd: may sign certificates", key, ca=True), None),
        # What the reference client's own tests use: both of the above at once.
        "named-as-issuer-ca-flag": (intermediate.leaf(intermediate.name(), key, ca=True), None),
        "extended-usage-only": (intermediate.leaf("odd: no KeyUsage", key, usage=None), None),
        "usage-only": (intermediate.leaf("odd: no ExtendedKeyUsage", key, extended=None), None),
        "below-root": (root.leaf("odd: no intermediate", key), None),
        "self-signed": (
            certificate(
                "odd: its own issuer",
                key,
                SelfSigned(key),
                x509.BasicConstraints(ca=False, path_length=None),
                (SIGNING, True),
                (CODE_SIGNING, False),
            ),
            None,
        ),
        "expired": (intermediate.leaf("odd: of one month", key, end=past), "EXPIRED_CERTIFICATE"),
        "not-yet-valid": (
            intermediate.leaf("odd: from 2050", key, start=future),
            "CERTIFICATE_NOT_YET_VALID",
        ),
        "encryption-only": (
            intermediate.leaf(
                "odd: not for signing",
                key,
                usage=key_usage(key_agreement=True),
                extended=x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]),
            ),
            "UNSUITABLE_CERTIFICATE",
        ),
        "no-usage": (
            intermediate.leaf("odd: nothing said", key, usage=None, extended=None),
            "UNSUITABLE_CERTIFICATE",
        ),
    }


def make_signers(public, private):
    """Writes a set of keys of every kind and a leaf for each, their authority, and an authority unlike it.

    Private keys of leaves go to the folder `private`, as KIND.key; what may be known goes to `public`: KIND.pem (the key),
    KIND-leaf.pem, root.pem, intermediate.pem, chain.pem (intermediate, then root), other-root.pem, and revoked.crl, a list of the
    intermediate that revokes the leaf of P-384. Returns the intermediate, the root, and the leaves' keys by kind.
    """
    public, private = pathlib.Path(public), pathlib.Path(private)
    for folder in (public, private):
        folder.mkdir(parents=True, exist_ok=True)
    root = Authority("Test root")
    intermediate = Authority("Test intermediate", root, path_length=0)
    write_certificates(public / "root.pem", root.certificate)
    write_certificates(public / "intermediate.pem", intermediate.certificate)
    write_certificates(public / "chain.pem", intermediate.certificate, root.certificate)
    # Named as the other is: a verifier that goes by names alone takes one for the other.
    write_certificates(public / "other-root.pem", Authority("Test root").certificate)
    keys = {kind: new_key(kind) for kind in KINDS}
    for kind, key in keys.items():
        write_key(private / f"{kind}.key", key)
        write_public(public / f"{kind}.pem", key)
        leaf = intermediate.leaf(f"Test {kind}", key)
        write_certificates(public / f"{kind}-leaf.pem", leaf)
        if kind == "p384":
            crl = intermediate.revoke(leaf)
            (public / "revoked.crl").write_bytes(crl.public_bytes(form.Encoding.PEM))
    return intermediate, root, keys
