"""Keys in PKCS#11 tokens, both ways with the reference client: both sign with the keys of one token of SoftHSM 2, each verifies what the
other signed. No key has a certificate object. The reference client 1.1.1 does not sign by pkcs11-certificate: it takes DER for base64."""

import os
import pathlib
import subprocess

from clients import each
from models import beside, copy, label

PIN = "5678"
# Debian's, Fedora's.
MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so")


def groups(peers):
    return [Pkcs11Checks(peers).tokens] if peers.ours else []


class Pkcs11Checks:
    def __init__(self, peers):
        self.peers = peers
        self.ours, self.reference, self.that = peers.ours, peers.reference, peers.checks.that
        self.folder = peers.work / "tokens"

    def token(self):
        """Makes a token with the keys p256 and p384."""
        objects = self.folder / "objects"
        objects.mkdir(parents=True)
        (self.folder / "softhsm2.conf").write_text(f"directories.tokendir = {objects}\n")
        os.environ["SOFTHSM2_CONF"] = str(self.folder / "softhsm2.conf")
        run("softhsm2-util", "--init-token", "--free", "--label", "my keys", "--so-pin", "1234", "--pin", PIN)
        for number, key in enumerate(("p256", "p384"), 1):
            run(
                "softhsm2-util", "--import", self.peers.private(key), "--token", "my keys", "--pin", PIN,
                "--label", key, "--id", f"0{number}",
            )  # fmt: skip

    def uri(self, key, pin):
        """The reference client does not take a line break after the PIN."""
        file = self.folder / "pin"
        file.write_text(pin)
        module = next(path for path in MODULES if pathlib.Path(path).exists())
        return f"pkcs11:token=my%20keys;object={key}?module-path={module}&pin-source=file:{file}"

    def model(self, *parts):
        return copy(self.peers.sources / "names", self.folder.joinpath(*parts))

    def certified(self, key):
        return (
            "--signing-certificate", self.peers.public(f"{key}-leaf"),
            *each("--certificate-chain", [self.peers.public("intermediate")]),
        )  # fmt: skip

    def tokens(self):
        self.token()
        keys, certificates = {}, {}
        for key in ("p256", "p384"):
            keys[key] = self.model("reference/key", key)
            code, said = self.reference.command(
                "sign", "pkcs11-key", keys[key], "--signature", beside(keys[key]), "--pkcs11_uri", self.uri(key, PIN)
            )
            self.that(code == 0, f"reference signs by token: {label(keys[key])}", said)
        code, records = self.ours.verify(keys.values(), map(self.peers.public, keys), "--signature", "{model}.sig")
        self.that(code == 0, "reference by token -> ours", (code, records))
        keys, certificates = {}, {}
        for key in ("p256", "p384"):
            keys[key] = self.ours_signs("pkcs11-key", key, self.model("ours/key", key))
        certificates["p256"] = self.ours_signs("pkcs11-certificate", "p256", self.model("ours/certificate/p256"))
        for key, model in keys.items():
            why = self.reference.verify(model, beside(model), self.peers.public(key), {})
            self.that(why is None, f"ours by token -> reference {label(model)}", why)
        for model in certificates.values():
            why = self.reference.verify_certificate(model, beside(model), [self.peers.public("root")], {})
            self.that(why is None, f"ours by token -> reference, certificate: {label(model)}", why)

    def ours_signs(self, method, key, model):
        flags = self.certified(key) if method == "pkcs11-certificate" else ()
        code, records = self.ours.records(
            "sign", method, "--pkcs11-uri", self.uri(key, PIN + "\n"), *flags, "--signature", "{model}.sig", model
        )
        self.that(code == 0, f"ours signs by {method} with {key}", (code, records))
        return model


def run(*words):
    done = subprocess.run([*map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{words}: {done.stdout}{done.stderr}")
