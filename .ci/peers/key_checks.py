"""Keys of every kind: what ours signs is verified by Go's standard library and by OpenSSL, over a PAE of their own making, and what is
signed in the form of the Go client is verified by ours. Where a build of the Go client itself is given, it takes part."""

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
# As the Go client signs with it under every method, and the only form that it verifies.
ALGORITHMS["ed25519"] = "ed25519ph"
METHODS = ("key", "certificate")
# A form of Ed25519 that no client writes.
PURE = "ed25519-pure"


def groups(peers):
    checks = KeyChecks(peers)
    if not peers.ours:
        return [checks.go_signs]
    by_hand = [checks.go_client_signs] if peers.go.client else []
    return [checks.go_signs, checks.every_key_ours_signs, *by_hand]


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
        for method in METHODS:
            models = {kind: model for (way, kind), model in signed.items() if way == method}
            keys = [self.pem(kind.removesuffix("-pure")) for kind in models] if method == "key" else []
            trust = [self.pem("root")] if method == "certificate" else []
            if what.startswith("Go"):
                trust = [self.pem("chain")] if trust else []
            said = self.go.verify([beside(model) for model in models.values()], keys, trust)
            for kind, model in models.items():
                got, expected = said.get(beside(model)), ALGORITHMS.get(kind)
                agrees = str(got).startswith("FAIL") if kind == PURE else got == expected
                self.that(agrees, f"{what} -> Go, {method} {kind}: {got}", (got, expected))
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
            for method in METHODS:
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
                self.client_verifies(method, kind, model)
                if kind != "ed25519":
                    why = openssl_verify(beside(model), self.pem(kind), kind)
                    self.that(why is None, f"ours -> OpenSSL, {method} {kind}", why)
        self.verify(signed, "ours")

    def client_verifies(self, method, kind, model):
        """By a build of the Go client, if there is one; it knows no P-521."""
        if self.go.client and kind != "p521":
            trust = ("--public-key", self.pem(kind)) if method == "key" else ("--certificate-chain", self.pem("root"))
            why = self.go.run_client("verify", method, *trust, "--signature", beside(model), model)
            self.that(why is None, f"ours -> the Go client, {method} {kind}", why)

    def go_client_signs(self):
        kinds = [kind for kind in self.peers.kinds if kind != "p521"]
        for method in METHODS:
            models = []
            for kind in kinds:
                model = self.model("go-client", method, kind)
                leaf = () if method == "key" else ("--signing-certificate", self.pem(f"{kind}-leaf"))
                why = self.go.run_client(
                    "sign", method, "--private-key", self.key(kind), *leaf, "--signature", beside(model), model
                )
                self.that(why is None, f"the Go client signs, {method} {kind}", why)
                models.append(model)
            flags = ("--signature", "{model}.sig")
            if method == "key":
                code, records = self.ours.verify(models, [self.pem(kind) for kind in kinds], *flags)
            else:
                code, records = self.ours.verify_certificate(models, [self.pem("chain")], *flags)
            self.that(code == 0, f"the Go client -> ours, {method}: exit code of {len(models)}", (code, records))
