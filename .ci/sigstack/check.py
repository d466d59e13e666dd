"""Keyless signatures against a Sigstore instance on loopback; see `check`."""

import argparse
import base64
import collections
import contextlib
import json
import math
import os
import pathlib
import re
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
from cryptography import x509  # noqa: E402

import faults  # noqa: E402
import instance  # noqa: E402

JAR = HERE.parent.parent / "jobs/target/countersign.jar"
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

    def changed(self, name, change, part="signingConfig", trust=None):
        """A trust config, one part of which `change` has altered."""
        config = read(trust or self.trust())
        change(config[part])
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
        # Of our own client, in addition.
        self.environment = {}

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

    def whose(self, trust=None, token=None):
        return ("--identity-token-file", token or self.instance.token_file(), "--trust-config", trust or self.instance.trust())

    def sign(self, models, *flags, **given):
        return self.ours.records("sign", "sigstore", *self.whose(**given), *flags, *models, **self.environment)

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
        names = zipfile.ZipFile(JAR).namelist()
        inside = [name for name in names if name.startswith(("dev/sigstore/", "io/grpc/", "com/google/protobuf/"))]
        self.that(not inside, "the jar has no libraries of Sigstore", inside[:3])
        (self.work / "alone").mkdir()
        alone = shutil.copy(JAR, self.work / "alone")
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
            tsa = self.instance.changed("wrong-tsa", lambda c: c.update(tsaUrls=read(other.trust())["signingConfig"]["tsaUrls"]))
            self.not_signed("a timestamp of another instance, with a time of the log", tsa, log="rekor-v1")
            trust = self.instance.changed("wrong-issuer", lambda c: c.update(caUrls=read(other.trust())["signingConfig"]["caUrls"]))
            self.run_breaks("a certificate of another instance", trust=trust, token=other.token_file())

    def run_breaks(self, what, expected=3, said="", **given):
        """Not one result a model, but an end of the whole run, and no bundle."""
        models = self.models(what.replace(" ", "-"), 3)
        code, _, err = self.ours.run("sign", "sigstore", *self.whose(**given), *models, **self.environment)
        left = [model for model in models if (model / "model.sig").exists()]
        self.that(code == expected and said in err and not left, f"{what} ends the run", (code, err, left))

    @contextlib.contextmanager
    def clock(self, offset):
        """Our own client's clock, so many seconds ahead of that of the services."""
        library = self.work / "clock.so"
        if not library.exists():
            subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, HERE / "clock.c"], check=True)
        self.environment = {"LD_PRELOAD": str(library), "CLOCK_OFFSET": str(offset)}
        try:
            yield
        finally:
            self.environment = {}

    def wrong_clock(self):
        token = self.instance.token_file("--lifetime", "36000")
        for name, seconds in (("fast", 7200), ("slow", -7200)):
            with self.clock(seconds):
                self.run_breaks(f"a clock two hours {name}", said="Set the clock of the machine that signs", token=token)
        with self.clock(7200):
            self.run_breaks("a token that a fast clock calls expired", 2, "set the clock if it is wrong")

    def renewal(self):
        """By a clock that is so far ahead, certificates count for 30 seconds, and are to be renewed after 15."""
        models = self.models("renewal", 60)
        with self.clock(510):
            token = self.instance.token_file("--lifetime", "3600")
            code, records = self.sign(models, "--log", "rekor-v2", "--signing-rate", "2", token=token)
        self.all("SIGNED", "60 models in more than 25 seconds", code, records, models)
        certificates = certificates_of(models)
        self.that(2 <= len(certificates) <= 6, f"renewed every 15 seconds: {len(certificates)} certificates")
        self.all("VERIFIED", "they verify", *self.verify(models), models)

    def network(self):
        """TLS of a private authority, and a proxy that the environment names."""
        trust = self.instance.trust("-tls")
        ports = dict(line.split("=") for line in (self.instance.folder / "ports.env").read_text().split())
        self.run_breaks("TLS of an unknown authority", said="SSLHandshakeException", trust=trust)
        models = self.models("tls", 2)
        authority = ("--ca-file", self.instance.folder / "tls.pem")
        self.all("SIGNED", "--ca-file: TLS of a private authority", *self.sign(models, *authority, trust=trust), models)
        models = self.models("proxy", 2)
        elsewhere = self.work / "trust_config-proxy.json"
        elsewhere.write_text(trust.read_text().replace("https://localhost", f"https://{instance.HOST}"))
        with faults.proxy() as (address, connected):
            self.environment = {"HTTPS_PROXY": address, "NO_PROXY": ""}
            self.all("SIGNED", "HTTPS_PROXY: through a proxy", *self.sign(models, *authority, trust=elsewhere), models)
            self.environment = {}
        expected = {f"{instance.HOST}:{ports[name]}" for name in ("FULCIO_TLS", "REKOR_TLS", "TSA_TLS")}
        self.that(set(connected) == expected, "the proxy saw each service", (connected, expected))
        self.all("VERIFIED", "what came through a proxy verifies", *self.verify(models), models)

    def faulty_services(self):
        self.run_breaks("an expired token", 2, "expired at", token=self.instance.token_file("--lifetime", "-60"))
        config = read(self.instance.trust())["signingConfig"]
        dead = "http://127.0.0.1:9"
        self.run_breaks("a dead Fulcio", trust=self.with_service("caUrls", dead))
        for name, field, path in (("Rekor", "rekorTlogUrls", ""), ("TSA", "tsaUrls", "/api/v1/timestamp")):
            real = config[field][-1]["url"].removesuffix(path)
            self.not_signed(f"a dead {name}", self.with_service(field, dead + path))
            for what, spoil in (("cuts its answers", faults.cut), ("is overloaded", faults.overloaded), ("repeats an answer", faults.Earlier())):
                with faults.spoiled(real, spoil) as address:
                    self.not_signed(f"a {name} that {what}", self.with_service(field, address + path), spoil)

        self.untrusted_timestamps(config["rekorTlogUrls"][-1]["url"])

    def untrusted_timestamps(self, rekor):
        """Nothing is logged whose timestamp proves nothing."""

        def without(root):
            root["timestampAuthorities"] = []

        def other(root):
            root["timestampAuthorities"][0]["certChain"] = root["certificateAuthorities"][0]["certChain"]

        def passed_on(status, body):
            asked.append(status)
            return status, body

        trust = self.instance.changed("no-tsa", without, "trustedRoot")
        self.run_breaks("a trusted root without a TSA", 2, "the trusted root has none", trust=trust)
        asked = []
        with faults.spoiled(rekor, passed_on) as address:
            trust = self.with_service("rekorTlogUrls", address)
            self.not_signed("a TSA that is not in the trusted root", self.instance.changed("other-tsa", other, "trustedRoot", trust))
        self.that(not asked, "Rekor is not asked to record what has a bad timestamp", asked)

    def with_service(self, field, address):
        def change(config):
            config[field] = [{**config[field][-1], "url": address}]

        return self.instance.changed(field, change)

    def not_signed(self, what, trust, spoil=None, log="rekor-v2"):
        models = self.models(what.replace(" ", "-"), 3)
        code, records = self.sign(models, "--log", log, "--retries", "0", trust=trust)
        signed = [model for model in models if (model / "model.sig").exists()]
        # Whoever answers all with the first answer was right once.
        right = 1 if isinstance(spoil, faults.Earlier) else 0
        self.that(code in (1, 3) and len(signed) <= right, what, (code, signed, records))

    def cluster(self):
        """Task managers in processes of their own, with the libraries where the manual says."""
        with self.running_cluster("libraries-of-the-client") as run:
            self.on_cluster("the client names the libraries", run)
            words = ("flink", "run", JAR, *self.verifying(), "--results", self.work / "none", *self.models("cluster-none"))
            done = run(*words)
            self.that(done.returncode == 2 and "connectors/sigstore" in done.stderr, "a cluster without libraries", done)
        pom = (HERE.parent.parent / "pom.xml").read_text()
        flink, log4j = (re.search(f"<{name}.version>(.*?)<", pom)[1] for name in ("flink", "log4j"))
        name = f"countersign/flink-{flink}-log4j-{log4j}"
        flink = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / name
        lib = self.work / "cache" / name
        lib.mkdir(parents=True, mode=0o700)
        for library in (*flink.iterdir(), *(JAR.parent / "connectors/sigstore").iterdir()):
            (lib / library.name).symlink_to(library)
        with self.running_cluster("libraries-in-lib", XDG_CACHE_HOME=str(self.work / "cache")) as run:
            self.on_cluster("libraries in lib/", run, "flink", JAR)

    def verifying(self):
        return ("verify", "sigstore", "--identity", SUBJECT, "--identity-provider", self.instance.issuer, "--trust-config", self.instance.trust())

    def on_cluster(self, what, run, flink=None, jar=None):
        """Several jobs, since a job must not depend on what an earlier one left in the processes."""
        models = self.models("cluster-" + what.replace(" ", "-").replace("/", ""), 3)
        start = (flink, "run", jar) if flink else ("run",)
        signing = ("sign", "sigstore", "--identity-token-file", self.instance.token_file("--lifetime", "3600"), "--trust-config", self.instance.trust())
        for log in ("rekor-v1", "rekor-v2"):
            for outcome, words in (("SIGNED", (*signing, "--log", log)), ("VERIFIED", self.verifying())):
                results = self.work / f"results-{what.replace(' ', '-').replace('/', '')}-{log}-{outcome}"
                done = run(*start, *words, "--results", results, *models)
                said = sum(line.startswith(outcome) for line in done.stdout.splitlines())
                self.that(done.returncode == 0 and said == len(models), f"{what}: {log}, {outcome}", done)

    @contextlib.contextmanager
    def running_cluster(self, name, **environment):
        command = (HERE.parent.parent / "deploy/local/cluster", "--dir", self.work / name, "--jar", JAR)

        def run(*words):
            words = [str(word) for word in (*command, *words)]
            return subprocess.run(words, capture_output=True, text=True, env={**os.environ, **environment})

        started = run("start")
        self.that(started.returncode == 0, f"cluster: {name}", started)
        try:
            yield run
        finally:
            run("stop")

    def bulk(self):
        """The rates of three rounds, ours and the bare client's in turn: from the certificate to the last signature."""
        models = self.models("bulk", 1000)
        token = self.instance.token_file("--lifetime", "3600")
        # The first run leaves an archive of classes behind, which takes time and belongs to no round.
        self.sign(self.models("bulk-first"), token=token)
        rounds = [(self.bulk_rate(models, token), self.bare_rate(models, token)) for _ in range(3)]
        ours, bare = (sorted(rates)[1] for rates in zip(*rounds))
        print("      a second, ours and the bare client: " + ", ".join(f"{one:.1f} {other:.1f}" for one, other in rounds))
        self.that(ours >= 0.8 * bare, f"{ours:.1f} a second, {ours / bare:.2f} of the bare client's {bare:.1f}")
        self.all("VERIFIED", "1,000 models verify", *self.verify(models), models)

    def bulk_rate(self, models, token):
        for model in models:
            (model / "model.sig").unlink(missing_ok=True)
        start = time.monotonic()
        code, records = self.sign(models, "--log", "rekor-v2", token=token)
        whole = time.monotonic() - start
        self.all("SIGNED", f"1,000 models, {len(models) / whole:.1f} a second with start and end", code, records, models)
        certificates = certificates_of(models)
        self.that(len(certificates) <= 5, f"{len(certificates)} certificates")
        # To the second, rounded down, so this makes ours no faster than it is.
        began = min(x509.load_der_x509_certificate(base64.b64decode(one)).not_valid_before_utc.timestamp() for one in certificates)
        return len(models) / (max((model / "model.sig").stat().st_mtime for model in models) - began)

    def bare_rate(self, models, token):
        size = len(read(models[0] / "model.sig")["dsseEnvelope"]["payload"]) * 3 // 4
        words = (HERE / "BareClient.java", self.instance.folder, token.read_text(), len(models), IN_FLIGHT, size)
        done = subprocess.run(["java", "-cp", JAR, *map(str, words)], capture_output=True, text=True)
        return float(done.stdout) if self.that(done.returncode == 0, "the bare client signs", done.stderr) else math.inf


def certificates_of(models):
    return {read(model / "model.sig")["verificationMaterial"]["certificate"]["rawBytes"] for model in models}


def hashing(bundle):
    return model_signing.hashing.Config().set_ignored_paths(paths=[bundle], ignore_git_paths=False)


GATE = ("jar_alone", "ours_signs", "reference_signs")
ALL = (*GATE, "ours_signs_v1", "reference_signs_v1", "another_instance", "faulty_services", "wrong_clock", "renewal", "network", "cluster", "bulk")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gate", action="store_true")
    parser.add_argument("--only", action="append", metavar="GROUP")
    arguments = parser.parse_args()
    checks = Checks()
    work = pathlib.Path(os.environ["PEERS_WORK"]).absolute() / f"sigstack-{os.getpid()}"
    work.mkdir(parents=True)
    try:
        with running(work / "instance") as made:
            ours = Ours(pathlib.Path(os.environ["COUNTERSIGN"]).absolute(), checks)
            group = SigstoreChecks(work, ours, checks, made)
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
