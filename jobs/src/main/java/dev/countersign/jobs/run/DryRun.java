package dev.countersign.jobs.run;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.CatalogSource;
import dev.countersign.catalog.EntryStream;
import dev.countersign.jobs.terminal.Console;
import dev.countersign.jobs.terminal.Figures;
import dev.countersign.jobs.terminal.PrintedJson;
import dev.countersign.jobs.terminal.ShownModel;
import dev.countersign.oms.IgnoreRules;
import dev.countersign.oms.OmsException;
import dev.countersign.options.OutputFormat;
import dev.countersign.options.UsageException;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.Operation;
import dev.countersign.source.content.Irregularities;
import dev.countersign.source.planning.ModelPlanner;
import dev.countersign.source.planning.PlanSettings;
import dev.countersign.source.planning.ResignSettings;
import dev.countersign.storage.ListingRules;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.verification.PolicyRule;
import dev.countersign.verification.PolicyRules;
import dev.countersign.verification.PolicySettings;
import dev.countersign.verification.VerificationException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Shows what a run would do: lists each model and says how much it is and where its bundle lies.
 * Reads no content and writes nothing. When verifying, what a bundle ignores is not known yet, so
 * the figures may be a little high.
 */
final class DryRun {

  private final PlanSettings settings;
  private final Console console;
  private final ShownModel shown;
  private final OutputFormat format;
  private final Optional<PolicyRules> rules;

  DryRun(PlanSettings settings, Console console, ShownModel shown, OutputFormat format) {
    this.settings = settings;
    this.console = console;
    this.shown = shown;
    this.format = format;
    this.rules =
        settings.bundles().trusted() instanceof PolicySettings policy
            ? Optional.of(PolicyRules.of(policy))
            : Optional.empty();
  }

  /**
   * What is planned for one model.
   *
   * @param staysUnsigned whether it has no bundle and gets none, since the policy lets it pass
   * @param problem why the model would fail, as far as that can be seen, or be skipped, if it is a
   *     link; empty if it need not
   */
  private record Planned(
      CatalogEntry entry,
      int files,
      long bytes,
      boolean bundleExists,
      boolean staysUnsigned,
      String problem) {
    boolean isSkipped() {
      return entry.isLink() && problem.equals(entry.linkText());
    }
  }

  /**
   * Shows all entries; returns whether each of them can be worked on.
   *
   * @throws UsageException if the catalog cannot be read to its end
   */
  boolean show(CatalogSource entries, boolean summary) {
    long files = 0;
    long bytes = 0;
    long problems = 0;
    try (EntryStream stream = entries.open()) {
      for (Optional<CatalogEntry> next = stream.next(); next.isPresent(); next = stream.next()) {
        Planned planned = plan(next.get());
        print(planned);
        files += planned.files();
        bytes += planned.bytes();
        problems += planned.problem().isEmpty() || planned.isSkipped() ? 0 : 1;
      }
    } catch (CatalogException | StorageException e) {
      throw new UsageException(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new UncheckedIOException("a catalog cannot be closed", e);
    }
    console.flush();
    if (summary) {
      console.say(
          Message.of(
              "%s, %s, %s; nothing was hashed or written%s",
              Figures.count(entries.size(), "model"),
              Figures.count(files, "file"),
              Figures.bytes(bytes),
              problems == 0 ? "" : "; " + problems + " would fail"));
    }
    return problems == 0;
  }

  /** Under a policy a rule may say so; that no rule is for the model was found before. */
  private boolean mayBeUnsigned(CatalogEntry entry) throws VerificationException {
    return rules.isPresent() && rules.get().choose(entry.model()).rule().allowsUnsigned();
  }

  /** Whether signing again leaves the model without a bundle: as {@code ResignPlanner} decides. */
  private boolean staysUnsigned(CatalogEntry entry, boolean bundleExists)
      throws VerificationException {
    ResignSettings resigning = settings.bundles().resigning();
    return resigning != null
        && !bundleExists
        && mayBeUnsigned(entry)
        && !(resigning.signsUnsigned()
            && rules.orElseThrow().choose(entry.model()).rule().allowsFirstSignature());
  }

  /** Says why a link is skipped, or under a policy why not: as {@code ModelPlanner} decides. */
  private String linkProblem(CatalogEntry link) {
    if (rules.isEmpty()) {
      return link.linkText();
    }
    try {
      PolicyRule rule = rules.get().choose(link.model()).rule();
      return rule.name().equals(rules.get().choose(link.linkTo()).rule().name())
          ? link.linkText()
          : String.valueOf(
              ModelFailure.linkUnderAnotherRule(link.model(), link.linkTo(), rule.name())
                  .getMessage());
    } catch (VerificationException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private Planned plan(CatalogEntry given) {
    CatalogEntry named = settings.workedOn(given);
    if (named.isLink()) {
      return new Planned(named, 0, 0, false, false, linkProblem(named));
    }
    if (!named.isGood()) {
      return new Planned(named, 0, 0, false, false, named.fault());
    }
    CatalogEntry entry = named.settled();
    try {
      if (rules.isPresent()) {
        PolicyRules.Choice unused = rules.get().choose(entry.model());
      }
      ModelStorage storage = Storages.forUri(entry.model());
      IgnoreRules rules =
          IgnoreRules.forSigning(
              entry.model(),
              ModelPlanner.ignorePaths(entry, settings),
              settings.folders().working(),
              settings.ignored().gitPaths(),
              Optional.of(entry.bundle()));
      boolean follows = settings.serialization().allowSymlinks();
      ModelListing listing =
          storage.list(
              entry.model(),
              new ListingRules(
                  rules::ignores,
                  follows,
                  follows ? settings.folders().symlinkRoots() : List.of(),
                  settings.limits().depth(),
                  settings.limits().files(),
                  settings.limits().fileBytes(),
                  entry.scope(settings.folders().symlinkRoots()),
                  name -> false,
                  bytes -> {},
                  name -> false));
      boolean exists = Storages.forUri(entry.bundle()).stat(entry.bundle()).isPresent();
      return new Planned(
          entry,
          listing.files().size(),
          listing.totalBytes(),
          exists,
          staysUnsigned(entry, exists),
          problem(listing, entry, exists));
    } catch (StorageException | OmsException | VerificationException e) {
      return new Planned(entry, 0, 0, false, false, String.valueOf(e.getMessage()));
    }
  }

  private String problem(ModelListing listing, CatalogEntry entry, boolean bundleExists)
      throws VerificationException {
    boolean goesByBundle =
        settings.operation() == Operation.VERIFY
            || (settings.operation() == Operation.RESIGN
                && (bundleExists || !mayBeUnsigned(entry) || staysUnsigned(entry, false)));
    if (goesByBundle) {
      return bundleExists || mayBeUnsigned(entry)
          ? ""
          : Message.of(
              "No bundle at %s: sign the model first, or name the bundle with --signature.",
              Printable.of(entry.bundle()));
    }
    if (!listing.irregular().isEmpty()) {
      return String.valueOf(Irregularities.failure(entry.model(), listing).getMessage());
    }
    return listing.files().isEmpty() ? "It holds no file, or every file is ignored." : "";
  }

  private void print(Planned planned) {
    if (format == OutputFormat.JSON) {
      console.result(PrintedJson.object(json -> write(planned, json)));
      return;
    }
    String uri = planned.entry().model();
    String model = uri.isEmpty() ? "(no model)" : shown.of(uri);
    if (!planned.problem().isEmpty()) {
      if (planned.isSkipped()) {
        console.result("would skip    " + model + "  (" + planned.problem() + ")");
      } else {
        console.say("would fail    " + model + "  " + planned.problem());
      }
      return;
    }
    if (planned.staysUnsigned()) {
      console.result("would pass    " + model + "  (no bundle, which its rule allows; not signed)");
      return;
    }
    String operation = settings.operation().name().toLowerCase(Locale.ROOT);
    String line =
        Message.of(
            "%-13s %s  (%s, %s)",
            "would " + operation,
            model,
            Figures.count(planned.files(), "file"),
            Figures.bytes(planned.bytes()));
    console.result(settings.operation() == Operation.DIGEST ? line : line + bundle(planned));
  }

  private String bundle(Planned planned) {
    String uri = shown.of(planned.entry().bundle());
    if (settings.operation() == Operation.VERIFY) {
      return "  against " + uri;
    }
    if (!planned.bundleExists()) {
      return "  -> " + uri;
    }
    return "  -> "
        + uri
        + switch (settings.bundles().existing()) {
          case REPLACE -> " (replacing the one there)";
          case REFUSE -> " (is there, so the model would fail)";
          case SKIP_IF_SIGNED -> " (skipped if the one there is valid)";
        };
  }

  private void write(Planned planned, JsonGenerator json) throws IOException {
    json.writeStringField("model", planned.entry().model());
    json.writeStringField("name", planned.entry().name());
    json.writeNumberField("line", planned.entry().line());
    json.writeStringField("operation", settings.operation().name());
    json.writeBooleanField("dryRun", true);
    json.writeStringField("message", planned.problem());
    json.writeStringField("signature", planned.entry().bundle());
    json.writeBooleanField("signatureExists", planned.bundleExists());
    json.writeBooleanField("staysUnsigned", planned.staysUnsigned());
    json.writeNumberField("files", planned.files());
    json.writeNumberField("bytes", planned.bytes());
  }
}
