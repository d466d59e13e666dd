package dev.countersign.jobs.policycheck;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.countersign.jobs.terminal.Console;
import dev.countersign.keys.Certificates;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.policy.PolicyWarnings;
import dev.countersign.records.AsciiEscapes;
import dev.countersign.verification.CertificateDigest;
import dev.countersign.verification.PolicyAcceptance;
import dev.countersign.verification.PolicyAcceptance.NameRule;
import dev.countersign.verification.PolicyRule;
import dev.countersign.verification.PolicyRules;
import dev.countersign.verification.PolicySettings;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.security.cert.X509Certificate;
import java.util.List;

/** Prints policies as one JSON object on one line, or one such object for each model. */
final class JsonPolicy implements PolicyPrinter {

  private final JsonFactory factory = AsciiEscapes.factory("");
  private final Console console;
  private final String file;

  JsonPolicy(Console console, String file) {
    this.console = console;
    this.file = file;
  }

  /** What is written between the braces. */
  @FunctionalInterface
  private interface Content {
    void writeTo(JsonGenerator json) throws IOException;
  }

  @Override
  public void print(PolicySettings policy, List<PolicyWarnings.Warning> warnings) {
    print(
        json -> {
          json.writeArrayFieldStart("rules");
          for (PolicyRule rule : policy.rules()) {
            json.writeStartObject();
            write(rule, json);
            json.writeEndObject();
          }
          json.writeEndArray();
          write("denyFingerprints", policy.deniedFingerprints(), json);
          json.writeArrayFieldStart("warnings");
          for (PolicyWarnings.Warning warning : warnings) {
            json.writeStartObject();
            json.writeStringField("rule", warning.rule());
            json.writeNumberField("line", warning.line());
            json.writeStringField("message", warning.text());
            json.writeEndObject();
          }
          json.writeEndArray();
        });
  }

  @Override
  public void print(String model, PolicyRules.Choice choice, List<PolicyRule> passedOver) {
    print(
        json -> {
          json.writeStringField("model", model);
          json.writeStringField("uri", choice.uri());
          json.writeStringField("rule", choice.rule().name());
          json.writeStringField("pattern", choice.pattern());
          write("passedOver", passedOver.stream().map(PolicyRule::name).toList(), json);
          json.writeObjectFieldStart("decides");
          write(choice.rule(), json);
          json.writeEndObject();
        });
  }

  @Override
  public void deny(String model, String message, List<PolicyRule> passedOver) {
    print(
        json -> {
          json.writeStringField("model", model);
          json.writeNullField("rule");
          json.writeStringField("message", message);
          write("passedOver", passedOver.stream().map(PolicyRule::name).toList(), json);
        });
  }

  private void print(Content content) {
    StringWriter line = new StringWriter();
    try (JsonGenerator json = factory.createGenerator(line)) {
      json.writeStartObject();
      json.writeStringField("policy", file);
      content.writeTo(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("a writer in memory failed", e);
    }
    console.result(line.toString());
  }

  private static void write(PolicyRule rule, JsonGenerator json) throws IOException {
    json.writeStringField("name", rule.name());
    json.writeNumberField("line", rule.line());
    write("models", rule.models(), json);
    json.writeBooleanField("denied", rule.denied());
    json.writeBooleanField("allowsUnsigned", rule.allowsUnsigned());
    json.writeBooleanField("trustsPreviousDigests", rule.allowsPreviousDigests());
    json.writeBooleanField("allowsFirstSignature", rule.allowsFirstSignature());
    PolicyAcceptance accepted = rule.accepted();
    json.writeArrayFieldStart("keys");
    for (PolicyAcceptance.Key key : accepted.keys()) {
      json.writeStartObject();
      json.writeStringField("source", key.source());
      json.writeStringField("hint", PolicyWarnings.hint(key));
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("certificates");
    for (PolicyAcceptance.Certified certified : accepted.certificates()) {
      json.writeStartObject();
      write(certified, json);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("sigstore");
    for (PolicyAcceptance.Identity identity : accepted.identities()) {
      json.writeStartObject();
      writeNames("identity", List.of(identity.identity()), json);
      json.writeStringField("issuer", identity.issuer());
      json.writeEndObject();
    }
    json.writeEndArray();
    write("hashes", accepted.hashes().stream().map(HashAlgorithm::omsName).toList(), json);
    write("denyFingerprints", rule.deniedFingerprints(), json);
  }

  private static void write(PolicyAcceptance.Certified certified, JsonGenerator json)
      throws IOException {
    write("sources", certified.sources(), json);
    writeCertificates("authorities", certified.trust().anchors(), json);
    writeCertificates("timestampAuthorities", certified.trust().timestampAnchors(), json);
    json.writeNumberField("revocationLists", certified.trust().revocationLists().size());
    json.writeStringField("certificateTime", certified.trust().time().text());
    writeNames("subject", certified.subjects(), json);
    writeNames("alternativeName", certified.alternativeNames(), json);
    writeNames("issuer", certified.issuers(), json);
  }

  private static void writeCertificates(String field, List<byte[]> certificates, JsonGenerator json)
      throws IOException {
    json.writeArrayFieldStart(field);
    for (X509Certificate certificate : Certificates.ofTaken(certificates)) {
      json.writeStartObject();
      json.writeStringField("subject", certificate.getSubjectX500Principal().getName());
      json.writeStringField("notAfter", certificate.getNotAfter().toInstant().toString());
      json.writeStringField("sha256", CertificateDigest.of(certificate));
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeNames(String field, List<NameRule> rules, JsonGenerator json)
      throws IOException {
    json.writeArrayFieldStart(field);
    for (NameRule rule : rules) {
      json.writeStartObject();
      json.writeStringField(rule.isPattern() ? "pattern" : "exact", rule.text());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void write(String field, List<String> texts, JsonGenerator json)
      throws IOException {
    json.writeArrayFieldStart(field);
    for (String text : texts) {
      json.writeString(text);
    }
    json.writeEndArray();
  }
}
