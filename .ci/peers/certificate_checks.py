"""Method certificate, both ways with the reference client; what must fail; and the committed bundles of all releases."""

import hashlib
import json
import pathlib
import shutil

from cryptography import x509
from cryptography.hazmat.primitives import serialization as form

import certificates
import fixtures
from models import SPOILERS, beside, copy, label, spoiled_for

BUNDLES = pathlib.Path(__file__).resolve().parent / "../../operators/src/test/resources/bundles"
SHARD = 65536
SHARDS = ("--serialization", "shards", "--shard-size", str(SHARD))


def groups(peers):
    checks = CertificateChecks(peers)
    if not peers.ours:
        return [checks.certificates_reference_signs]
    return [
        checks.certificates_reference_signs,
        checks.certificates_ours_signs,
        checks.certificates_command_lines,
        checks.certificates_bad_models,
        checks.certificates_not_trusted,
        checks.committed,
    ]


class CertificateChecks:
    def __init__(self, peers):
        self.peers = peers
        self.ours, self.reference, self.that = peers.ours, peers.reference, peers.checks.that
        self.work = peers.work
        self.pem, self.key = peers.public, peers.private

    def model(self, *parts, of="plain"):
        return copy(self.peers.sources / of, self.work.joinpath(*parts), link=False)

    def reference_sign(self, model, key="p256", leaf=None, chain="intermediate", **options):
        self.reference.sign(
            model, beside(model), self.key(key), options, self.pem(f"{leaf or key}-leaf"), [self.pem(chain)]
        )

    def ours_sign(self, models, key="p256", leaf=None, chain="intermediate", *flags):
        return self.ours.sign_certificate(
            models, self.key(key), self.pem(f"{leaf or key}-leaf"), [self.pem(chain)],
            "--signature", "{model}.sig", *flags,
        )  # fmt: skip

    def ours_verify(self, models, *flags, trust=("root",)):
        return self.ours.verify_certificate(
            models, [self.pem(name) for name in trust], "--signature", "{model}.sig", *flags
        )

    def verified(self, what, record, leaf=None):
        """The record says so, and names the certificate if it is told which."""
        good = record.get("outcome") == "VERIFIED" and record.get("signatureMethod") == "certificate"
        if good and leaf:
            said = (record.get("certificate") or {}).get("sha256", "")
            good = said.replace(":", "").lower() == fingerprint(self.pem(f"{leaf}-leaf"))
        self.that(good, what, record)

    # The groups of checks.

    def certificates_reference_signs(self):
        """Each curve, shards, names, and the chain with its root: by itself, and by ours that knows the root alone."""
        signed = {}
        for curve in certificates.CURVES:
            signed[self.model("reference/certificates", curve)] = (curve, "intermediate", "plain", {})
        for name, chain, of, options in (
            ("names", "intermediate", "names", {}),
            ("shards", "intermediate", "large", {"shard_size": SHARD}),
            ("root-included", "chain", "plain", {}),
        ):
            signed[self.model("reference/certificates", name, of=of)] = ("p256", chain, of, options)
        for model, (curve, chain, _, options) in signed.items():
            self.reference_sign(model, curve, chain=chain, **options)
            why = self.reference.verify_certificate(model, beside(model), [self.pem("root")], options)
            self.that(why is None, f"reference -> reference, certificate: {label(model)}", why)
        if not self.ours:
            return
        code, records = self.ours_verify(list(signed))
        self.that(code == 0, f"reference -> ours, certificates: exit code of {len(signed)}", code)
        for model, (curve, *_) in signed.items():
            self.verified(f"reference -> ours, certificate: {label(model)}", records.get(model, {}), curve)

    def certificates_ours_signs(self):
        cases = [(curve, curve, "intermediate", "plain", {}, ()) for curve in certificates.CURVES]
        cases += [
            ("names", "p256", "chain", "names", {}, ()),
            ("shards", "p384", "intermediate", "large", {"shard_size": SHARD}, SHARDS),
        ]
        signed = []
        for name, curve, chain, of, options, flags in cases:
            model = self.model("ours/certificates", name, of=of)
            code, records = self.ours_sign([model], curve, None, chain, *flags)
            record = records.get(model, {})
            if not self.that(
                code == 0 and record.get("outcome") == "SIGNED" and beside(model).is_file(),
                f"ours signs with a certificate: {name}",
                (code, record),
            ):
                continue
            signed.append((model, curve))
            why = self.reference.verify_certificate(model, beside(model), [self.pem("root")], options)
            self.that(why is None, f"ours -> reference, certificate: {name}", why)
        code, records = self.ours_verify([model for model, _ in signed])
        for model, curve in signed:
            self.verified(f"ours -> ours, certificate: {label(model)}", records.get(model, {}), curve)

    def certificates_command_lines(self):
        """Both command lines as a user calls them, the bundle in the model. Fingerprints are logged by both."""
        ours, theirs = (self.model(client, "inside-certificate/ignored", of="ignored") for client in ("ours", "reference"))
        words = (
            "--private_key", self.key("p384"), "--signing_certificate", self.pem("p384-leaf"),
            "--certificate_chain", self.pem("intermediate"),
        )  # fmt: skip
        code, text = self.reference.command(
            "sign", "certificate", *words, "--signature", theirs / "model.sig", theirs
        )
        self.that(code == 0, "reference's command line signs with a certificate", text)
        code, records = self.ours.records("sign", "certificate", *words, ours)
        self.that(code == 0 and (ours / "model.sig").is_file(), "ours signs with a certificate, inside", records)
        trust = ("--certificate_chain", self.pem("root"), "--log_fingerprints")
        for model in (ours, theirs):
            code, text = self.reference.command(
                "verify", "certificate", *trust, "--signature", model / "model.sig", model
            )
            self.that(code == 0, f"{label(model)} -> reference's command line, certificate", text)
        code, out, err = self.ours.run("verify", "certificate", *trust, ours, theirs)
        self.that(code == 0, "both -> ours, certificate inside", (code, out, err))
        logged = (out + err).replace(":", "").lower()
        for name in ("root", "intermediate", "p384-leaf"):
            self.that(fingerprint(self.pem(name)) in logged, f"ours logs the fingerprint of {name}", err)

    def certificates_bad_models(self):
        """What must fail, fails in both, whoever signed, and a good model beside it is verified."""
        for signer in ("reference", "ours"):
            names = [name for name in SPOILERS if name != "wrong-key"] + ["good"]
            models = {name: self.model(signer, "bad-certificates", name) for name in names}
            if signer == "ours":
                self.ours_sign(list(models.values()))
            else:
                for model in models.values():
                    self.reference_sign(model)
            if not all(beside(model).is_file() for model in models.values()):
                self.that(False, f"{signer} signs the models to spoil, certificate", "no bundle")
                continue
            for name in names[:-1]:
                SPOILERS[name].spoil(models[name])
            for name, model in models.items():
                why = self.reference.verify_certificate(model, beside(model), [self.pem("root")], {})
                self.that(
                    (why is None) == (name == "good"),
                    f"{signer} -> reference, certificate, {name}: {why}",
                    why or "verified",
                )
            good = models.pop("good")
            code, records = self.ours_verify([*models.values(), good])
            self.peers.failures(f"{signer} -> ours, certificate,", code, records, spoiled_for(models))
            self.verified(f"{signer} -> ours, certificate, a good model among bad ones", records.get(good, {}))

    def certificates_not_trusted(self):
        """The reference's expected failures, and where we are stricter than it: certificates past and to come, and revoked ones."""
        intermediate, root, keys = self.peers.signers
        odd = certificates.odd_leaves(intermediate, root, keys["p256"])
        reasons = {}
        for name in ("expired", "not-yet-valid", "encryption-only", "no-usage"):
            leaf, reasons[name] = odd[name]
            certificates.write_certificates(self.pem(f"{name}-leaf"), leaf)
        models = {name: self.model("reference/not-trusted", name) for name in (*reasons, "key", "good", "p384")}
        for name, model in models.items():
            if name == "key":
                self.reference.sign(model, beside(model), self.key("p256"), {})
            elif name == "p384":
                self.reference_sign(model, "p384")
            else:
                self.reference_sign(model, leaf=name if name in reasons else None)
        good, by_key = models.pop("good"), models.pop("key")
        revoked = models.pop("p384")
        for name, model in models.items():
            why = self.reference.verify_certificate(model, beside(model), [self.pem("root")], {})
            # A documented difference: it looks at the leaf's own first second.
            accepts = name in ("expired", "not-yet-valid")
            self.that((why is None) == accepts, f"reference of a leaf that is {name}: {why}", why)
        self.that(
            self.reference.verify_certificate(good, beside(good), [self.pem("other-root")], {}) is not None,
            "reference refuses another root",
        )
        code, records = self.ours_verify([*models.values(), by_key, good])
        for name, model in models.items():
            self.failed(f"ours, leaf {name}", code, records.get(model, {}), reasons[name])
        self.failed("ours, a key's bundle as a certificate's", code, records.get(by_key, {}), "METHOD_MISMATCH")
        self.verified("ours, a good one among them", records.get(good, {}), "p256")
        code, records = self.ours.verify([good], [self.pem("p256")], "--signature", "{model}.sig")
        self.failed("ours, a certificate's bundle as a key's", code, records.get(good, {}), "METHOD_MISMATCH")
        code, records = self.ours_verify([good], trust=["other-root"])
        self.failed("ours, another root of the same name", code, records.get(good, {}), "UNTRUSTED_SIGNER")
        times = [models["expired"], models["not-yet-valid"]]
        code, records = self.ours_verify(times, "--certificate-time", "not-before")
        for model in times:
            self.verified(f"ours, at the leaf's first second: {label(model)}", records.get(model, {}))
            self.that(records.get(model, {}).get("weakened"), f"which the record says: {label(model)}", records)
        code, records = self.ours_verify([models["expired"]], "--certificate-time", "2025-01-15T00:00:00Z")
        self.verified("ours, at a time within its validity", records.get(models["expired"], {}))
        code, records = self.ours_verify([revoked, good], "--crl", self.peers.keys / "revoked.crl")
        self.failed("ours, a revoked leaf", code, records.get(revoked, {}), "REVOKED_CERTIFICATE")
        self.verified("ours, one that is not on the list", records.get(good, {}), "p256")
        mine = self.model("ours/not-trusted/mismatch")
        code, records = self.ours_sign([mine], "p256", "p384")
        self.that(
            code != 0 and not beside(mine).exists(),
            "ours does not sign with another key than the certificate's",
            (code, records),
        )

    def failed(self, what, code, record, reason):
        self.that(
            code == 1 and record.get("outcome") == "FAILED" and record.get("reason") == reason and record.get("message"),
            f"{what}: {record.get('reason')}",
            (code, reason, record),
        )

    def committed(self):
        """The committed bundles of all releases, through the whole program: one process for all that are given the same trust."""
        by_trust = {}
        for entry in json.loads((BUNDLES / "index.json").read_text()):
            name = entry["bundle"].removesuffix(".sig")
            model = self.work / "committed" / name
            if entry["model"] in fixtures.TREES:
                fixtures.write_tree(model, fixtures.TREES[entry["model"]])
            else:
                copy(BUNDLES / entry["model"], model, link=False)
            if entry["model"] == "ignored" and entry["release"] < "1.1":
                # It records no ignored paths; a consumer does not get these files.
                shutil.rmtree(model / "docs")
                (model / "train.log").unlink()
            shutil.copy(BUNDLES / entry["bundle"], beside(model))
            by_trust.setdefault(entry.get("trust", "keys"), {})[model] = entry
        for trust, models in by_trust.items():
            flags = ("--signature", "{model}.sig", "--allow-symlinks")
            if trust == "keys":
                keys = sorted({BUNDLES / entry["key"] for entry in models.values()})
                code, records = self.ours.verify(models, keys, *flags)
            else:
                code, records = self.ours.verify_certificate(models, [BUNDLES / trust], *flags)
            bad = {model for model, entry in models.items() if "expect" in entry}
            self.that(code == (1 if bad else 0), f"committed bundles, {trust}: exit code of {len(models)}", code)
            for model, entry in models.items():
                what = f"committed {model.relative_to(self.work / 'committed')} -> ours"
                if model in bad:
                    self.failed(what, code, records.get(model, {}), entry["expect"])
                else:
                    self.that(records.get(model, {}).get("outcome") == "VERIFIED", what, records.get(model))


def fingerprint(pem):
    """SHA-256 of the first certificate in a file, in hex."""
    certificate = x509.load_pem_x509_certificates(pem.read_bytes())[0]
    return hashlib.sha256(certificate.public_bytes(form.Encoding.DER)).hexdigest()
