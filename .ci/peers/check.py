"""Countersign against the reference client, both ways; see `run`.

Every case has a folder of its own with a copy (hard links) of its models, and every bundle lies beside its model. So one process
of ours signs all models of a case, and one process verifies the models of all cases.
"""

import argparse
import dataclasses
import hashlib
import json
import os
import pathlib
import shutil
import sys
import time

import certificate_checks
import certificates
import fixtures
import key_checks
import pkcs11_checks
import resign_checks
import timestamp_checks
from clients import GoPeer, Ours, Reference, resources, root_digest, statement
from models import SPOILERS, beside, copy, label, make_models, spoiled_for

SHARD = 65536


@dataclasses.dataclass(frozen=True)
class Case:
    """One way to sign, and the models it is tried on. `options` are the reference's, `flags` say the same to ours."""

    name: str
    models: tuple
    key: str = "p256"
    options: dict = dataclasses.field(default_factory=dict)
    flags: tuple = ()


ALL = ("plain", "names", "order", "large", "\u043c\u043e\u0434\u0435\u043b\u044c no 1", "real")
SOME = ("plain", "names", "large")
CASES = (
    Case("files", ALL),
    Case("p384", ("plain",), key="p384"),
    Case("p521", ("plain",), key="p521"),
    Case(
        "shards",
        ALL,
        options={"shard_size": SHARD},
        flags=("--serialization", "shards", "--shard-size", str(SHARD)),
    ),
    Case("blake2b", SOME, options={"hash": "blake2b"}, flags=("--hash-algorithm", "blake2b")),
    Case("blake3", ALL, options={"hash": "blake3"}, flags=("--hash-algorithm", "blake3")),
    Case(
        "shards-blake2b",
        SOME,
        options={"hash": "blake2b", "shard_size": SHARD},
        flags=("--hash-algorithm", "blake2b", "--serialization", "shards", "--shard-size", str(SHARD)),
    ),
    Case(
        "ignored",
        ("ignored",),
        options={"ignore_paths": ["docs", "train.log"]},
        flags=("--ignore-paths", "docs", "--ignore-paths", "train.log"),
    ),
    Case(
        "git-signed",
        ("ignored",),
        options={"ignore_git_paths": False},
        flags=("--no-ignore-git-paths",),
    ),
    Case(
        "linked", ("linked",), options={"allow_symlinks": True}, flags=("--allow-symlinks",)
    ),
)

# What `--gate` takes of them: one check of each method and direction.
GATE_CASES = ("files", "shards", "linked")
GATE_MODELS = ("names", "large", "linked")
GATE_KINDS = ("p256", "rsa2048", "ed25519")
GATE_GROUPS = (
    "reference_signs",
    "ours_signs",
    "certificates_reference_signs",
    "certificates_ours_signs",
    "go_signs",
    "every_key_ours_signs",
    "timestamps",
    "resigned",
    "tokens",
)


class Checks:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def that(self, holds, what, why=""):
        if holds:
            self.passed += 1
            print(f"ok    {what}", flush=True)
        else:
            self.failed += 1
            print(f"FAIL  {what}: {why}"[:1000], flush=True)
        return bool(holds)


class Peers:
    """The clients, and the first checks: method key on elliptic curves. The others stand in modules of their own.

    One authority and one set of keys serve all: `signers` is what `certificates.make_signers` returns, its files lie in `keys`.
    """

    def __init__(self, work, ours, checks, gate=False):
        self.work = work
        self.ours = ours
        self.cases = CASES
        self.kinds = certificates.KINDS
        if gate:
            self.kinds = GATE_KINDS
            self.cases = [
                dataclasses.replace(case, models=[model for model in case.models if model in GATE_MODELS])
                for case in CASES
                if case.name in GATE_CASES
            ]
        self.reference = Reference()
        self.go = GoPeer()
        self.checks = checks
        self.sources = work / "models"
        self.sources.mkdir(parents=True)
        self.keys = work / "keys"
        self.signers = certificates.make_signers(self.keys, self.keys / "private")
        certificates.write_key(self.private("other"), certificates.new_key("p256"))
        make_models(self.sources)

    def private(self, key):
        return self.keys / "private" / f"{key}.key"

    def public(self, name):
        """The file of a public key, or of certificates."""
        return self.keys / f"{name}.pem"

    def all_public(self):
        return [self.public(key) for key in fixtures.CURVES]

    def models(self, signer, case):
        """Fresh copies of a case's models, with room beside them for bundles."""
        return [copy(self.sources / m, self.work / signer / case.name / m) for m in case.models]

    # The groups of checks, in the order they run.

    def reference_signs(self):
        """All cases signed by the reference, checked by itself, then by ours in one process."""
        plain, linked = [], []
        for case in self.cases:
            for model in self.models("reference", case):
                self.reference.sign(model, beside(model), self.private(case.key), case.options)
                why = self.reference.verify(model, beside(model), self.public(case.key), case.options)
                self.checks.that(why is None, f"reference -> reference {label(model)}", why)
                (linked if case.options.get("allow_symlinks") else plain).append(model)
        file = copy(self.sources / "plain/model.bin", self.work / "reference/single/model.bin")
        self.reference.sign(file, beside(file), self.private("p256"), {})
        if not self.ours:
            return
        self.ours_verifies("reference -> ours", [*plain, file])
        self.ours_verifies("reference -> ours", linked, "--allow-symlinks")
        # The signed `allow_symlinks` decides how a model is read, so links that the signer allowed need no flag of the verifier.
        self.ours_verifies("reference -> ours, links allowed by the bundle alone:", linked)
        names = [m for m in plain if m.name == "names"]
        self.ours_verifies("reference -> ours, LC_ALL=C:", names, LC_ALL="C", LANG="C")

    def ours_verifies(self, what, models, *flags, **environment):
        code, records = self.ours.verify(
            models, self.all_public(), "--signature", "{model}.sig", *flags, **environment
        )
        self.checks.that(code == 0, f"{what} exit code of {len(models)} models", code)
        for model in models:
            record = records.get(model, {})
            self.checks.that(
                record.get("outcome") == "VERIFIED" and record.get("operation", "").upper() == "VERIFY",
                f"{what} {label(model)}",
                record,
            )

    def ours_signs(self):
        """All cases signed by ours, one process a case, and checked by the reference."""
        for case in self.cases:
            models = self.models("ours", case)
            code, records = self.ours.sign(
                models, self.private(case.key), "--signature", "{model}.sig", *case.flags
            )
            self.checks.that(code == 0, f"ours signs {case.name}: exit code", code)
            for model in models:
                record = records.get(model, {})
                if not self.checks.that(
                    record.get("outcome") == "SIGNED" and beside(model).is_file(),
                    f"ours signs {label(model)}",
                    record,
                ):
                    continue
                why = self.reference.verify(model, beside(model), self.public(case.key), case.options)
                self.checks.that(why is None, f"ours -> reference {label(model)}", why)
                self.same_payload(case, model, record)

    def same_payload(self, case, model, record):
        """Our statement says of the same model what the reference's says."""
        ours = beside(model)
        theirs = beside(self.work / "reference" / case.name / model.name)
        listed, expected = resources(ours), resources(theirs)
        what = label(model)
        self.checks.that(
            sorted(listed) == sorted(expected),
            f"same resources {what}",
            f"only ours: {sorted(set(listed) - set(expected))[:3]}, only theirs: {sorted(set(expected) - set(listed))[:3]}",
        )
        names = [name for name, _, _ in listed]
        self.checks.that(names == sorted(names), f"code point order {what}", names[:20])
        digest = hashlib.sha256(b"".join(bytes.fromhex(d) for _, _, d in listed)).hexdigest()
        self.checks.that(
            digest == root_digest(ours) and record.get("rootDigest", "").endswith(digest),
            f"root digest over the resources {what}",
            (digest, root_digest(ours), record.get("rootDigest")),
        )
        if expected == sorted(expected):
            # Only then are its order (by path parts) and ours (by code points) the same.
            self.checks.that(
                root_digest(ours) == root_digest(theirs), f"same root digest {what}", (ours, theirs)
            )
        mine, other = statement(ours), statement(theirs)
        for part in (mine, other):
            part["predicate"]["serialization"].pop("ignore_paths", None)
            part["predicate"].pop("resources")
            part["subject"][0].pop("digest")
        self.checks.that(mine == other, f"same statement around them {what}", (mine, other))
        ignored = [
            set(statement(b)["predicate"]["serialization"].get("ignore_paths", [])) for b in (ours, theirs)
        ]
        self.checks.that(
            ignored[0] >= ignored[1] - {".git", ".gitattributes", ".github", ".gitignore"},
            f"ignored paths recorded {what}",
            ignored,
        )

    def inside(self):
        """Both command lines as a user calls them: the bundle lies in the model under its usual name."""
        key, public = self.private("p256"), self.public("p256")
        ours, theirs = (
            copy(self.sources / "ignored", self.work / f"{client}/inside/ignored") for client in ("ours", "reference")
        )
        linked = copy(self.sources / "linked", self.work / "reference/refused/linked")
        code, text = self.reference.command(
            "sign", "key", "--private_key", key, "--ignore-paths", theirs / "docs",
            "--signature", theirs / "model.sig", theirs,
        )  # fmt: skip
        self.checks.that(code == 0, "reference's command line signs", text)
        code, text = self.reference.command(
            "sign", "key", "--private_key", key, "--signature", linked / "model.sig", linked
        )
        self.checks.that(code == 1, "reference's command line refuses links", text)
        code, text = self.reference.command(
            "verify", "key", "--public_key", public, "--signature", theirs / "model.sig", theirs
        )
        self.checks.that(code == 0, "reference's command line -> reference's", text)
        if not self.ours:
            return
        code, records = self.ours.sign([ours, linked], key, "--ignore-paths", "docs")
        self.checks.that(
            code == 1 and records.get(ours, {}).get("outcome") == "SIGNED" and (ours / "model.sig").is_file(),
            "ours signs into the model, beside one with links",
            records.get(ours),
        )
        self.failures("ours refuses links:", code, records, {linked: "SYMLINK_NOT_ALLOWED"})
        self.checks.that(
            "model.sig" in statement(ours / "model.sig")["predicate"]["serialization"]["ignore_paths"],
            "our bundle in the model is among its ignored paths",
            statement(ours / "model.sig")["predicate"]["serialization"],
        )
        code, text = self.reference.command(
            "verify", "key", "--public_key", public, "--signature", ours / "model.sig", ours
        )
        self.checks.that(code == 0, "ours -> reference's command line", text)
        code, records = self.ours.verify([ours, theirs], [public])
        for model in (ours, theirs):
            self.checks.that(
                code == 0 and records.get(model, {}).get("outcome") == "VERIFIED",
                f"{label(model)} -> ours, bundle in the model",
                (code, records.get(model)),
            )

    def single_file(self):
        """A known difference: the reference names the only resource `.`; we accept that and write the file's name."""
        file = copy(self.sources / "plain/model.bin", self.work / "ours/single/model.bin")
        code, records = self.ours.sign([file], self.private("p256"))
        bundle = beside(file)
        if not self.checks.that(
            code == 0 and bundle.is_file(), "ours signs a file, bundle beside it", (code, records)
        ):
            return
        self.checks.that(
            [name for name, _, _ in resources(bundle)] == ["model.bin"], "our file has its own name", resources(bundle)
        )
        why = self.reference.verify(file, bundle, self.public("p256"), {})
        self.checks.that(why is not None, "ours -> reference refuses the file itself (documented)")
        why = self.reference.verify(file.parent, bundle, self.public("p256"), {"ignore_paths": [bundle.name]})
        self.checks.that(why is None, "ours -> reference accepts the file's folder (documented)", why)
        self.ours_verifies("ours -> ours", [file])

    def digests(self):
        """`digest` prints the root digest that the bundles hold, and the model's path."""
        for name, flags in (("files", ()), ("shards", CASES[3].flags)):
            case = next(c for c in CASES if c.name == name)
            models = [self.sources / m for m in case.models]
            code, out, err = self.ours.run("digest", *flags, *models)
            self.checks.that(code == 0, f"digest of {name}: exit code", (code, err))
            lines = out.splitlines()
            for model in models:
                bundle = self.work / "ours" / name / f"{model.name}.sig"
                reference = self.work / "reference" / name / f"{model.name}.sig"
                if resources(reference) == sorted(resources(reference)):
                    bundle = reference
                wanted = f"sha256:{root_digest(bundle)}  " if bundle.is_file() else None
                # A path with spaces is in quotation marks.
                found = [line for line in lines if line.rstrip('"').endswith(f"/{model.name}")]
                self.checks.that(
                    wanted and len(found) == 1 and found[0].startswith(wanted), f"digest of {name} {model.name}", (wanted, lines)
                )

    def bad_models(self):
        """What must fail, fails in both clients, whoever signed; and a good model beside it is still verified."""
        signers = ("reference", "ours") if self.ours else ("reference",)
        for signer in signers:
            folder = self.work / signer / "bad"
            models = {name: copy(self.sources / "plain", folder / name, link=False) for name in (*SPOILERS, "good")}
            if signer == "ours":
                self.ours.sign(models.values(), self.private("p256"), "--signature", "{model}.sig")
                self.ours.sign([models["wrong-key"]], self.private("other"), "--signature", "{model}.sig")
            else:
                for name, model in models.items():
                    key = "other" if name == "wrong-key" else "p256"
                    self.reference.sign(model, beside(model), self.private(key), {})
            if not all(beside(model).is_file() for model in models.values()):
                self.checks.that(False, f"{signer} signs the models to spoil", "no bundle")
                continue
            for name, spoiler in SPOILERS.items():
                spoiler.spoil(models[name])
            for name, model in models.items():
                why = self.reference.verify(model, beside(model), self.public("p256"), {})
                self.checks.that(
                    (why is None) == (name == "good"), f"{signer} -> reference, {name}: {why}", why or "verified"
                )
            if not self.ours:
                continue
            good = models.pop("good")
            code, records = self.ours.verify(
                [*models.values(), good], self.all_public(), "--signature", "{model}.sig"
            )
            self.failures(f"{signer} -> ours,", code, records, spoiled_for(models))
            self.checks.that(
                records.get(good, {}).get("outcome") == "VERIFIED",
                f"{signer} -> ours, a good model among bad ones",
                records.get(good),
            )

    def failures(self, what, code, records, reasons):
        """Each model failed for its reason and with a message, and the exit code says that something failed."""
        for model, reason in reasons.items():
            record = records.get(model, {})
            self.checks.that(
                code == 1
                and record.get("outcome") == "FAILED"
                and record.get("reason") == reason
                and record.get("message"),
                f"{what} {label(model)}: {record.get('reason')}",
                (code, reason, record),
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reference-only", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--gate", action="store_true")
    parser.add_argument("--only", action="append", metavar="GROUP")
    arguments = parser.parse_args()
    launcher = pathlib.Path(os.environ["COUNTERSIGN"]).absolute()
    work = pathlib.Path(os.environ["PEERS_WORK"]).absolute() / f"run-{os.getpid()}"
    checks = Checks()
    ours = None if arguments.reference_only else Ours(launcher, checks)
    if ours and not os.access(launcher, os.X_OK):
        raise SystemExit(f"no launcher at {launcher}; set COUNTERSIGN")
    try:
        peers = Peers(work, ours, checks, arguments.gate)
        groups = [peers.reference_signs, peers.inside, peers.bad_models]
        if ours:
            groups[1:1] = [peers.ours_signs, peers.single_file, peers.digests]
        for module in (certificate_checks, key_checks, timestamp_checks, resign_checks, pkcs11_checks):
            groups += module.groups(peers)
        for group in groups:
            chosen = arguments.only or (GATE_GROUPS if arguments.gate else None)
            if chosen and group.__name__ not in chosen:
                continue
            start = time.monotonic()
            group()
            print(f"--    {group.__name__}: {time.monotonic() - start:.1f} s", flush=True)
    finally:
        if arguments.keep:
            print(f"kept in {work}", file=sys.stderr)
        else:
            shutil.rmtree(work, ignore_errors=True)
    print(f"{peers.checks.passed} passed, {peers.checks.failed} failed")
    return 1 if peers.checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
