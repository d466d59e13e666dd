package dev.countersign.catalog.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.catalog.CatalogException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CsvRecordsTest {

  @Test
  void next_ofAllFields_readsThemAndTakesOthersForLabels() throws Exception {
    List<CatalogRecord> records =
        CatalogTexts.csv(
            String.join(
                "",
                "team,model,name,version,signature,ignore_paths\n",
                "vision,m1,resnet,2,m1.sig,\"[\"\"logs\"\", \"\"tmp\"\"]\"\r\n",
                ",m2,,,,\n"));

    assertThat(records)
        .containsExactly(
            new CatalogRecord(
                2,
                "m1",
                "resnet",
                "2",
                "m1.sig",
                List.of("logs", "tmp"),
                Map.of("team", "vision"),
                ""),
            new CatalogRecord(3, "m2", "", "", "", List.of(), Map.of(), ""));
  }

  @Test
  void next_ofQuotedFields_keepsCommasQuotesAndLinesAndCountsThem() throws Exception {
    List<CatalogRecord> records =
        CatalogTexts.csv("model,note\n\"a,b\",\"one\r\ntwo\nsays \"\"hi\"\"\"\n\nc,\"\"\nd,x");

    assertThat(records).extracting(CatalogRecord::model).containsExactly("a,b", "c", "d");
    assertThat(records).extracting(CatalogRecord::line).containsExactly(2L, 6L, 7L);
    assertThat(records.get(0).labels()).containsEntry("note", "one\r\ntwo\nsays \"hi\"");
    assertThat(records.get(1).labels()).isEmpty();
  }

  @Test
  void next_ofTextWithAMark_readsTheFirstColumn() throws Exception {
    assertThat(CatalogTexts.csv("\uFEFFmodel\nm\u00E9\n"))
        .extracting(CatalogRecord::model)
        .containsExactly("m\u00E9");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "'a,b,c' | it has 3 fields and the header has 2.",
        "'a' | it has 1 field and the header has 2.",
        "'a\"b,c' | a field contains a quote",
        "'\"a\"b,c' | text follows a closing quote.",
      })
  void next_ofABadLine_saysWhyAndGoesOnBehindIt(String line, String fault) throws Exception {
    List<CatalogRecord> records = CatalogTexts.csv("model,note\n" + line + "\ngood,x\n");

    assertThat(records).hasSize(2);
    assertThat(records.get(0).fault()).startsWith(fault);
    assertThat(records.get(0).line()).isEqualTo(2);
    assertThat(records.get(1).model()).isEqualTo("good");
    assertThat(records.get(1).fault()).isEmpty();
  }

  @Test
  void next_ofACarriageReturnAlone_isABadLine() throws Exception {
    assertThat(CatalogTexts.csv("model\na\rb\n").get(0).fault())
        .startsWith("a carriage return is not followed by a line feed.");
  }

  @Test
  void next_ofIgnorePathsThatAreNoArray_isABadLine() throws Exception {
    for (String value : List.of("logs", "\"{\"\"a\"\":1}\"", "[1]", "[]x", "\"[[\"\"a\"\"]]\"")) {
      assertThat(CatalogTexts.csv("model,ignore_paths\nm," + value + "\n").get(0).fault())
          .as(value)
          .startsWith("ignore_paths is not a JSON array of strings.");
    }
  }

  @Test
  void next_ofQuoteThatIsNeverClosed_endsTheCatalogThere() throws Exception {
    List<CatalogRecord> records = CatalogTexts.csv("model\na\nb\n\"c\nd\ne\n");

    assertThat(records).extracting(CatalogRecord::model).containsExactly("a", "b", "");
    assertThat(records.get(2).line()).isEqualTo(4);
    assertThat(records.get(2).fault())
        .isEqualTo(
            "the quote that opens on line 4 is never closed, so the catalog ends here. Close it,"
                + " and double quotes inside a field.");
  }

  @Test
  @Timeout(120)
  void next_ofLineThatFillsTheMemory_isABadLineAndTheNextIsRead() throws Exception {
    String huge = "x".repeat(3 * CatalogLimits.MAX_RECORD_BYTES);

    List<CatalogRecord> plain = CatalogTexts.csv("model\n" + huge + "\ngood\n");
    List<CatalogRecord> quoted = CatalogTexts.csv("model\n\"" + huge + "\n\"\ngood\n");

    assertThat(plain.get(0).fault()).isEqualTo(CatalogRecord.TOO_LONG);
    assertThat(quoted.get(0).fault()).isEqualTo(CatalogRecord.TOO_LONG);
    assertThat(plain.get(1).model()).isEqualTo("good");
    assertThat(quoted.get(1).model()).isEqualTo("good");
    assertThat(quoted.get(1).line()).isEqualTo(4);
  }

  @Test
  @Timeout(120)
  void next_ofAMillionCommas_isABadLine() throws Exception {
    List<CatalogRecord> records = CatalogTexts.csv("model\n" + ",".repeat(1_000_000) + "\ngood\n");

    assertThat(records.get(0).fault()).startsWith("it has more than 200 fields");
    assertThat(records.get(1).model()).isEqualTo("good");
  }

  @Test
  void next_ofBytesThatAreNotUtf8_isABadLine() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes("model\nm".getBytes(StandardCharsets.UTF_8));
    bytes.write(0xC3);
    bytes.writeBytes("\ngood\n".getBytes(StandardCharsets.UTF_8));

    List<CatalogRecord> records =
        CatalogTexts.all(new CsvRecords(CatalogTexts.input(bytes.toByteArray()), "c.csv"));

    assertThat(records.get(0).fault()).isEqualTo(CatalogRecord.NOT_UTF_8);
    assertThat(records.get(1).model()).isEqualTo("good");
  }

  @Test
  void next_ofLabelsBeyondTheLimits_isABadLine() throws Exception {
    assertThat(CatalogTexts.csv("model,l\nm," + "v".repeat(1_001)).get(0).fault())
        .startsWith("the label l has 1001 characters, but may have 1000.");
    assertThat(CatalogTexts.csv("model,name\nm," + "v".repeat(1_001)).get(0).fault())
        .startsWith("the field name has 1001 characters, but may have 1000.");
    assertThat(CatalogTexts.csv("model\n" + "v".repeat(4_097)).get(0).fault())
        .startsWith("the field model has 4097 characters, but may have 4096.");
    assertThat(CatalogTexts.csv("model\nm\0x").get(0).fault())
        .startsWith("the field model holds NUL or half of a surrogate pair.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "'' | there is no column called model.",
        "'Model,name' | there is no column called model.",
        "'model,a,a' | it names the column a twice.",
        "'model,,b' | the name of column 2 has 0 characters",
        "'\"model' | the quote that opens on line 1 is never closed",
      })
  void create_ofHeaderThatCannotBeUsed_isRefused(String header, String fault) {
    assertThatThrownBy(() -> CatalogTexts.csv(header + "\nm\n"))
        .isInstanceOf(CatalogException.class)
        .hasMessageStartingWith("The header of the catalog c.csv cannot be used: " + fault);
  }

  @Test
  void create_ofTooManyLabels_isRefused() {
    StringBuilder header = new StringBuilder("model");
    for (int i = 0; i < 33; i++) {
      header.append(",l").append(i);
    }

    assertThatThrownBy(() -> CatalogTexts.csv(header + "\n"))
        .hasMessageContaining("it has 33 labels, but may have 32.");
  }
}
