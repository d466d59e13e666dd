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
import dev.countersign.options.OptionSection;
import dev.countersign.options.ValueType;
import java.util.EnumSet;
import java.util.List;
import org.apache.flink.configuration.MemorySize;

/** Options for the content of a model, its hashing, and its bundle. */
public final class ModelOptions {

  private static final OptionSection SIGNATURES =
      new OptionSection(OptionGroup.SIGNATURES, CommandSets.RUNS);
  private static final OptionSection CONTENT = SIGNATURES.under(OptionGroup.CONTENT);
  private static final OptionSection HASHING =
      SIGNATURES.under(OptionGroup.HASHING).acceptedBy(CommandSets.HASH);

  public static final DeclaredOption<String> SIGNATURE =
      SIGNATURES
          .commonIn(CommandSets.BUNDLES)
          .option(
              key("signature").stringType().noDefaultValue(),
              ValueType.text("PATH|TEMPLATE"),
              "Location of the bundle, or a template for it. {model} stands for the model's path or"
                  + " URI, {name} for its name (the path below the fixed part of a glob). Without"
                  + " the option: {model}/model.sig for a folder, {model}.sig for a file.");

  public static final DeclaredOption<Boolean> NO_OVERWRITE =
      SIGNATURES
          .acceptedBy(CommandSets.SIGN_FIRST)
          .toggle(
              "no-overwrite", "Fail models that already have a bundle instead of replacing it.");

  public static final DeclaredOption<Boolean> SKIP_SIGNED =
      SIGNATURES
          .acceptedBy(CommandSets.SIGN)
          .commonIn(CommandSets.SIGN_FIRST)
          .toggle(
              "skip-signed",
              "Skip models that this signer has already signed. The signature must be valid and no"
                  + " file newer than the bundle. This lets an interrupted run resume where it"
                  + " stopped.");

  public static final DeclaredOption<Boolean> DRY_RUN =
      SIGNATURES
          .commonIn(CommandSets.SIGN)
          .identifiedBy(Identity.NONE)
          .toggle(
              "dry-run",
              "Print what would be done, without doing it. Lists models, files, bytes and bundles."
                  + " Nothing is hashed or written.");

  public static final DeclaredOption<List<String>> IGNORE_PATHS =
      CONTENT
          .acceptedBy(CommandSets.CHOOSE)
          .commonIn(CommandSets.EACH)
          .list(
              key("ignore-paths").stringType().asList().defaultValues(),
              ValueType.text("PATH"),
              "File or folder to exclude. Relative to the root of each model, or to the working"
                  + " folder if that leads into the model; not a glob. When signing, the bundle"
                  + " records what was excluded.");

  public static final DeclaredOption<Boolean> IGNORE_GIT_PATHS =
      CONTENT.option(
          key("ignore-git-paths").booleanType().defaultValue(true),
          ValueType.SWITCH,
          "Exclude .git, .gitattributes, .github and .gitignore at the root of a model. When"
              + " verifying, the bundle decides.");

  public static final DeclaredOption<Boolean> ALLOW_SYMLINKS =
      CONTENT.toggle(
          "allow-symlinks",
          "Follow symbolic links to files inside the model. Without the option, a link is an"
              + " error.");

  public static final DeclaredOption<List<String>> SYMLINK_ROOT =
      CONTENT.list(
          key("symlink-root").stringType().asList().defaultValues(),
          ValueType.text("DIR"),
          "Folder outside the models that links may lead into, such as a cache of blobs. Requires"
              + " --allow-symlinks.");

  public static final DeclaredOption<Boolean> ALLOW_LFS_POINTERS =
      CONTENT
          .acceptedBy(CommandSets.SIGN)
          .toggle(
              "allow-lfs-pointers",
              "Sign Git LFS pointers as they are. Without the option, a model that contains one"
                  + " fails, because the file that it stands for is missing.");

  public static final DeclaredOption<Boolean> IGNORE_UNSIGNED_FILES =
      CONTENT
          .acceptedBy(CommandSets.VERIFY)
          .toggle(
              "ignore-unsigned-files",
              "Accept files that are in the model but not in the bundle. Recorded in the result.");

  public static final DeclaredOption<HashAlgorithm> HASH_ALGORITHM =
      HASHING
          .commonIn(EnumSet.of(Command.DIGEST))
          .option(
              key("hash-algorithm")
                  .enumType(HashAlgorithm.class)
                  .defaultValue(HashAlgorithm.SHA256),
              ValueType.choice(HashAlgorithm.class, HashAlgorithm::omsName),
              "Hash algorithm. resign keeps the algorithm of each bundle unless the option is"
                  + " given.");

  public static final DeclaredOption<SerializationMethod> SERIALIZATION =
      HASHING.option(
          key("serialization")
              .enumType(SerializationMethod.class)
              .defaultValue(SerializationMethod.FILES),
          ValueType.choice(SerializationMethod.class, SerializationMethod::omsName),
          "Compute one digest per file, or one per shard of a file. With shards, a large file is"
              + " hashed in many places in parallel. resign keeps the method of each bundle unless"
              + " the option is given.");

  public static final DeclaredOption<MemorySize> SHARD_SIZE =
      HASHING.option(
          key("shard-size")
              .memoryType()
              .defaultValue(new MemorySize(Serialization.DEFAULT_SHARD_SIZE)),
          ValueType.SIZE,
          "Size of a shard. Requires --serialization shards. resign keeps the size of each bundle"
              + " unless the option is given.");

  public static final DeclaredOption<ShardAlgorithm> SHARD_ALGORITHM =
      HASHING
          .acceptedBy(CommandSets.SIGN)
          .option(
              key("shard-algorithm")
                  .enumType(ShardAlgorithm.class)
                  .defaultValue(ShardAlgorithm.CLIENT),
              ValueType.choice(ShardAlgorithm.class),
              "Name of a shard's algorithm in the bundle. client: sha256-sharded-SIZE, which other"
                  + " clients write and require. spec: sha256, as in the specification's schema.");

  static final List<DeclaredOption<?>> ALL = SIGNATURES.declared();

  private ModelOptions() {}
}
