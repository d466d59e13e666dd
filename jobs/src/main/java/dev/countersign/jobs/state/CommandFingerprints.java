package dev.countersign.jobs.state;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.CatalogSource;
import dev.countersign.catalog.EntryStream;
import dev.countersign.catalog.watch.WatchedModels;
import dev.countersign.oms.ContentDigest;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.declarations.DeclaredOptions;
import dev.countersign.options.declarations.ModelOptions;
import dev.countersign.options.settings.OptionValues;
import dev.countersign.source.checkpoint.CommandFingerprint;
import dev.countersign.storage.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes the fingerprints of commands. Who signs and who is trusted counts by content, not by the
 * names of files; how a run is done and what is shown of it does not count. Each option's
 * declaration says what of it counts.
 */
public final class CommandFingerprints {

  private static final String COMMAND = "the command";
  private static final String MODELS = "the models";

  private CommandFingerprints() {}

  /**
   * Returns a command's fingerprint.
   *
   * @param entries what it works on
   * @param trusted whose signatures count, by content or by what a watch reads again; null if it
   *     checks none
   * @param signer who signs, by content; null if it does not sign
   * @param results URI of the folder for results
   * @param workingDirectory what relative paths to ignore are relative to
   * @throws CatalogException if the entries cannot be read
   * @throws StorageException if the store of a catalog fails
   */
  public static CommandFingerprint of(
      OptionValues values,
      CatalogSource entries,
      @Nullable Object trusted,
      @Nullable Object signer,
      String results,
      Path workingDirectory)
      throws CatalogException, StorageException {
    Map<String, String> parts = new HashMap<>();
    parts.put(COMMAND, values.command().words());
    parts.put(MODELS, models(entries));
    parts.put("--results", results);
    if (trusted != null) {
      parts.put(CommandFingerprint.TRUST, ContentDigest.of(trusted));
    }
    if (signer != null) {
      parts.put(CommandFingerprint.SIGNER, ContentDigest.of(signer));
    }
    if (!values.get(ModelOptions.IGNORE_PATHS).isEmpty()) {
      parts.put("the working folder", workingDirectory.toString());
    }
    for (DeclaredOption<?> option : DeclaredOptions.of(values.command())) {
      if (option.identity() == DeclaredOption.Identity.VALUE) {
        put(option, values, parts);
      }
    }
    return new CommandFingerprint(parts);
  }

  /** What an option does by default is no part, so that the next release may have more options. */
  private static <T> void put(
      DeclaredOption<T> option, OptionValues values, Map<String, String> parts) {
    Optional<T> byDefault = Optional.ofNullable(option.defaultValue());
    if (values.isGiven(option) && !values.find(option).equals(byDefault)) {
      values.text(option).ifPresent(text -> parts.put(option.flag(), text));
    }
  }

  private static String models(CatalogSource entries) throws CatalogException, StorageException {
    if (entries instanceof WatchedModels) {
      return entries.identity();
    }
    String chained = "";
    try (EntryStream stream = entries.open()) {
      for (Optional<CatalogEntry> entry = stream.next(); entry.isPresent(); entry = stream.next()) {
        chained = ContentDigest.chained(chained, entry.get());
      }
    } catch (IOException e) {
      throw new CatalogException("The catalog cannot be closed. Run it again.", e);
    }
    return String.format(Locale.ROOT, "%,d, sha256:%s", entries.size(), chained);
  }
}
