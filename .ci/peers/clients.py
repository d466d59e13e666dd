"""The two clients under one face: Countersign through its launcher, the reference through its API and its command line."""

import base64
import json
import os
import pathlib
import subprocess
import sys
import urllib.parse

import model_signing
from model_signing import hashing, signing, verifying

import fixtures


class Ours:
    """Countersign. One call is one process for any number of models, because a process costs seconds."""

    def __init__(self, launcher):
        self.launcher = launcher

    def run(self, *arguments, **environment):
        """Exit code, standard output, standard error."""
        done = subprocess.run(
            [self.launcher, *map(str, arguments)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="backslashreplace",
            stdin=subprocess.DEVNULL,
            env={**os.environ, **environment},
        )
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
        keys = [word for key in keys for word in ("--public-key", key)]
        return self.records("verify", "key", *keys, *flags, *models, **environment)


class Reference:
    """The reference client. Its command line knows `files` with SHA-256 alone; the rest goes through its API."""

    def __init__(self):
        self.program = pathlib.Path(sys.executable).with_name("model_signing")

    def version(self):
        return model_signing.__version__

    def sign(self, model, bundle, key, options):
        fixtures.sign_one(self.version(), model, bundle, key, options)

    def verify(self, model, bundle, key, options):
        """None, or why not. The hashing is told: its guess fails for its own shards and for BLAKE2b."""
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
            verifying.Config().use_elliptic_key_verifier(
                public_key=key
            ).set_hashing_config(config).verify(model, bundle)
        except Exception as failure:  # whatever it throws is its way to say no
            return f"{type(failure).__name__}: {failure}"
        return None

    def command(self, *arguments):
        """Exit code and all output of its own command line."""
        done = subprocess.run(
            [self.program, *map(str, arguments)], capture_output=True, text=True
        )
        return done.returncode, done.stdout + done.stderr


def local_path(model):
    """The absolute path behind a record's model, which may be a path or a file: URI."""
    if model.startswith("file:"):
        model = urllib.parse.unquote(urllib.parse.urlsplit(model).path)
    return pathlib.Path(os.path.abspath(model))


def statement(bundle):
    """The in-toto statement that a bundle signs."""
    envelope = json.loads(pathlib.Path(bundle).read_text(encoding="utf-8"))["dsseEnvelope"]
    return json.loads(base64.b64decode(envelope["payload"]))


def root_digest(bundle):
    return statement(bundle)["subject"][0]["digest"]["sha256"]


def resources(bundle):
    """(name, algorithm, digest), in the order listed."""
    return [
        (r["name"], r["algorithm"], r["digest"])
        for r in statement(bundle)["predicate"]["resources"]
    ]
