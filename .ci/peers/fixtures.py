"""Makes the committed bundles of the reference client that are not there yet; make-fixtures calls it, see there.

    fixtures.py prepare OUT WORK          new signers, the committed model, the models told in trees.json
    fixtures.py sign VERSION OUT WORK     the missing bundles of the release that this interpreter carries
    fixtures.py go PROGRAM OUT WORK       those in the form of the Go client, made by the program in `go`
    fixtures.py index OUT WORK            index.json, one line per bundle

A bundle that lies in OUT is left alone: its private key was thrown away. The signers of the new ones get a folder of their own, with
the next free number. Private keys stay in WORK, which make-fixtures deletes.
"""

import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import types

CURVES = ("p256", "p384", "p521")

# Models whose names a checkout may not carry everywhere (or Git would read itself): tests make them from trees.json.
TREES = {
    "names": {
        "a b/two  spaces.txt": "spaces",
        "a.txt": "a file beside the folder a",
        "a/b.txt": "by parts before a.txt, by code points after it",
        "caf\u00e9.txt": "composed",
        "cafe\u0301.txt": "decomposed: another file",
        "it's.txt": "an apostrophe, which v0.2.0 escaped",
        "quote\"back\\slash.txt": "characters that JSON escapes",
        "\u6a21\u578b/\u6743\u91cd.bin": "not Latin",
        "\ue000.bin": "before U+10000 by code point, after it by UTF-16 unit",
        "\uffee.bin": "the same",
        "\U00010000.bin": "above U+FFFF",
        "\U0001f600.bin": "above U+FFFF",
    },
    "ignored": {
        ".git/HEAD": "ref: refs/heads/main\n",
        ".gitattributes": "* -text\n",
        ".github/workflows/ci.yaml": "on: push\n",
        ".gitignore": "*.tmp\n",
        ".gitmodules": "signed: not one of the four\n",
        "docs/a.md": "ignored with its folder\n",
        "docs/deep/b.md": "ignored with its folder\n",
        "sub/.gitignore": "signed: not at the root\n",
        "train.log": "ignored\n",
        "weights.bin": "signed\n",
    },
    "linked": {
        "weights.bin": "the target\n",
        "sub/other.bin": "in a folder\n",
        "link.bin": {"link": "weights.bin"},
        "sub/up.bin": {"link": "../weights.bin"},
    },
}

def prepare(out, work):
    import certificates

    number = 1
    while (out / f"signers-{number}").exists():
        number += 1
    signers = out / f"signers-{number}"
    intermediate, root, keys = certificates.make_signers(signers, work)
    odd = {}
    for name, (leaf, says) in certificates.odd_leaves(intermediate, root, keys["p256"]).items():
        certificates.write_certificates(signers / f"{name}-leaf.pem", leaf)
        odd[name] = says
    (work / "signers.json").write_text(json.dumps({"folder": signers.name, "odd": odd}))
    write_model(out / "model")
    (out / "trees.json").write_text(
        json.dumps(TREES, indent=2, ensure_ascii=True) + "\n", encoding="utf-8"
    )
    for name, tree in TREES.items():
        write_tree(work / name, tree)


def write_model(folder):
    """A model of a few hundred bytes: nested, hidden and empty files, and tensors long enough for several shards."""
    header = json.dumps(
        {"weight": {"dtype": "F32", "shape": [5, 8], "data_offsets": [0, 160]}}
    ).encode()
    header += b" " * (-len(header) % 8)
    tensors = struct.pack("<40f", *(i / 8 for i in range(40)))
    contents = {
        ".hidden/notes.txt": b"hidden files count\n",
        "config.json": b'{"model_type": "tiny"}\n',
        "empty.txt": b"",
        "model.safetensors": struct.pack("<Q", len(header)) + header + tensors,
        "tokenizer/merges.txt": b"t h\nth e\n",
        "tokenizer/vocab.json": b'{"the": 0}\n',
    }
    for path, content in contents.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def write_tree(folder, tree):
    for path, content in tree.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, dict):
            file.symlink_to(content["link"])
        else:
            file.write_text(content, encoding="utf-8")


class Cases:
    """The cases of one writer: makes the bundles that are missing, and remembers their lines of the index."""

    def __init__(self, folder, release, out, work):
        self.target = out / folder
        self.target.mkdir(exist_ok=True)
        self.release = release
        self.out = out
        self.work = work
        signers = json.loads((work / "signers.json").read_text())
        self.signers, self.odd = signers["folder"], signers["odd"]
        self.lines = []

    def add(self, name, signs, model, said, options):
        """`signs` is called with the model, the bundle and the options, if there is no such bundle yet."""
        bundle = self.target / f"{name}.sig"
        if bundle.exists():
            return
        path = self.out / model if model.split("/")[0] == "model" else self.work / model
        signs(path, bundle, options)
        self.lines.append(
            {
                "bundle": f"{self.target.name}/{name}.sig",
                "release": self.release,
                "model": model,
                **said,
                "method": "shards" if "shard_size" in options else "files",
                "hash": options.get("hash", "sha256"),
                **{k: v for k, v in options.items() if k != "hash"},
            }
        )

    def key(self, name, sign, model="model", key="p256", **options):
        said = {"key": f"{self.signers}/{key}.pem"}
        self.add(
            name, lambda *case: sign(*case, key=self.work / f"{key}.key"), model, said, options
        )

    def certificate(
        self, name, sign, model="model", key="p256", leaf=None, chain="intermediate", trust="root", **options
    ):
        """`chain` and `trust` are files of the signers; a chain of None says that the bundle has the leaf alone."""
        leaf = leaf or key
        files = {part: self.out / self.signers / f"{part}.pem" for part in (chain, trust) if part}
        certificate = self.out / self.signers / f"{leaf}-leaf.pem"
        said = {
            "material": "certificate",
            "certificate": f"{self.signers}/{certificate.name}",
            "trust": f"{self.signers}/{trust}.pem",
        }
        if self.odd.get(leaf):
            said["expect"] = self.odd[leaf]
        self.add(
            f"certificate-{name}",
            lambda *case: sign(
                *case,
                key=self.work / f"{key}.key",
                certificate=certificate,
                chain=[files[chain]] if chain else [],
            ),
            model,
            said,
            options,
        )

    def save(self):
        if not any(self.target.iterdir()):
            self.target.rmdir()
        (self.work / f"cases-{self.target.name}.json").write_text(json.dumps(self.lines))


def sign(version, out, work):
    release = tuple(map(int, version.split(".")))
    cases = Cases(f"python-{version}", version, out, work)

    def signs(model, bundle, options, key, certificate=None, chain=()):
        sign_one(version, model, bundle, key, options, certificate, chain)

    for curve in CURVES:
        cases.key(f"files-{curve}", signs, key=curve)
        cases.certificate(curve, signs, key=curve)
    cases.key("names", signs, "names")
    cases.certificate("names", signs, "names")
    cases.certificate("root-included", signs, chain="chain")
    cases.certificate("named-as-issuer-ca-flag", signs, leaf="named-as-issuer-ca-flag")
    if release > (0, 2, 0):
        cases.key("shards", signs, shard_size=64)
        cases.key("shards-blake2b", signs, shard_size=64, hash="blake2b")
        cases.key("files-blake2b", signs, hash="blake2b")
        cases.key("single-file", signs, "model/model.safetensors")
        cases.key("ignored", signs, "ignored", ignore_paths=["docs", "train.log"])
        cases.key("linked", signs, "linked", allow_symlinks=True)
        cases.certificate("shards", signs, shard_size=64)
        cases.certificate("ignored", signs, "ignored", ignore_paths=["docs", "train.log"])
    if release >= (1, 1, 0):
        cases.key("files-blake3", signs, hash="blake3")
        cases.key("names-shards", signs, "names", shard_size=1_000_000_000)
        cases.key("all-signed", signs, "ignored", ignore_git_paths=False)
    if release >= (1, 1, 1):
        for name in cases.odd:
            trust = "self-signed-leaf" if name == "self-signed" else "root"
            chain = {"self-signed": trust, "below-root": "root"}.get(name, "intermediate")
            cases.certificate(name, signs, leaf=name, chain=chain, trust=trust)
    cases.save()


def go(program, out, work):
    """What the Go client writes, reconstructed: no release of it can be had by its name. See the program for the forms."""
    cases = Cases("go-client", "go-client", out, work)

    def signs(model, bundle, options, key, certificate=None, chain=(), pure=False):
        words = ["sign", "--key", key, "--output", bundle]
        if certificate:
            words += ["--certificate", certificate]
        for file in chain:
            words += ["--chain", file]
        if "shard_size" in options:
            words += ["--shard-size", options["shard_size"]]
        for path in options.get("ignore_paths", []):
            words += ["--ignore", path]
        if pure:
            words += ["--pure"]
        subprocess.run([program, *map(str, words), str(model)], check=True)

    def pure(*case, **signer):
        signs(*case, **signer, pure=True)

    # It verifies no P-521. No release of it writes pure Ed25519, nor verifies it: those two are for ours.
    for kind in ("p256", "p384", "rsa2048", "rsa3072", "rsa4096", "ed25519"):
        cases.key(f"files-{kind}", signs, key=kind)
        cases.certificate(kind, signs, key=kind, chain=None, trust="chain")
    cases.key("files-ed25519-pure", pure, key="ed25519")
    cases.certificate("ed25519-pure", pure, key="ed25519", chain=None, trust="chain")
    for kind in ("p256", "rsa3072", "ed25519"):
        cases.certificate(f"{kind}-with-chain", signs, key=kind)
    cases.key("names", signs, "names")
    cases.key("shards", signs, key="rsa3072", shard_size=64)
    cases.certificate("shards", signs, shard_size=64, chain=None, trust="chain")
    cases.key("ignored", signs, "ignored", ignore_paths=["docs", "train.log"])
    cases.save()


def sign_one(version, model, bundle, key, options, certificate=None, chain=()):
    if version == "0.2.0":
        return sign_with_0_2_0(model, bundle, key, certificate, chain)
    import model_signing

    if model_signing.__version__ != version:
        raise SystemExit(f"expected model-signing {version}, found {model_signing.__version__}")
    hashing = model_signing.hashing.Config()
    how = {
        "hashing_algorithm": options.get("hash", "sha256").replace("blake2b", "blake2"),
        "allow_symlinks": options.get("allow_symlinks", False),
    }
    if "shard_size" in options:
        hashing.use_shard_serialization(shard_size=options["shard_size"], **how)
    else:
        hashing.use_file_serialization(**how)
    if hasattr(hashing, "set_allow_symlinks"):  # which overrules what was said above, since 1.1
        hashing.set_allow_symlinks(how["allow_symlinks"])
    # 1.0 takes them from the working directory, 1.1 from the model: absolute ones mean the same to both.
    paths = [model / p for p in options.get("ignore_paths", [])]
    if version == "0.3.0":  # it has no word on the files of Git, and signs them
        hashing.set_ignored_paths(paths)
    else:
        hashing.set_ignored_paths(
            paths=paths, ignore_git_paths=options.get("ignore_git_paths", True)
        )
    # Before 1.1 it asks Sigstore for its trust root before it hears which method is wanted; these methods need none.
    model_signing.signing.Config.use_sigstore_signer = lambda config, **_: config
    config = model_signing.signing.Config()
    if certificate:
        if version.startswith("0.3."):
            repair_certificates_of_0_3()
        config.use_certificate_signer(
            private_key=key, signing_certificate=certificate, certificate_chain=chain
        )
    else:
        config.use_elliptic_key_signer(private_key=key)
    config.set_hashing_config(hashing).sign(model, bundle)


def repair_certificates_of_0_3():
    """As published, 0.3.0 and 0.3.1 misspell a field of their own library, and cannot sign with a certificate at all.

    Bundles of 0.3.1 exist, though (the reference client keeps one among its tests): made from its sources, once that was repaired.
    """
    from model_signing._signing import sign_certificate

    real = sign_certificate.common_pb
    if not isinstance(real, types.SimpleNamespace):
        sign_certificate.common_pb = types.SimpleNamespace(
            X509Certificate=lambda raw_byutes: real.X509Certificate(raw_bytes=raw_byutes),
            X509CertificateChain=real.X509CertificateChain,
        )


def sign_with_0_2_0(model, bundle, key, certificate, chain):
    from model_signing import api, model as signing
    from model_signing.signature.key import ECKeySigner
    from model_signing.signature.pki import PKISigner
    from model_signing.signing import in_toto, in_toto_signature

    serializer = api.HashingConfig().set_serialize_by_file_to_manifest()._serializer
    if certificate:
        signer = PKISigner.from_path(str(key), str(certificate), list(map(str, chain)))
    else:
        signer = ECKeySigner.from_path(str(key))
    signing.sign(
        model,
        in_toto_signature.IntotoSigner(signer),
        in_toto.DigestsIntotoPayload.from_manifest,
        serializer,
    ).write(bundle)


def index(out, work):
    import base64

    file = out / "index.json"
    known = json.loads(file.read_text()) if file.exists() else []
    made = [case for cases in sorted(work.glob("cases-*.json")) for case in json.loads(cases.read_text())]
    for case in made:
        bundle = json.loads((out / case["bundle"]).read_text())
        statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
        if "resources" in statement["predicate"]:
            case["rootDigest"] = statement["subject"][0]["digest"]["sha256"]
    names = {case["bundle"] for case in made}
    kept = [c for c in known if c["bundle"] not in names and (out / c["bundle"]).is_file()]
    # The newest release first; the order within one stays as it is.
    lines = sorted([*kept, *made], key=lambda case: case["release"], reverse=True)
    file.write_text("[\n" + ",\n".join("  " + json.dumps(case) for case in lines) + "\n]\n")
    if not made:
        shutil.rmtree(out / json.loads((work / "signers.json").read_text())["folder"])


def main(arguments):
    os.umask(0o022)
    command, *which, out, work = arguments
    out, work = pathlib.Path(out).resolve(), pathlib.Path(work).resolve()
    {"prepare": prepare, "sign": sign, "go": go, "index": index}[command](*which, out, work)


if __name__ == "__main__":
    main(sys.argv[1:])
