"""Keyless signatures against a Sigstore instance on loopback; see `check`."""

import argparse
import collections
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "peers"))

import model_signing  # noqa: E402
from check import Checks  # noqa: E402 - that of the peers
from clients import Ours, read, root_digest  # noqa: E402

import faults  # noqa: E402

SUBJECT = "signer@example.com"
IN_FLIGHT = 128


class Instance:
    """A running instance: its folder, its tokens, and the files that describe it."""

    def __init__(self, folder):
        self.folder = folder
        self.issuer = (folder / "issuer").read_text()

    def token(self, *flags):
        return stack("token", self.folder, *flags)

    def token_file(self, *flags):
        file = self.folder / f"token{len(flags)}"
        file.touch(0o600)
        file.write_text(self.token(*flags))
        return file

    def trust(self, suffix=""):
        return self.folder / f"trust_config{suffix}.json"

    def changed(self, name, change):
        """A trust config whose signing config `change` has altered."""
        config = read(self.trust())
        change(config["signingConfig"])
        file = self.folder / f"trust_config-{name}.json"
        file.write_text(json.dumps(config))
        return file


def stack(*words):
    return subprocess.run([HERE / "stack", *map(str, words)], check=True, capture_output=True, text=True).stdout


@contextlib.contextmanager
def running(folder):
    stack("start", folder)
    try:
        yield Instance(folder)
    finally:
        stack("stop", folder)


class SigstoreChecks:
    def __init__(self, work, ours, checks, instance):
        self.work, self.ours, self.that, self.instance = work, ours, checks.that, instance

    def models(self, name, count=1):
        made = []
        for number in range(count):
            model = self.work / name / f"m{number}"
            model.mkdir(parents=True)
            (model / "weights.bin").write_bytes(os.urandom(4096))
            # More bytes than characters in the statement.
            (model / "\u043c\u043e\u0434\u0435\u043b\u044c.txt").write_bytes(b"name")
            made.append(model)
        return made

    def sign(self, models, *flags, trust=None, token=None):
        words = ("--identity-token-file", token or self.instance.token_file(), "--trust-config", trust or self.instance.trust())
        return self.ours.records("sign", "sigstore", *words, *flags, *models)

    def verify(self, models, *flags, trust=None, identity=SUBJECT):
        words = ("--identity", identity, "--identity-provider", self.instance.issuer)
        return self.ours.records(
            "verify", "sigstore", *words, "--trust-config", trust or self.instance.trust(), *flags, *models
        )

    def all(self, outcome, what, code, records, models):
        seen = collections.Counter(records.get(model, {}).get("outcome") for model in models)
        return self.that(code == 0 and seen == {outcome: len(models)}, what, (code, seen, list(records.values())[:1]))

    def failed(self, what, code, records, models, expected):
        """One result per model, each with a reason and a message that says `expected`."""
        messages = [records.get(model, {}).get("message") or "" for model in models]
        self.that(code == 1 and all(expected in message for message in messages), what, (code, messages, records))

    # What the gate checks

    def jar_alone(self):
        jar = HERE.parent.parent / "jobs/target/countersign.jar"
        names = zipfile.ZipFile(jar).namelist()
        inside = [name for name in names if name.startswith(("dev/sigstore/", "io/grpc/", "com/google/protobuf/"))]
        self.that(not inside, "the jar has no libraries of Sigstore", inside[:3])
        (self.work / "alone").mkdir()
        alone = shutil.copy(jar, self.work / "alone")
        code, _, err = self.ours.run(
            "verify", "sigstore", "--identity", SUBJECT, "--identity-provider", self.instance.issuer, "--trust-config",
            self.instance.trust(), *self.models("alone-models"), COUNTERSIGN_JAR=str(alone),
        )  # fmt: skip
        self.that(code == 2 and "connectors/sigstore" in err, "without them a run says what to add", (code, err))

    def ours_signs(self):
        self.both_ways("rekor-v2")

    def reference_signs(self):
        self.reference_signs_with("")

    # What only --all checks

    def ours_signs_v1(self):
        self.both_ways("rekor-v1")

    def reference_signs_v1(self):
        self.reference_signs_with("-v1")

    def both_ways(self, log):
        models = self.models(f"ours-{log}", 2)
        code, records = self.sign(models, "--log", log)
        if not self.all("SIGNED", f"ours signs with {log}", code, records, models):
            return
        kinds = {entry["kindVersion"]["kind"] for model in models for entry in read(model / "model.sig")["verificationMaterial"]["tlogEntries"]}
        self.that(kinds == {"hashedrekord" if log == "rekor-v2" else "dsse"}, f"kind of entry of {log}", kinds)
        self.all("VERIFIED", f"{log}: ours -> ours", *self.verify(models), models)
        for model in models:
            why = self.reference_verify(model)
            self.that(why is None, f"{log}: ours -> reference, {model.name}", why)
        if log == "rekor-v2":
            why = self.cosign_verify(models[0])
            self.that(why is None, f"{log}: ours -> cosign", why)
        code, records = self.verify(models, identity="other@example.com")
        self.failed(f"{log}: another identity", code, records, models, "is not a trusted identity")

    def reference_signs_with(self, suffix):
        (model,) = self.models(f"reference{suffix}")
        bundle = model / "model.sig"
        signer = model_signing.signing.Config().use_sigstore_signer(
            identity_token=self.instance.token(), trust_config=self.instance.trust(suffix)
        )
        signer.set_hashing_config(hashing(bundle)).sign(model, bundle)
        self.all("VERIFIED", f"reference{suffix} -> ours", *self.verify([model]), [model])

    def reference_verify(self, model):
        bundle = model / "model.sig"
        verifier = model_signing.verifying.Config().use_sigstore_verifier(
            identity=SUBJECT, oidc_issuer=self.instance.issuer, trust_config=self.instance.trust()
        )
        try:
            verifier.set_hashing_config(hashing(bundle)).verify(model, bundle)
        except Exception as failure:  # whatever it throws is its way to say no
            return f"{type(failure).__name__}: {failure}"
        return None

    def cosign_verify(self, model):
        bundle = model / "model.sig"
        words = (
            "verify-blob-attestation", "--bundle", bundle, "--trusted-root", self.instance.folder / "trusted_root.json",
            "--certificate-identity", SUBJECT, "--certificate-oidc-issuer", self.instance.issuer,
            "--type", "https://model_signing/signature/v1.0", "--digest", root_digest(bundle), "--digestAlg", "sha256",
        )  # fmt: skip
        done = subprocess.run([os.environ["SIGSTACK_COSIGN"], *map(str, words)], capture_output=True, text=True)
        return None if done.returncode == 0 else done.stderr

    def another_instance(self):
        """A certificate of its Fulcio is not one that this instance's trusted root knows."""
        with running(self.work / "other") as other:
            models = self.models("other-models")
            code, records = self.sign(models, trust=other.trust(), token=other.token_file())
            self.all("SIGNED", "ours signs with another instance", code, records, models)
            code, records = self.verify(models)
            self.that(code == 1, "a bundle of another instance is refused", (code, records))
            trust = self.instance.changed("wrong-issuer", lambda c: c.update(caUrls=read(other.trust())["signingConfig"]["caUrls"]))
            self.run_breaks("a certificate of another instance", trust=trust, token=other.token_file())

    def run_breaks(self, what, **given):
        """Not one result a model, but an end of the whole run, and no bundle."""
        models = self.models(what.replace(" ", "-"), 3)
        code, records = self.sign(models, **given)
        left = [model for model in models if (model / "model.sig").exists()]
        self.that(code == 3 and not left, f"{what} ends the run", (code, records, left))

    def faulty_services(self):
        self.run_breaks("an expired token", token=self.instance.token_file("--lifetime", "-60"))
        config = read(self.instance.trust())["signingConfig"]
        dead = "http://127.0.0.1:9"
        self.run_breaks("a dead Fulcio", trust=self.with_service("caUrls", dead))
        for name, field, path in (("Rekor", "rekorTlogUrls", ""), ("TSA", "tsaUrls", "/api/v1/timestamp")):
            real = config[field][-1]["url"].removesuffix(path)
            self.not_signed(f"a dead {name}", self.with_service(field, dead + path))
            for what, spoil in (("cuts its answers", faults.cut), ("is overloaded", faults.overloaded), ("repeats an answer", faults.Earlier())):
                with faults.spoiled(real, spoil) as address:
                    self.not_signed(f"a {name} that {what}", self.with_service(field, address + path), spoil)

    def with_service(self, field, address):
        def change(config):
            config[field] = [{**config[field][-1], "url": address}]

        return self.instance.changed(field, change)

    def not_signed(self, what, trust, spoil=None):
        models = self.models(what.replace(" ", "-"), 3)
        code, records = self.sign(models, "--log", "rekor-v2", "--retries", "0", trust=trust)
        signed = [model for model in models if (model / "model.sig").exists()]
        # Whoever answers all with the first answer was right once.
        right = 1 if isinstance(spoil, faults.Earlier) else 0
        self.that(code in (1, 3) and len(signed) <= right, what, (code, signed, records))

    def bulk(self):
        models = self.models("bulk", 1000)
        token = self.instance.token_file("--lifetime", "3600")
        start = time.monotonic()
        code, records = self.sign(models, "--log", "rekor-v2", token=token)
        rate = len(models) / (time.monotonic() - start)
        self.all("SIGNED", f"1,000 models, {rate:.1f} a second", code, records, models)
        certificates = {read(model / "model.sig")["verificationMaterial"]["certificate"]["rawBytes"] for model in models}
        self.that(len(certificates) <= 5, f"{len(certificates)} certificates")
        size = len(read(models[0] / "model.sig")["dsseEnvelope"]["payload"]) * 3 // 4
        words = (HERE / "BareClient.java", self.instance.folder, token.read_text(), len(models), IN_FLIGHT, size)
        jar = HERE.parent.parent / "jobs/target/countersign.jar"
        done = subprocess.run(["java", "-cp", jar, *map(str, words)], capture_output=True, text=True)
        if self.that(done.returncode == 0, "the bare client signs", done.stderr):
            bare = float(done.stdout)
            self.that(rate >= 0.8 * bare, f"{rate / bare:.2f} of the bare client's {bare:.1f} a second")
        self.all("VERIFIED", "1,000 models verify", *self.verify(models), models)


def hashing(bundle):
    return model_signing.hashing.Config().set_ignored_paths(paths=[bundle], ignore_git_paths=False)


GATE = ("jar_alone", "ours_signs", "reference_signs")
ALL = (*GATE, "ours_signs_v1", "reference_signs_v1", "another_instance", "faulty_services", "bulk")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gate", action="store_true")
    parser.add_argument("--only", action="append", metavar="GROUP")
    arguments = parser.parse_args()
    checks = Checks()
    work = pathlib.Path(os.environ["PEERS_WORK"]).absolute() / f"sigstack-{os.getpid()}"
    work.mkdir(parents=True)
    try:
        with running(work / "instance") as instance:
            ours = Ours(pathlib.Path(os.environ["COUNTERSIGN"]).absolute(), checks)
            group = SigstoreChecks(work, ours, checks, instance)
            for name in arguments.only or (GATE if arguments.gate else ALL):
                start = time.monotonic()
                getattr(group, name)()
                print(f"--    {name}: {time.monotonic() - start:.1f} s", flush=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
