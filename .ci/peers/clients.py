"""The clients under one face: Countersign through its launcher, the reference through its API and its command line, and, to check
signatures on their own, Go's standard library and OpenSSL."""

import base64
import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.parse

import model_signing
from model_signing import hashing, signing, verifying

import fixtures


class Ours:
    """Countersign. One call is one process for any number of models, because a process costs seconds."""

    def __init__(self, launcher, checks):
        self.launcher = launcher
        self.checks = checks

    def run(self, *arguments, **environment):
        """Exit code, standard output, standard error. A stack trace there is a failed check, whatever comes of the call."""
        done = subprocess.run(
            [self.launcher, *map(str, arguments)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="backslashreplace",
            stdin=subprocess.DEVNULL,
            env={**os.environ, **environment},
        )
        trace = re.search(r"^[ \t]+at ", done.stderr, re.MULTILINE)
        if trace:
            what = "no stack trace of " + " ".join(map(str, arguments))[:300]
            self.checks.that(False, what, done.stderr[max(0, trace.start() - 300) :])
        return done.returncode, done.stdout, done.stderr

    def records(self, *arguments, **environment):
        """Exit code, and one record per model, by the model's absolute path."""
        code, out, err = self.run(*arguments, "--output", "json", **environment)
        try:
            records = [json.loads(line) for line in out.splitlines()]
        except ValueError:
            records = []
        if not records:
            print("  " + " ".join(map(str, arguments))[:300], file=sys.stderr)
            print("  " + (out + err)[-1500:].replace("\n", "\n  "), file=sys.stderr)
        return code, {local_path(record["model"]): record for record in records}

    def sign(self, models, key, *flags):
        return self.records("sign", "key", "--private-key", key, *flags, *models)

    def verify(self, models, keys, *flags, **environment):
        return self.records("verify", "key", *each("--public-key", keys), *flags, *models, **environment)

    def sign_certificate(self, models, key, leaf, chain, *flags):
        return self.records(
            "sign", "certificate", "--private-key", key, "--signing-certificate", leaf,
            *each("--certificate-chain", chain), *flags, *models,
        )  # fmt: skip

    def verify_certificate(self, models, trust, *flags):
        return self.records(
            "verify", "certificate", *each("--certificate-chain", trust), *flags, *models
        )


class Reference:
    """The reference client. Its command line knows `files` with SHA-256 alone; the rest goes through its API."""

    def __init__(self):
        self.program = pathlib.Path(sys.executable).with_name("model_signing")

    def version(self):
        return model_signing.__version__

    def sign(self, model, bundle, key, options, certificate=None, chain=()):
        fixtures.sign_one(self.version(), model, bundle, key, options, certificate, chain)

    def verify(self, model, bundle, key, options):
        """None, or why not."""
        return self.verify_with(
            lambda config: config.use_elliptic_key_verifier(public_key=key), model, bundle, options
        )

    def verify_certificate(self, model, bundle, trust, options):
        return self.verify_with(
            lambda config: config.use_certificate_verifier(certificate_chain=trust),
            model,
            bundle,
            options,
        )

    def verify_with(self, method, model, bundle, options):
        """The hashing is told: its guess fails for its own shards and for BLAKE2b."""
        config = hashing.Config()
        algorithm = options.get("hash", "sha256").replace("blake2b", "blake2")
        if "shard_size" in options:
            config.use_shard_serialization(
                hashing_algorithm=algorithm, shard_size=options["shard_size"]
            )
        else:
            config.use_file_serialization(hashing_algorithm=algorithm)
        config.set_ignored_paths(
            paths=options.get("ignore_paths", []),
            ignore_git_paths=options.get("ignore_git_paths", True),
        )
        config.set_allow_symlinks(options.get("allow_symlinks", False))
        try:
            method(verifying.Config()).set_hashing_config(config).verify(model, bundle)
        except Exception as failure:  # whatever it throws is its way to say no
            return f"{type(failure).__name__}: {failure}"
        return None

    def command(self, *arguments):
        """Exit code and all output of its own command line."""
        done = subprocess.run(
            [self.program, *map(str, arguments)], capture_output=True, text=True
        )
        return done.returncode, done.stdout + done.stderr


class GoPeer:
    """The program in `go`: signs in the form of the Go client, and verifies with Go's standard library. Beside it the client itself, where
    PEERS_GO_CLIENT names a build of it."""

    def __init__(self):
        self.program = os.environ["PEERS_GO"]
        self.client = os.environ.get("PEERS_GO_CLIENT")

    def run_client(self, *words):
        """None, or what the Go client says when it refuses."""
        done = subprocess.run([self.client, *map(str, words)], capture_output=True, text=True)
        return None if done.returncode == 0 else (done.stdout + done.stderr).strip()

    def sign(self, model, bundle, key, *flags):
        words = ["sign", "--key", key, "--output", bundle, *flags, model]
        subprocess.run([self.program, *map(str, words)], check=True)

    def verify(self, bundles, keys=(), trust=()):
        """By bundle: the algorithm of its signature, or why it does not verify."""
        words = [*each("--public-key", keys), *each("--trust", trust), *bundles]
        done = subprocess.run(
            [self.program, "verify", *map(str, words)], capture_output=True, text=True
        )
        lines = (line.split("\t", 2) for line in done.stdout.splitlines())
        return {
            pathlib.Path(bundle): said if verdict == "ok" else f"FAIL {said}"
            for verdict, bundle, said in lines
        }


def openssl_verify(bundle, public, kind):
    """None, or why OpenSSL does not take the bundle's signature over the PAE for one of that public key, in PEM. Not for Ed25519ph,
    which OpenSSL has since 3.2 alone."""
    message, signature = bundle.with_suffix(".pae"), bundle.with_suffix(".raw")
    message.write_bytes(pae(bundle))
    signature.write_bytes(signature_of(bundle))
    hashes = {"p384": "sha384", "p521": "sha512"}
    return openssl("dgst", f"-{hashes.get(kind, 'sha256')}", "-verify", public, "-signature", signature, message)


def openssl(*words):
    """None if it agrees, or what it says."""
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True)
    return None if done.returncode == 0 else (done.stdout + done.stderr).strip()


def each(option, values):
    return [word for value in values for word in (option, value)]


def local_path(model):
    """The absolute path behind a record's model, which may be a path or a file: URI."""
    if model.startswith("file:"):
        model = urllib.parse.unquote(urllib.parse.urlsplit(model).path)
    return pathlib.Path(os.path.abspath(model))


def read(bundle):
    return json.loads(pathlib.Path(bundle).read_text(encoding="utf-8"))


def payload(bundle):
    return base64.b64decode(read(bundle)["dsseEnvelope"]["payload"])


def statement(bundle):
    """The in-toto statement that a bundle signs."""
    return json.loads(payload(bundle))


def signature_of(bundle):
    return base64.b64decode(read(bundle)["dsseEnvelope"]["signatures"][0]["sig"])


def timestamps(bundle):
    """Each RFC 3161 response that a bundle holds, in DER."""
    data = read(bundle)["verificationMaterial"].get("timestampVerificationData") or {}
    return [base64.b64decode(t["signedTimestamp"]) for t in data.get("rfc3161Timestamps", [])]


def pae(bundle):
    """The bytes that its signature is over."""
    kind = read(bundle)["dsseEnvelope"]["payloadType"]
    return f"DSSEv1 {len(kind)} {kind} {len(payload(bundle))} ".encode() + payload(bundle)


def root_digest(bundle):
    return statement(bundle)["subject"][0]["digest"]["sha256"]


def resources(bundle):
    """(name, algorithm, digest), in the order listed."""
    return [
        (r["name"], r["algorithm"], r["digest"])
        for r in statement(bundle)["predicate"]["resources"]
    ]
