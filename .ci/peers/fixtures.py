"""Makes the committed bundles of the reference client; make-fixtures calls it, see there.

    fixtures.py prepare OUT WORK          the keys, the committed model, the models told in trees.json
    fixtures.py sign VERSION OUT WORK     the bundles of the release that this interpreter carries
    fixtures.py index OUT WORK            index.json, one line per bundle

Everything but the keys and the signatures is the same at every run. Private keys stay in WORK, which make-fixtures deletes.
"""

import json
import os
import pathlib
import shutil
import struct
import sys

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

README = """\
# Bundles of the reference client

Written by the real `model-signing` (Python, sigstore/model-transparency), one folder a release, with
`.ci/peers/make-fixtures`, which installs each release into a virtual environment of its own. To add a case, change
`.ci/peers/fixtures.py`, run `make-fixtures` and commit the whole folder: keys and signatures are new each time.

- `model/`: the model that most bundles are of.
- `trees.json`: models whose names not every checkout can carry: path to content, or to `{"link": TARGET}`. Tests make them.
- `keys/`: public keys, as PEM. They are test keys; the private ones were thrown away.
- `index.json`: for each bundle its file, release, model (`model`, a tree's name, or a file in `model/`), key, method, hash,
  shard size, root digest (absent for v0.2.0, which had none), and the ignored paths the signer was told, beside those of Git.

What to know:
- The client adds `.git`, `.gitattributes`, `.github` and `.gitignore` to `ignore_paths`, in no fixed order.
- `single-file.sig` holds one resource named `.`.
- `all-signed.sig` was made with `ignore_git_paths` off: the files of Git in the tree `ignored` are signed, and nothing is ignored.
- 1.0.0 and 1.0.1 write the public key itself (`rawBytes`) and no `tlogEntries`; 0.2.0 also a broken PAE and SHA-256 for every curve
  (its `keyDetails` says P-256 whatever the key is).
- 1.0.0 and 1.0.1 look for the files of Git in the working directory, not in the model, and record no `ignore_paths`: their
  `ignored.sig` lists `.git/HEAD`, `.gitattributes` and so on among the resources, without the folders that the signer was told to ignore.
- 1.1.1 itself refuses four of these: both `ignored.sig` of 1.0 (it calls the listed files of Git missing), and the P-384 and P-521
  bundles of 0.2.0 (it expects the curve's own digest). The signatures are right; a verifier may accept them.
"""


def prepare(out, work):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    shutil.rmtree(out, ignore_errors=True)
    (out / "keys").mkdir(parents=True)
    (out / "README.md").write_text(README, encoding="utf-8")
    for name, curve in zip(CURVES, (ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1())):
        key = ec.generate_private_key(curve)
        (work / f"{name}.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        (out / "keys" / f"{name}.pem").write_bytes(
            key.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )
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


def sign(version, out, work):
    target = out / f"python-{version}"
    target.mkdir()
    cases = []

    def case(name, model="model", key="p256", **options):
        path = out / model if model.split("/")[0] == "model" else work / model
        sign_one(version, path, target / f"{name}.sig", work / f"{key}.key", options)
        cases.append(
            {
                "bundle": f"{target.name}/{name}.sig",
                "release": version,
                "model": model,
                "key": f"keys/{key}.pem",
                "method": "shards" if "shard_size" in options else "files",
                "hash": options.get("hash", "sha256"),
                **{k: v for k, v in options.items() if k != "hash"},
            }
        )

    for curve in CURVES:
        case(f"files-{curve}", key=curve)
    case("names", "names")
    if version == "0.2.0":
        return save(work, version, cases)
    case("shards", shard_size=64)
    case("shards-blake2b", shard_size=64, hash="blake2b")
    case("files-blake2b", hash="blake2b")
    case("single-file", "model/model.safetensors")
    case("ignored", "ignored", ignore_paths=["docs", "train.log"])
    if version == "1.1.1":
        case("files-blake3", hash="blake3")
        case("names-shards", "names", shard_size=1_000_000_000)
        case("all-signed", "ignored", ignore_git_paths=False)
        case("linked", "linked", allow_symlinks=True)
    return save(work, version, cases)


def sign_one(version, model, bundle, key, options):
    if version == "0.2.0":
        return sign_with_0_2_0(model, bundle, key)
    import model_signing

    if model_signing.__version__ != version:
        raise SystemExit(f"expected model-signing {version}, found {model_signing.__version__}")
    hashing = model_signing.hashing.Config()
    algorithm = options.get("hash", "sha256").replace("blake2b", "blake2")
    if "shard_size" in options:
        hashing.use_shard_serialization(
            hashing_algorithm=algorithm, shard_size=options["shard_size"]
        )
    else:
        hashing.use_file_serialization(hashing_algorithm=algorithm)
    hashing.set_ignored_paths(
        # 1.0 takes them from the working directory, 1.1 from the model: absolute ones mean the same to both.
        paths=[model / p for p in options.get("ignore_paths", [])],
        ignore_git_paths=options.get("ignore_git_paths", True),
    )
    if options.get("allow_symlinks"):
        hashing.set_allow_symlinks(True)
    # 1.0 asks Sigstore for its trust root before it hears which method is wanted; a key needs none.
    model_signing.signing.Config.use_sigstore_signer = lambda config, **_: config
    model_signing.signing.Config().use_elliptic_key_signer(
        private_key=key
    ).set_hashing_config(hashing).sign(model, bundle)


def sign_with_0_2_0(model, bundle, key):
    from model_signing import api, model as signing
    from model_signing.signature.key import ECKeySigner
    from model_signing.signing import in_toto, in_toto_signature

    serializer = api.HashingConfig().set_serialize_by_file_to_manifest()._serializer
    signer = in_toto_signature.IntotoSigner(ECKeySigner.from_path(str(key)))
    signing.sign(
        model, signer, in_toto.DigestsIntotoPayload.from_manifest, serializer
    ).write(bundle)


def save(work, version, cases):
    (work / f"cases-{version}.json").write_text(json.dumps(cases))


def index(out, work):
    import base64

    lines = []
    for file in sorted(work.glob("cases-*.json"), reverse=True):
        for case in json.loads(file.read_text()):
            bundle = json.loads((out / case["bundle"]).read_text())
            statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
            if "resources" in statement["predicate"]:
                case["rootDigest"] = statement["subject"][0]["digest"]["sha256"]
            lines.append("  " + json.dumps(case))
    (out / "index.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")


def main(arguments):
    os.umask(0o022)
    command, *version, out, work = arguments
    out, work = pathlib.Path(out).resolve(), pathlib.Path(work).resolve()
    {"prepare": prepare, "sign": sign, "index": index}[command](*version, out, work)


if __name__ == "__main__":
    main(sys.argv[1:])
