package dev.countersign.storage.local;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.storage.ListingRulesFixture;
import dev.countersign.storage.ModelReader;
import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.RangeInput;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names that the locale's charset cannot say, as in most containers, where it is plain ASCII. */
final class ForeignLocaleTest {

  private static final String MODEL = "\u6A21\u578B";
  private static final String FILE = "\u00E9\uD83D\uDE00.bin";

  @Test
  void names_underTheCLocale_areTheSameAsUnderUtf8(@TempDir Path folder) throws Exception {
    String model = folder + "/" + MODEL;
    ModelStorage storage = Storages.forUri(model);
    storage.writeAtomically(model + "/" + FILE, "content".getBytes(UTF_8));
    ProcessBuilder java =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xshare:auto",
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName(),
            hex(folder.toString()));
    java.environment().put("LC_ALL", "C");
    java.redirectErrorStream(true);

    Process process = java.start();
    String output = new String(process.getInputStream().readAllBytes(), US_ASCII);
    boolean ended = process.waitFor(1, TimeUnit.MINUTES);

    assertThat(ended).isTrue();
    assertThat(output.strip()).isEqualTo("read " + hex(FILE) + " content");
    assertThat(process.exitValue()).isZero();
    assertThat(Files.readString(Path.of(model, FILE + ".sig"))).isEqualTo("signed");
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(UTF_8));
  }

  /** Finds the model by a glob, reads its file and signs it; says so in ASCII. */
  static final class Child {
    public static void main(String[] arguments) throws Exception {
      String folder = new String(HexFormat.of().parseHex(arguments[0]), UTF_8);
      ModelStorage storage = Storages.forUri(folder);
      String model = storage.glob(folder + "/*").get(0);
      StoredFile file =
          storage
              .list(model, ListingRulesFixture.of(name -> false, false, List.of(), 9, 9, 99))
              .files()
              .get(0);
      byte[] content = new byte[7];
      try (ModelReader reader = storage.openModel(model, List.of());
          RangeInput input = reader.open(file, 0, 7)) {
        int read = input.read(content, 0, 7);
        input.finish();
        storage.writeAtomically(
            Storages.child(model, file.name() + ".sig"), "signed".getBytes(UTF_8));
        System.out.println(
            "read " + hex(file.name()) + " " + new String(content, 0, read, US_ASCII));
      }
    }
  }
}
