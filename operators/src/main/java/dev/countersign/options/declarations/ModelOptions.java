package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.SerializationMethod;
import dev.countersign.oms.ShardAlgorithm;
import dev.countersign.options.Command;
import dev.countersign.options.CommandSets;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.DeclaredOption.Identity;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.ValueType;
import java.util.EnumSet;
import java.util.List;
import org.apache.flink.configuration.MemorySize;

/** Options for the content of a model, its hashing, and its bundle. */
public final class ModelOptions {

  /** Location of bundles. */
  public static final DeclaredOption<String> SIGNATURE =
      DeclaredOption.of(
              key("signature").stringType().noDefaultValue(),
              ValueType.text("PATH|TEMPLATE"),
              OptionGroup.SIGNATURES,
              CommandSets.RUNS,
              "Location of the bundle, or a template for it. {model} stands for the model's path or"
                  + " URI, {name} for its name (the path below the fixed part of a glob). Without"
                  + " the option: {model}/model.sig for a folder, {model}.sig for a file.")
          .commonIn(CommandSets.BUNDLES);

  /** Whether an existing bundle fails the model. */
  public static final DeclaredOption<Boolean> NO_OVERWRITE =
      DeclaredOption.of(
          key("no-overwrite").booleanType().defaultValue(false),
          ValueType.SWITCH,
          OptionGroup.SIGNATURES,
          CommandSets.SIGN_FIRST,
          "Fail models that already have a bundle instead of replacing it.");

  /** Whether signed models are skipped. */
  public static final DeclaredOption<Boolean> SKIP_SIGNED =
      DeclaredOption.of(
              key("skip-signed").booleanType().defaultValue(false),
              ValueType.SWITCH,
              OptionGroup.SIGNATURES,
              CommandSets.SIGN,
              "Skip models that this signer has already signed. The signature must be valid and no"
                  + " file newer than the bundle. This lets an interrupted run resume where it"
                  + " stopped.")
          .commonIn(CommandSets.SIGN_FIRST);

  /** Whether only the plan is printed. */
  public static final DeclaredOption<Boolean> DRY_RUN =
      DeclaredOption.of(
              key("dry-run").booleanType().defaultValue(false),
              ValueType.SWITCH,
              OptionGroup.SIGNATURES,
              CommandSets.RUNS,
              "Print what would be done, without doing it. Lists models, files, bytes and bundles."
                  + " Nothing is hashed or written.")
          .commonIn(CommandSets.SIGN)
          .identifiedBy(Identity.NONE);

  /** Files and folders to exclude. */
  public static final DeclaredOption<List<String>> IGNORE_PATHS =
      DeclaredOption.ofList(
              key("ignore-paths").stringType().asList().defaultValues(),
              ValueType.text("PATH"),
              OptionGroup.CONTENT,
              CommandSets.CHOOSE,
              "File or folder to exclude. Relative to the root of each model, or to the working"
                  + " folder if that leads into the model; not a glob. When signing, the bundle"
                  + " records what was excluded.")
          .commonIn(CommandSets.CHOOSE);

  /** Whether Git's files are excluded. */
  public static final DeclaredOption<Boolean> IGNORE_GIT_PATHS =
      DeclaredOption.of(
          key("ignore-git-paths").booleanType().defaultValue(true),
          ValueType.SWITCH,
          OptionGroup.CONTENT,
          CommandSets.RUNS,
          "Exclude .git, .gitattributes, .github and .gitignore at the root of a model. When"
              + " verifying, the bundle decides.");

  /** Whether symbolic links are followed. */
  public static final DeclaredOption<Boolean> ALLOW_SYMLINKS =
      DeclaredOption.of(
          key("allow-symlinks").booleanType().defaultValue(false),
          ValueType.SWITCH,
          OptionGroup.CONTENT,
          CommandSets.RUNS,
          "Follow symbolic links to files inside the model. Without the option, a link is an"
              + " error.");

  /** Folders outside the models that links may lead into. */
  public static final DeclaredOption<List<String>> SYMLINK_ROOT =
      DeclaredOption.ofList(
          key("symlink-root").stringType().asList().defaultValues(),
          ValueType.text("DIR"),
          OptionGroup.CONTENT,
          CommandSets.RUNS,
          "Folder outside the models that links may lead into, such as a cache of blobs. Requires"
              + " --allow-symlinks.");

  /** Whether Git LFS pointers are signed. */
  public static final DeclaredOption<Boolean> ALLOW_LFS_POINTERS =
      DeclaredOption.of(
          key("allow-lfs-pointers").booleanType().defaultValue(false),
          ValueType.SWITCH,
          OptionGroup.CONTENT,
          CommandSets.SIGN,
          "Sign Git LFS pointers as they are. Without the option, a model that contains one fails,"
              + " because the file that it stands for is missing.");

  /** Whether unsigned files are accepted. */
  public static final DeclaredOption<Boolean> IGNORE_UNSIGNED_FILES =
      DeclaredOption.of(
          key("ignore-unsigned-files").booleanType().defaultValue(false),
          ValueType.SWITCH,
          OptionGroup.CONTENT,
          CommandSets.VERIFY,
          "Accept files that are in the model but not in the bundle. Recorded in the result.");

  /** Hash algorithm for the content. */
  public static final DeclaredOption<HashAlgorithm> HASH_ALGORITHM =
      DeclaredOption.of(
              key("hash-algorithm")
                  .enumType(HashAlgorithm.class)
                  .defaultValue(HashAlgorithm.SHA256),
              ValueType.choice(HashAlgorithm.class, HashAlgorithm::omsName),
              OptionGroup.HASHING,
              CommandSets.HASH,
              "Hash algorithm. resign keeps the algorithm of each bundle unless the option is"
                  + " given.")
          .commonIn(EnumSet.of(Command.DIGEST));

  /** Granularity of the digests. */
  public static final DeclaredOption<SerializationMethod> SERIALIZATION =
      DeclaredOption.of(
          key("serialization")
              .enumType(SerializationMethod.class)
              .defaultValue(SerializationMethod.FILES),
          ValueType.choice(SerializationMethod.class, SerializationMethod::omsName),
          OptionGroup.HASHING,
          CommandSets.HASH,
          "Compute one digest per file, or one per shard of a file. With shards, a large file is"
              + " hashed in many places in parallel. resign keeps the method of each bundle unless"
              + " the option is given.");

  /** Size of a shard. */
  public static final DeclaredOption<MemorySize> SHARD_SIZE =
      DeclaredOption.of(
          key("shard-size")
              .memoryType()
              .defaultValue(new MemorySize(Serialization.DEFAULT_SHARD_SIZE)),
          ValueType.SIZE,
          OptionGroup.HASHING,
          CommandSets.HASH,
          "Size of a shard. Requires --serialization shards. resign keeps the size of each bundle"
              + " unless the option is given.");

  /** Name of a shard's algorithm in a bundle. */
  public static final DeclaredOption<ShardAlgorithm> SHARD_ALGORITHM =
      DeclaredOption.of(
          key("shard-algorithm").enumType(ShardAlgorithm.class).defaultValue(ShardAlgorithm.CLIENT),
          ValueType.choice(ShardAlgorithm.class),
          OptionGroup.HASHING,
          CommandSets.SIGN,
          "Name of a shard's algorithm in the bundle. client: sha256-sharded-SIZE, which other"
              + " clients write and require. spec: sha256, as in the specification's schema.");

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
