package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.SerializationMethod;
import dev.countersign.oms.ShardAlgorithm;
import dev.countersign.options.CommandSets;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.ValueType;
import java.util.List;
import org.apache.flink.configuration.MemorySize;

/** Options that say what belongs to a model, how it is hashed, and where its bundle lies. */
public final class ModelOptions {

  /** Where bundles lie. */
  public static final DeclaredOption<String> SIGNATURE =
      DeclaredOption.of(
          key("signature").stringType().noDefaultValue(),
          ValueType.text("PATH|TEMPLATE"),
          OptionGroup.SIGNATURES,
          CommandSets.RUNS,
          "Where a model's bundle lies. {model} stands for the model's path or URI, {name} for its"
              + " name (the path below a glob's fixed part). Without it: {model}/model.sig inside a"
              + " folder, {model}.sig beside a file.");

  /** Whether an existing bundle fails the model. */
  public static final DeclaredOption<Boolean> NO_OVERWRITE =
      DeclaredOption.of(
          key("no-overwrite").booleanType().defaultValue(false),
          ValueType.SWITCH,
          OptionGroup.SIGNATURES,
          CommandSets.SIGN_FIRST,
          "Fail a model that has a bundle already, instead of replacing it.");

  /** Whether signed models are skipped. */
  public static final DeclaredOption<Boolean> SKIP_SIGNED =
      DeclaredOption.of(
          key("skip-signed").booleanType().defaultValue(false),
          ValueType.SWITCH,
          OptionGroup.SIGNATURES,
          CommandSets.SIGN,
          "Skip a model that this signer has validly signed and none of whose files is newer than"
              + " the bundle. So a run that was interrupted goes on where it stopped.");

  /** Whether only the plan is shown. */
  public static final DeclaredOption<Boolean> DRY_RUN =
      DeclaredOption.of(
          key("dry-run").booleanType().defaultValue(false),
          ValueType.SWITCH,
          OptionGroup.SIGNATURES,
          CommandSets.RUNS,
          "Print what would be done: models, files, bytes, bundles. Nothing is hashed or written.");

  /** What is left out. */
  public static final DeclaredOption<List<String>> IGNORE_PATHS =
      DeclaredOption.ofList(
          key("ignore-paths").stringType().asList().defaultValues(),
          ValueType.text("PATH"),
          OptionGroup.CONTENT,
          CommandSets.CHOOSE,
          "Leave out this file or folder. From the root of each model, or from the working folder"
              + " if that leads into the model; a plain path, no glob. Repeat it for more. The"
              + " bundle records what was left out when signing.");

  /** Whether Git's files are left out. */
  public static final DeclaredOption<Boolean> IGNORE_GIT_PATHS =
      DeclaredOption.of(
          key("ignore-git-paths").booleanType().defaultValue(true),
          ValueType.SWITCH,
          OptionGroup.CONTENT,
          CommandSets.RUNS,
          "Leave out .git, .gitattributes, .github and .gitignore at the root of a model. When"
              + " verifying, the bundle decides.");

  /** Whether links are followed. */
  public static final DeclaredOption<Boolean> ALLOW_SYMLINKS =
      DeclaredOption.of(
          key("allow-symlinks").booleanType().defaultValue(false),
          ValueType.SWITCH,
          OptionGroup.CONTENT,
          CommandSets.RUNS,
          "Take symbolic links to files inside the model for what they lead to. Otherwise a link is"
              + " an error.");

  /** Where links may lead. */
  public static final DeclaredOption<List<String>> SYMLINK_ROOT =
      DeclaredOption.ofList(
          key("symlink-root").stringType().asList().defaultValues(),
          ValueType.text("DIR"),
          OptionGroup.CONTENT,
          CommandSets.RUNS,
          "Folder outside the models that links may lead into, as with a cache of blobs. Needs"
              + " --allow-symlinks. Repeat it for more.");

  /** Whether Git LFS pointers are signed. */
  public static final DeclaredOption<Boolean> ALLOW_LFS_POINTERS =
      DeclaredOption.of(
          key("allow-lfs-pointers").booleanType().defaultValue(false),
          ValueType.SWITCH,
          OptionGroup.CONTENT,
          CommandSets.SIGN,
          "Sign Git LFS pointers as they are. Otherwise a model that holds one fails, since the"
              + " files that they stand for are missing.");

  /** Whether unsigned files pass. */
  public static final DeclaredOption<Boolean> IGNORE_UNSIGNED_FILES =
      DeclaredOption.of(
          key("ignore-unsigned-files").booleanType().defaultValue(false),
          ValueType.SWITCH,
          OptionGroup.CONTENT,
          CommandSets.VERIFY,
          "Let files pass that are in the model and not in the bundle. The result says so.");

  /** How content is hashed. */
  public static final DeclaredOption<HashAlgorithm> HASH_ALGORITHM =
      DeclaredOption.of(
          key("hash-algorithm").enumType(HashAlgorithm.class).defaultValue(HashAlgorithm.SHA256),
          ValueType.choice(HashAlgorithm.class, HashAlgorithm::omsName),
          OptionGroup.HASHING,
          CommandSets.HASH,
          "How the content is hashed. When signing again: as each bundle says, unless given.");

  /** How models are cut. */
  public static final DeclaredOption<SerializationMethod> SERIALIZATION =
      DeclaredOption.of(
          key("serialization")
              .enumType(SerializationMethod.class)
              .defaultValue(SerializationMethod.FILES),
          ValueType.choice(SerializationMethod.class, SerializationMethod::omsName),
          OptionGroup.HASHING,
          CommandSets.HASH,
          "One digest for each file, or for each shard of a file, so that one large file is hashed"
              + " in many places at once. When signing again: as each bundle says, unless given.");

  /** How large a shard is. */
  public static final DeclaredOption<MemorySize> SHARD_SIZE =
      DeclaredOption.of(
          key("shard-size")
              .memoryType()
              .defaultValue(new MemorySize(Serialization.DEFAULT_SHARD_SIZE)),
          ValueType.SIZE,
          OptionGroup.HASHING,
          CommandSets.HASH,
          "Size of a shard. Needs --serialization shards. When signing again: as each bundle says,"
              + " unless given.");

  /** How a shard's algorithm is spelled. */
  public static final DeclaredOption<ShardAlgorithm> SHARD_ALGORITHM =
      DeclaredOption.of(
          key("shard-algorithm").enumType(ShardAlgorithm.class).defaultValue(ShardAlgorithm.CLIENT),
          ValueType.choice(ShardAlgorithm.class),
          OptionGroup.HASHING,
          CommandSets.SIGN,
          "How a bundle spells a shard's algorithm: as other clients do and demand"
              + " (sha256-sharded-SIZE), or as the specification's schema has it (sha256).");

  static final List<DeclaredOption<?>> ALL =
      List.of(
          SIGNATURE,
          NO_OVERWRITE,
          SKIP_SIGNED,
          DRY_RUN,
          IGNORE_PATHS,
          IGNORE_GIT_PATHS,
          ALLOW_SYMLINKS,
          SYMLINK_ROOT,
          ALLOW_LFS_POINTERS,
          IGNORE_UNSIGNED_FILES,
          HASH_ALGORITHM,
          SERIALIZATION,
          SHARD_SIZE,
          SHARD_ALGORITHM);

  private ModelOptions() {}
}
