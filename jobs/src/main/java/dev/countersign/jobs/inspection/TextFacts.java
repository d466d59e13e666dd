package dev.countersign.jobs.inspection;

import dev.countersign.jobs.terminal.Console;
import dev.countersign.jobs.terminal.Figures;
import dev.countersign.jobs.terminal.ShownModel;
import dev.countersign.oms.LogEntry;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.SerializationMethod;
import dev.countersign.schemas.SignerCertificate;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.trust.StatedTimestamp;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * Shows people what a bundle says, and that nobody has checked it.
 *
 * @param maxListed how many resources of a bundle are listed at most
 */
record TextFacts(Console console, ShownModel shown, int maxListed)
    implements InspectCommand.FactsPrinter {

  @Override
  public void print(BundleFacts facts) {
    console.result(shown.of(facts.uri()) + "  NOT VERIFIED: this is only what the bundle says");
    line("bundle", Figures.bytes(facts.bytes()) + ", sha256 " + facts.sha256());
    line("method", facts.method().name().toLowerCase(Locale.ROOT));
    if (!facts.keyHint().isEmpty()) {
      line("key", Printable.whole(facts.keyHint()));
    }
    for (int i = 0; i < facts.certificates().size(); i++) {
      print(i == 0 ? "signer" : "issuer", facts.certificates().get(i));
    }
    facts.logEntries().forEach(this::print);
    for (StatedTimestamp timestamp : facts.timestamps()) {
      line("timestamp", timestamp.time() + ", by " + Printable.whole(timestamp.authority()));
    }
    if (!facts.predicateType().isEmpty()) {
      line("predicate", facts.predicateType());
    }
    facts.manifest().ifPresent(manifest -> print(manifest, facts.files()));
    facts.faults().forEach(fault -> line("fault", fault));
  }

  @Override
  public void fail(String uri, String message) {
    console.say("FAILED   " + shown.of(uri) + "  " + message);
  }

  private void print(LogEntry entry) {
    line(
        "log entry",
        Message.of(
            "%s %s, index %d%s",
            Printable.whole(entry.kind()),
            Printable.whole(entry.version()),
            entry.logIndex(),
            entry.integratedTime() == 0 ? "" : " of " + time(entry.integratedTime())));
    line("", "in the log " + HexFormat.of().formatHex(entry.logId()));
  }

  /** Anybody may write a number that is not a time. */
  private static String time(long seconds) {
    try {
      return Instant.ofEpochSecond(seconds).toString();
    } catch (DateTimeException e) {
      return "second " + seconds;
    }
  }

  private void print(String role, SignerCertificate certificate) {
    if (certificate.getIdentity().isEmpty()) {
      line(role, Printable.whole(certificate.getSubject()));
    } else {
      line(role, Printable.whole(certificate.getIdentity()));
      line("", "vouched for by " + Printable.whole(certificate.getIdentityProvider()));
    }
    if (!certificate.getAlternativeNames().isEmpty()) {
      line("", "also " + Printable.whole(String.join(", ", certificate.getAlternativeNames())));
    }
    line("", "issued by " + Printable.whole(certificate.getIssuer()));
    line(
        "",
        Message.of(
            "%s, serial %s, valid from %s to %s",
            Printable.whole(certificate.getKeyAlgorithm()),
            Printable.whole(certificate.getSerial()),
            certificate.getNotBefore(),
            certificate.getNotAfter()));
    line("", "sha256 " + certificate.getSha256());
  }

  private void print(Manifest manifest, long files) {
    if (!manifest.modelName().isEmpty()) {
      line("model", Printable.whole(manifest.modelName()));
      line("root digest", "sha256:" + manifest.rootDigest().hex());
    }
    Serialization serialization = manifest.serialization();
    line(
        "hash",
        serialization.hash().omsName()
            + (serialization.method() == SerializationMethod.FILES
                ? ", whole files"
                : Message.of(", shards of %,d bytes", serialization.shardSize())));
    if (serialization.allowSymlinks()) {
      line("links", "followed");
    }
    if (!serialization.ignorePaths().isEmpty()) {
      line("ignored", listed(serialization.ignorePaths()));
    }
    List<Resource> resources = manifest.resources();
    line(
        "files",
        Message.of("%,d", files)
            + (serialization.method() == SerializationMethod.FILES
                ? ""
                : " in " + Figures.count(resources.size(), "shard")));
    resources.stream()
        .limit(maxListed)
        .forEach(
            resource ->
                line("", resource.digest().hex() + "  " + Printable.whole(resource.name())));
    if (resources.size() > maxListed) {
      line(
          "",
          Message.of(
              "and %,d more (--max-listed or --output json show more)",
              resources.size() - maxListed));
    }
  }

  private String listed(List<String> paths) {
    String first = String.join(", ", paths.subList(0, Math.min(maxListed, paths.size())));
    int more = paths.size() - maxListed;
    return Printable.whole(first) + (more > 0 ? Message.of(" and %,d more", more) : "");
  }

  private void line(String label, String value) {
    console.result(Message.of("  %-12s %s", label, value));
  }
}
