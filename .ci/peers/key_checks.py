"""Keys of every kind: what ours signs is verified by Go's standard library and by OpenSSL, over a PAE of their own making, and what is
signed in the form of the Go client is verified by ours."""

from clients import openssl_verify
from models import beside, copy, label

ALGORITHMS = {
    "p256": "ecdsa-P-256",
    "p384": "ecdsa-P-384",
    "p521": "ecdsa-P-521",
    "rsa2048": "rsa-2048",
    "rsa3072": "rsa-3072",
    "rsa4096": "rsa-4096",
}
# Under the key method Ed25519 is signed as the Go client does it, prehashed.
BY_METHOD = {"key": {**ALGORITHMS, "ed25519": "ed25519ph"}, "certificate": {**ALGORITHMS, "ed25519": "ed25519"}}


def groups(peers):
    checks = KeyChecks(peers)
    return [checks.go_signs, checks.every_key_ours_signs] if peers.ours else [checks.go_signs]


class KeyChecks:
    def __init__(self, peers):
        self.peers = peers
        self.ours, self.go, self.that = peers.ours, peers.go, peers.checks.that
        self.work = peers.work
        self.pem, self.key = peers.public, peers.private

    def model(self, *parts):
        return copy(self.peers.sources / "plain", self.work.joinpath(*parts))

    def verify(self, signed, what):
        """By Go, in one process for each method, and by ours likewise. `signed` is (method, kind): model."""
        for method in BY_METHOD:
            models = {kind: model for (way, kind), model in signed.items() if way == method}
            keys = [self.pem(kind.removesuffix("-pure")) for kind in models] if method == "key" else []
            trust = [self.pem("root")] if method == "certificate" else []
            if what.startswith("Go"):
                trust = [self.pem("chain")] if trust else []
            said = self.go.verify([beside(model) for model in models.values()], keys, trust)
            for kind, model in models.items():
                expected = BY_METHOD[method].get(kind)
                if kind == "ed25519-pure":
                    expected = "ed25519"
                elif kind == "ed25519" and what.startswith("Go"):
                    expected = "ed25519ph"
                got = said.get(beside(model))
                self.that(got == expected, f"{what} -> Go, {method} {kind}: {got}", (got, expected))
            if not self.ours:
                continue
            flags = ("--signature", "{model}.sig")
            if method == "key":
                code, records = self.ours.verify(models.values(), keys, *flags)
            else:
                code, records = self.ours.verify_certificate(models.values(), trust, *flags)
            self.that(code == 0, f"{what} -> ours, {method}: exit code of {len(models)}", code)
            for model in models.values():
                record = records.get(model, {})
                self.that(record.get("outcome") == "VERIFIED", f"{what} -> ours, {method} {label(model)}", record)

    def sign(self, method, model, kind, *flags):
        if method == "key":
            return self.ours.sign([model], self.key(kind), *flags)
        chain = [self.pem("intermediate")]
        return self.ours.sign_certificate([model], self.key(kind), self.pem(f"{kind}-leaf"), chain, *flags)

    # The groups of checks.

    def go_signs(self):
        signed = {}
        for kind in self.peers.kinds:
            if kind == "p521":
                continue  # that client does not know it
            for form in (kind, f"{kind}-pure") if kind == "ed25519" else (kind,):
                pure = ["--pure"] if form != kind else []
                key = self.key(kind)
                model = signed["key", form] = self.model("go/key", form)
                self.go.sign(model, beside(model), key, *pure)
                model = signed["certificate", form] = self.model("go/certificate", form)
                self.go.sign(model, beside(model), key, "--certificate", self.pem(f"{kind}-leaf"), *pure)
        self.verify(signed, "Go")

    def every_key_ours_signs(self):
        """Models that groups before this one had signed with the same keys are taken from there: a process costs seconds."""
        signed = {}
        flags = ("--signature", "{model}.sig")
        for kind in self.peers.kinds:
            before = {
                "key": self.work / "ours" / ("files" if kind == "p256" else kind) / "plain",
                "certificate": self.work / "ours/certificates" / kind,
            }
            for method in BY_METHOD:
                model, code, records = before[method], 0, {}
                if not beside(model).is_file():
                    model = self.model("ours", f"every-{method}", kind)
                    code, records = self.sign(method, model, kind, *flags)
                if not self.that(
                    code == 0 and beside(model).is_file(),
                    f"ours signs, {method} {kind}",
                    (code, records.get(model)),
                ):
                    continue
                signed[method, kind] = model
                if (method, kind) != ("key", "ed25519"):
                    why = openssl_verify(beside(model), self.pem(kind), kind)
                    self.that(why is None, f"ours -> OpenSSL, {method} {kind}", why)
        self.verify(signed, "ours")
