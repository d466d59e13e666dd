package dev.countersign.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.countersign.storage.GlobPattern;
import dev.countersign.storage.objects.FakeBucket;
import dev.countersign.storage.objects.FakeStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelGlobsTest {

  @TempDir private Path folder;

  @BeforeEach
  void makeLake() throws Exception {
    for (String model :
        List.of("lake/a/v1", "lake/a/v2", "lake/b/v1", "lake/[x]", "lake/.git/v1")) {
      Files.createDirectories(folder.resolve(model));
    }
  }

  @Test
  void expand_ofGlob_namesModelsBelowItsFixedPart() throws Exception {
    assertThat(expand("lake/*/v1"))
        .containsExactly(
            new NamedModel(folder + "/lake/a/v1", "a/v1", "", folder + "/lake"),
            new NamedModel(folder + "/lake/b/v1", "b/v1", "", folder + "/lake"));
  }

  @Test
  void expand_ofPlainArguments_takesThemAsTheyAreEvenIfMissing() throws Exception {
    assertThat(expand("lake/a/v1/", "lake/../nowhere", "hdfs://nn/lake/m", "lake/a/."))
        .containsExactly(
            new NamedModel(folder + "/lake/a/v1", "v1"),
            new NamedModel(folder + "/nowhere", "nowhere"),
            new NamedModel("hdfs://nn/lake/m", "m"),
            new NamedModel(folder + "/lake/a", "a"));
  }

  @Test
  void expand_ofKeysInAnObjectStore_findsFoldersAndObjectsButNoNamelessOnes() throws Exception {
    FakeBucket bucket = FakeStore.bucket("globs");
    for (String key : List.of("lake/a/v1/f", "lake/b/v1/f", "lake//v1/f", "lake/../v1/f")) {
      bucket.put(key, new byte[1]);
    }

    assertThat(expand("mem://globs/lake/*/v?"))
        .containsExactly(
            new NamedModel("mem://globs/lake/a/v1", "a/v1", "", "mem://globs/lake"),
            new NamedModel("mem://globs/lake/b/v1", "b/v1", "", "mem://globs/lake"));
    assertThat(refusal("mem://globs/lake//*"))
        .hasMessageStartingWith("mem://globs/lake//* has a segment that is empty, . or ..");
    assertThat(refusal("mem://globs/lake/../m")).hasMessageContaining("Write mem://globs/m");
  }

  @Test
  void expand_ofExistingNameWithGlobCharacters_takesItLiterally() throws Exception {
    assertThat(expand("lake/[x]")).containsExactly(new NamedModel(folder + "/lake/[x]", "[x]"));
  }

  @Test
  void expand_ofGlobThatMatchesNothing_isRefused() {
    CatalogException e = refusal("lake/*/v9");

    assertThat(e).hasMessageStartingWith("The glob lake/*/v9 matches nothing.");
  }

  @Test
  void expand_ofGlobThatMatchesALinkToAnotherMatch_saysWhereTheLinkLeads() throws Exception {
    Files.createDirectories(folder.resolve("ck/step-1000"));
    Files.createDirectories(folder.resolve("ck/step-2000"));
    Files.createSymbolicLink(folder.resolve("ck/latest"), Path.of("step-2000"));
    Files.createSymbolicLink(folder.resolve("ck/zz"), Path.of("latest"));
    Files.createSymbolicLink(folder.resolve("elsewhere"), Path.of("ck"));

    for (String ck : List.of("ck", "elsewhere")) {
      String root = folder + "/" + ck;
      String step = root + "/step-2000";
      assertThat(expand(ck + "/*"))
          .containsExactly(
              new NamedModel(root + "/latest", "latest", step, root),
              new NamedModel(root + "/step-1000", "step-1000", "", root),
              new NamedModel(step, "step-2000", "", root),
              new NamedModel(root + "/zz", "zz", step, root));
    }
    assertThat(expand("ck/l*", "ck/step-2000")).first().returns(stepOf("ck"), NamedModel::linkTo);
    assertThat(expand("ck/[l]atest", "elsewhere/step-*"))
        .first()
        .returns(stepOf("elsewhere"), NamedModel::linkTo);
  }

  @Test
  void expand_ofLinksWithDotsAsModelScopeMakesThem_saysWhereTheyLead() throws Exception {
    String real = "hub/Qwen/Qwen2___5-0___5B";
    Files.createDirectories(folder.resolve(real));
    Files.createSymbolicLink(folder.resolve("hub/Qwen/Qwen2.5-0.5B"), folder.resolve(real));
    Files.createSymbolicLink(folder.resolve("hub/qwen"), Path.of("Qwen"));

    assertThat(expand("hub/*/*"))
        .extracting(NamedModel::name, NamedModel::linkTo)
        .containsExactly(
            tuple("Qwen/Qwen2.5-0.5B", folder + "/" + real),
            tuple("Qwen/Qwen2___5-0___5B", ""),
            tuple("qwen/Qwen2.5-0.5B", folder + "/" + real),
            tuple("qwen/Qwen2___5-0___5B", folder + "/" + real));
  }

  @Test
  void expand_ofLinksToWhatTheRunDoesNotName_takesTheFirstForTheModel() throws Exception {
    Files.createDirectories(folder.resolve("ck"));
    Files.createSymbolicLink(folder.resolve("ck/best"), folder.resolve("lake/a"));
    Files.createSymbolicLink(folder.resolve("ck/latest"), folder.resolve("lake/a"));
    Files.createSymbolicLink(folder.resolve("ck/gone"), Path.of("nowhere"));
    Files.createSymbolicLink(folder.resolve("ck/loop"), Path.of("loop"));

    assertThat(expand("ck/*"))
        .extracting(NamedModel::name, NamedModel::linkTo)
        .containsExactly(
            tuple("best", ""),
            tuple("gone", ""),
            tuple("latest", folder + "/ck/best"),
            tuple("loop", ""));
  }

  @Test
  void expand_ofALinkThatIsNamedWithoutAGlob_takesItAsNamed() throws Exception {
    Files.createDirectories(folder.resolve("ck/step-2000"));
    Files.createSymbolicLink(folder.resolve("ck/latest"), Path.of("step-2000"));

    assertThat(expand("ck/latest", "ck/step-2000"))
        .extracting(NamedModel::linkTo)
        .containsExactly("", "");
    assertThat(expand("ck/latest", "ck/l*"))
        .as("named twice, which is refused later")
        .extracting(NamedModel::linkTo)
        .containsExactly("", "");
  }

  @Test
  void present_withALinkToAMatchThatCameLater_leavesTheLinkOut() throws Exception {
    Files.createDirectories(folder.resolve("ck"));
    Files.createDirectories(folder.resolve("ck/step-2000"));
    Files.createSymbolicLink(folder.resolve("ck/latest"), Path.of("step-2000"));
    ModelGlobs.LinkedMatches early = new ModelGlobs.LinkedMatches();

    early.addMatches(GlobPattern.parse(folder + "/ck/*"), List.of(folder + "/ck/latest"));

    assertThat(early.models(true)).isEmpty();
    assertThat(early.models(false)).extracting(NamedModel::name).containsExactly("latest");
  }

  @Test
  void expand_ofGlobThatEndsInASlash_matchesFoldersOnly() throws Exception {
    Files.writeString(folder.resolve("lake/README.md"), "text");
    Files.createSymbolicLink(folder.resolve("lake/c"), folder.resolve("lake/.git"));
    Files.createSymbolicLink(folder.resolve("lake/d"), Path.of("README.md"));

    assertThat(expand("lake/*/"))
        .extracting(NamedModel::name)
        .containsExactly("[x]", "a", "b", "c");
    assertThat(expand("lake/{a,README.md}/")).extracting(NamedModel::name).containsExactly("a");
    assertThat(expand("lak[e]/README.md")).hasSize(1);
    assertThat(refusal("lak[e]/README.md/"))
        .hasMessageContaining("A glob with a slash at its end matches folders only");
    assertThat(expand("lake/[x]/")).containsExactly(new NamedModel(folder + "/lake/[x]", "[x]"));
    assertThat(
            ModelGlobs.present(
                List.of(ModelGlobs.absolute("lake/*/", folder.toString())), fault -> {}))
        .hasSize(4);
  }

  @Test
  void expand_ofMalformedGlobOrEmptyArgument_isRefused() {
    assertThat(refusal("lake/**")).hasMessageContaining("**: name each folder level");
    assertThat(refusal(" ")).hasMessageContaining("A model's name is empty");
  }

  private List<NamedModel> expand(String... arguments) throws CatalogException {
    return ModelGlobs.expand(List.of(arguments), folder.toString());
  }

  private String stepOf(String ck) {
    return folder + "/" + ck + "/step-2000";
  }

  private CatalogException refusal(String argument) {
    CatalogException refusal = catchThrowableOfType(CatalogException.class, () -> expand(argument));
    assertThat(refusal).as("a refusal").isNotNull();
    return refusal;
  }
}
