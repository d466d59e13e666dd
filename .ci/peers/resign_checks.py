"""What the reference client signed is signed again by ours with another key, in the same way and in others; the reference verifies it."""

import shutil

from clients import resources, statement
from models import beside, copy, label

SHARD = 65536
SHARDS = {"shard_size": SHARD}

# Way to sign, the reference's options for it, the model.
SIGNED = (
    ("files", {}, "plain"),
    ("names", {}, "names"),
    ("shards", SHARDS, "large"),
    ("blake2b", {"hash": "blake2b"}, "plain"),
    ("ignored", {"ignore_paths": ["docs", "train.log"]}, "ignored"),
    ("git-signed", {"ignore_git_paths": False}, "ignored"),
    ("linked", {"allow_symlinks": True}, "linked"),
)

# Way to sign again, flags of ours, the reference's options to verify what comes of it.
CHANGED = (
    ("blake3", ("--hash-algorithm", "blake3"), {"hash": "blake3"}),
    ("to-shards", ("--serialization", "shards", "--shard-size", str(SHARD)), SHARDS),
    ("to-files", ("--serialization", "files"), {}),
)


def groups(peers):
    return [ResignChecks(peers).resigned] if peers.ours else []


class ResignChecks:
    def __init__(self, peers):
        self.peers = peers
        self.that = peers.checks.that
        self.folder = peers.work / "resigned"

    def signed(self, way, name, options):
        model = copy(self.peers.sources / name, self.folder / way / name)
        if way == "to-files":
            # No statement by shards lists empty files, so that from it none by files can be made.
            for file in [file for file in model.rglob("*") if file.is_file() and file.stat().st_size == 0]:
                file.unlink()
        self.peers.reference.sign(model, beside(model), self.peers.private("p256"), options)
        return model

    def resigned(self):
        self.folder.mkdir()
        policy = self.folder / "policy.yaml"
        policy.write_text(
            "version: 1\nrules:\n"
            f"  - {{name: all, models: '\\Q{self.folder.resolve()}\\E/.*', accept: {{keys: '{self.peers.public('p256')}'}}}}\n"
        )
        same = [(self.signed(way, name, options), options) for way, options, name in SIGNED]
        self.resign(policy, same)
        for way, flags, options in CHANGED:
            before = SHARDS if way == "to-files" else {}
            self.resign(policy, [(self.signed(way, "large", before), options)], *flags)

    def resign(self, policy, models, *flags):
        before = {model: resources(beside(model)) for model, _ in models}
        ignored = {model: self.ignored(model) for model, _ in models}
        kept = self.folder / "kept"
        code, records = self.peers.ours.records(
            "resign", "key", "--policy", policy, "--private-key", self.peers.private("p384"),
            "--signature", "{model}.sig", "--keep-previous", kept, *flags, *(model for model, _ in models),
        )  # fmt: skip
        self.that(code == 0, f"ours signs again: exit code of {len(models)}", (code, records))
        for model, options in models:
            record = records.get(model, {})
            what = label(model)
            self.that(record.get("outcome") == "SIGNED" and record.get("previousSigner"), f"ours signs again {what}", record)
            why = self.peers.reference.verify(model, beside(model), self.peers.public("p384"), options)
            self.that(why is None, f"reference -> ours again -> reference {what}", why)
            if not flags:
                self.that(
                    sorted(resources(beside(model))) == sorted(before[model]), f"same resources {what}", before[model][:3]
                )
            self.that(
                ignored[model] <= self.ignored(model), f"ignored paths carry over {what}", (ignored[model], self.ignored(model))
            )
        self.that(len(list(kept.glob("*.sig"))) == len(models), "the bundles before are kept", list(kept.glob("*")))
        shutil.rmtree(kept, ignore_errors=True)

    @staticmethod
    def ignored(model):
        return set(statement(beside(model))["predicate"]["serialization"].get("ignore_paths") or [])
