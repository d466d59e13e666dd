package dev.countersign.source.planning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.Verdict;
import dev.countersign.source.PlanFixture;
import dev.countersign.source.planning.ModelPlanner.EarlierWork;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.verification.KeyVerificationSettings;
import dev.countersign.verification.PolicyAcceptance;
import dev.countersign.verification.PolicyRule;
import dev.countersign.verification.PolicySettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plans under a policy: which rule, and what of models without a bundle. */
final class VerifyPlannerPolicyTest {

  @TempDir Path folder;

  private PlanFixture fixture;
  private String key;

  @BeforeEach
  void makePolicy() throws IOException {
    fixture = new PlanFixture(folder);
    fixture.operation = Operation.VERIFY;
    key = ((KeyVerificationSettings) fixture.trusted).publicKeyPems().get(0);
    PolicyAcceptance accepted =
        new PolicyAcceptance(
            List.of(new PolicyAcceptance.Key("release.pub", key)), List.of(), List.of(), List.of());
    fixture.trusted =
        new PolicySettings(
            List.of(
                rule("released", "/released/.*", false, accepted),
                rule("either", "/either/.*", true, accepted),
                rule("sandbox", "/sandbox/.*", true, PolicyAcceptance.NOBODY)),
            List.of());
  }

  @Test
  void plan_ofASignedModel_isVerifiedUnderItsRule() throws Exception {
    Path model = model("released/m");
    fixture.sign(model);

    ModelPlan plan = fixture.plan(model);

    assertThat(plan.verdict()).isNull();
    assertThat(plan.header().getPolicyRule()).isEqualTo("released");
    assertThat(PlanFixture.names(plan)).containsExactly("a");
    assertThat(plan.header().getWeakened()).isEmpty();
  }

  @Test
  void plan_ofAnUnsignedModel_passesWhereTheRuleAllowsThat() throws Exception {
    ModelPlan either = fixture.plan(model("either/m"));
    ModelPlan sandbox = fixture.plan(model("sandbox/m"));
    ModelPlan released = fixture.plan(model("released/m"));

    assertThat(either.verdict().getOutcome()).isEqualTo(Outcome.ALLOWED_UNSIGNED);
    assertThat(either.verdict().getReason()).isEqualTo(FailureReason.NONE);
    assertThat(either.verdict().getMessage())
        .startsWith("No bundle at ")
        .endsWith("m/model.sig, and the rule 'either' allows that. Nothing was verified.");
    assertThat(either.header().getPolicyRule()).isEqualTo("either");
    assertThat(either.header().getBundleSha256()).isEmpty();
    assertThat(sandbox.verdict().getOutcome()).isEqualTo(Outcome.ALLOWED_UNSIGNED);
    assertThat(released.verdict().getReason()).isEqualTo(FailureReason.UNSIGNED);
    assertThat(released.header().getPolicyRule()).isEqualTo("released");
  }

  @Test
  void plan_ofALinkToAnotherModelOfTheRun_isSkippedUnderTheSameRuleOnly() throws Exception {
    Path model = model("either/m");
    CatalogEntry same = link(folder.resolve("either/latest"), model);
    CatalogEntry other = link(folder.resolve("released/latest"), model);
    CatalogEntry none = link(folder.resolve("elsewhere/latest"), model);
    ModelPlanner planner = new ModelPlanner(fixture.settings(), fixture.window, fixture.clock);

    Verdict skipped = planner.plan(same, EarlierWork.NONE).verdict();
    Verdict denied = planner.plan(other, EarlierWork.NONE).verdict();
    Verdict unmatched = planner.plan(none, EarlierWork.NONE).verdict();

    assertThat(skipped.getOutcome()).isEqualTo(Outcome.SKIPPED);
    assertThat(skipped.getMessage())
        .isEqualTo("A link to " + model + ", which this run names too.");
    assertThat(denied.getReason()).isEqualTo(FailureReason.DENIED_BY_POLICY);
    assertThat(denied.getMessage())
        .contains("is a link to " + model + ", for which the policy has another rule than")
        .contains("'released'");
    assertThat(unmatched.getReason()).isEqualTo(FailureReason.NO_POLICY_RULE);
  }

  /** A bundle that is kept elsewhere says what a name stands for: no link may change that. */
  @Test
  void plan_ofALinkWithABundleOfItsOwn_isVerifiedAsAModel() throws Exception {
    Path kept = Files.createDirectory(folder.resolve("sigs"));
    Path good = model("either/good");
    Path swapped = model("either/swapped");
    Files.writeString(swapped.resolve("b"), "more");
    fixture.bundle = kept.resolve("swapped.sig").toString();
    fixture.sign(swapped);
    Files.delete(swapped.resolve("a"));
    Files.delete(swapped.resolve("b"));
    Files.delete(swapped);
    Files.createSymbolicLink(swapped, good);
    Path beside = Files.createSymbolicLink(folder.resolve("either/latest"), good);
    ModelPlanner planner = new ModelPlanner(fixture.settings(), fixture.window, fixture.clock);

    ModelPlan plan = planner.plan(link(swapped, good, fixture.bundle), EarlierWork.NONE);
    Verdict none =
        planner.plan(link(beside, good, kept + "/latest.sig"), EarlierWork.NONE).verdict();
    fixture.bundle = "";
    fixture.sign(good);
    Verdict same =
        planner.plan(link(beside, good, beside + "/model.sig"), EarlierWork.NONE).verdict();

    assertThat(PlanFixture.differences(plan)).containsExactly("MISSING b");
    assertThat(none.getOutcome()).isEqualTo(Outcome.SKIPPED);
    assertThat(same.getOutcome()).isEqualTo(Outcome.SKIPPED);
    fixture.operation = Operation.SIGN;
    assertThat(
            new ModelPlanner(fixture.settings(), fixture.window, fixture.clock)
                .plan(link(swapped, good, kept + "/swapped.sig"), EarlierWork.NONE)
                .verdict()
                .getOutcome())
        .isEqualTo(Outcome.SKIPPED);
  }

  private static CatalogEntry link(Path link, Path target) {
    return link(link, target, link + "/model.sig");
  }

  private static CatalogEntry link(Path link, Path target, String bundle) {
    return CatalogEntry.builder(0, link.toString())
        .name("latest")
        .bundle(bundle)
        .linkTo(target.toString())
        .build();
  }

  @Test
  void plan_ofASignedModel_isNotPassedForBeingAllowedUnsigned() throws Exception {
    Path either = model("either/m");
    Path sandbox = model("sandbox/m");
    PlanFixture foreign = new PlanFixture(Files.createDirectory(folder.resolve("foreign")));
    foreign.sign(either);
    fixture.sign(sandbox);

    ModelPlan plan = fixture.plan(either);

    assertThat(plan.verdict().getReason()).isEqualTo(FailureReason.UNTRUSTED_SIGNER);
    assertThat(plan.verdict().getMessage()).contains("model.sig: Rule 'either' of the policy: ");
    assertThat(plan.header().getPolicyRule()).isEqualTo("either");
    assertThat(fixture.verdict(sandbox).getReason()).isEqualTo(FailureReason.UNTRUSTED_SIGNER);
  }

  @Test
  void plan_ofAModelThatIsNotThere_isNotPassedForBeingAllowedUnsigned() throws Exception {
    assertThat(fixture.verdict(folder.resolve("sandbox/none")).getReason())
        .isEqualTo(FailureReason.MODEL_NOT_FOUND);
  }

  @Test
  void plan_ofAModelWithoutARule_isDenied() throws Exception {
    Path model = model("elsewhere/m");
    fixture.sign(model);

    ModelPlan plan = fixture.plan(model);

    assertThat(plan.verdict().getReason()).isEqualTo(FailureReason.NO_POLICY_RULE);
    assertThat(plan.verdict().getMessage()).startsWith("No policy rule matches ");
    assertThat(plan.header().getPolicyRule()).isEmpty();
  }

  private PolicyRule rule(
      String name, String below, boolean unsigned, PolicyAcceptance acceptance) {
    return new PolicyRule(
        name,
        1,
        List.of("\\Q" + folder + "\\E" + below),
        false,
        unsigned,
        acceptance,
        List.of(),
        false,
        false);
  }

  private Path model(String name) throws IOException {
    Path model = Files.createDirectories(folder.resolve(name));
    Files.writeString(model.resolve("a"), "content of a");
    return model;
  }
}
