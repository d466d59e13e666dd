package dev.countersign.jobs.policycheck;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.countersign.jobs.terminal.Console;
import dev.countersign.jobs.terminal.PrintedJson;
import dev.countersign.keys.Certificates;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.policy.PolicyWarnings;
import dev.countersign.trust.SigstoreInstance;
import dev.countersign.verification.CertificateDigest;
import dev.countersign.verification.CertificateVerificationSettings;
import dev.countersign.verification.PolicyAcceptance;
import dev.countersign.verification.PolicyAcceptance.NameRule;
import dev.countersign.verification.PolicyRule;
import dev.countersign.verification.PolicyRules;
import dev.countersign.verification.PolicySettings;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.List;

/** Prints policies as one JSON object on one line, or one such object for each model. */
record JsonPolicy(Console console, String file) implements PolicyCheckCommand.PolicyPrinter {

  @Override
  public void print(PolicySettings policy, List<PolicyWarnings.Warning> warnings) {
    print(
        json -> {
          PrintedJson.objects("rules", policy.rules(), json, JsonPolicy::write);
          PrintedJson.texts("denyFingerprints", policy.deniedFingerprints(), json);
          SigstoreInstance sigstore = policy.sigstore();
          json.writeStringField(
              "sigstoreTrustedRoot", sigstore == null ? "" : sigstore.trustedRoot().source());
          PrintedJson.objects("warnings", warnings, json, JsonPolicy::write);
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
          writePassedOver(passedOver, json);
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
          writePassedOver(passedOver, json);
        });
  }

  private void print(PrintedJson.Content content) {
    console.result(
        PrintedJson.object(
            json -> {
              json.writeStringField("policy", file);
              content.writeTo(json);
            }));
  }

  private static void writePassedOver(List<PolicyRule> rules, JsonGenerator json)
      throws IOException {
    PrintedJson.texts("passedOver", rules.stream().map(PolicyRule::name).toList(), json);
  }

  private static void write(PolicyWarnings.Warning warning, JsonGenerator json) throws IOException {
    json.writeStringField("rule", warning.rule());
    json.writeNumberField("line", warning.line());
    json.writeStringField("message", warning.text());
  }

  private static void write(PolicyRule rule, JsonGenerator json) throws IOException {
    json.writeStringField("name", rule.name());
    json.writeNumberField("line", rule.line());
    PrintedJson.texts("models", rule.models(), json);
    json.writeBooleanField("denied", rule.denied());
    json.writeBooleanField("allowsUnsigned", rule.allowsUnsigned());
    json.writeBooleanField("trustsPreviousDigests", rule.allowsPreviousDigests());
    json.writeBooleanField("allowsFirstSignature", rule.allowsFirstSignature());
    PolicyAcceptance accepted = rule.accepted();
    PrintedJson.objects("keys", accepted.keys(), json, JsonPolicy::write);
    PrintedJson.objects("certificates", accepted.certificates(), json, JsonPolicy::write);
    PrintedJson.objects("sigstore", accepted.identities(), json, JsonPolicy::write);
    PrintedJson.texts(
        "hashes", accepted.hashes().stream().map(HashAlgorithm::omsName).toList(), json);
    PrintedJson.texts("denyFingerprints", rule.deniedFingerprints(), json);
  }

  private static void write(PolicyAcceptance.Key key, JsonGenerator json) throws IOException {
    json.writeStringField("source", key.source());
    json.writeStringField("hint", PolicyWarnings.hint(key));
  }

  private static void write(PolicyAcceptance.Identity identity, JsonGenerator json)
      throws IOException {
    PrintedJson.objects("identity", List.of(identity.identity()), json, JsonPolicy::write);
    json.writeStringField("issuer", identity.issuer());
  }

  private static void write(PolicyAcceptance.Certified certified, JsonGenerator json)
      throws IOException {
    PrintedJson.texts("sources", certified.sources(), json);
    CertificateVerificationSettings trust = certified.trust();
    PrintedJson.objects(
        "authorities", Certificates.ofTaken(trust.anchors()), json, JsonPolicy::write);
    PrintedJson.objects(
        "timestampAuthorities",
        Certificates.ofTaken(trust.timestampAnchors()),
        json,
        JsonPolicy::write);
    json.writeNumberField("revocationLists", trust.revocationLists().size());
    json.writeStringField("certificateTime", trust.time().text());
    PrintedJson.objects("subject", certified.subjects(), json, JsonPolicy::write);
    PrintedJson.objects("alternativeName", certified.alternativeNames(), json, JsonPolicy::write);
    PrintedJson.objects("issuer", certified.issuers(), json, JsonPolicy::write);
  }

  private static void write(X509Certificate certificate, JsonGenerator json) throws IOException {
    json.writeStringField("subject", certificate.getSubjectX500Principal().getName());
    json.writeStringField("notAfter", certificate.getNotAfter().toInstant().toString());
    json.writeStringField("sha256", CertificateDigest.of(certificate));
  }

  private static void write(NameRule rule, JsonGenerator json) throws IOException {
    json.writeStringField(rule.isPattern() ? "pattern" : "exact", rule.text());
  }
}
