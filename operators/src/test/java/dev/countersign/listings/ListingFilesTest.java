package dev.countersign.listings;

import static dev.countersign.listings.SampleListings.listing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.schemas.ModelResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificDatumWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link ListingFiles} and {@link ListingFile}. */
final class ListingFilesTest {

  private static final String NOW = "20260102-000000-00000000";

  @TempDir Path folder;

  @Test
  void before_inAFolderOfResults_findsThoseOfEarlierRunsInOrder() throws Exception {
    Path listings = Files.createDirectory(folder.resolve("listings"));
    write(listings.resolve("listings-20260101-000000-0000000b-0.avro"));
    write(listings.resolve("listings-20260101-000000-0000000a-1.avro"));
    write(listings.resolve("listings-20260102-000000-00000000-0.avro"));
    write(listings.resolve("listings-20260103-000000-00000000-0.avro"));
    write(listings.resolve(".listings-20260101-000000-0000000a-2.avro.inprogress"));
    Files.writeString(folder.resolve("results-20260101-000000-0000000a-0.avro"), "no listings");

    List<String> found = ListingFiles.before(NOW, folder.toUri().toString());
    List<String> same = ListingFiles.before(NOW, listings.toUri().toString());

    assertThat(found)
        .extracting(uri -> uri.substring(uri.lastIndexOf('/') + 1))
        .containsExactly(
            "listings-20260101-000000-0000000a-1.avro", "listings-20260101-000000-0000000b-0.avro");
    assertThat(same).isEqualTo(found);
  }

  @Test
  void before_inARunThatTheUserNamed_leavesItsOwnOut() throws Exception {
    write(folder.resolve("listings-20260101-000000-0000000b-0.avro"));
    write(folder.resolve("listings-nightly-7-0.avro"));
    write(folder.resolve("listings-nightly-8-0.avro"));

    List<String> found = ListingFiles.before("nightly-8", folder.toUri().toString());

    assertThat(found)
        .extracting(uri -> uri.substring(uri.lastIndexOf('/') + 1))
        .containsExactly("listings-20260101-000000-0000000b-0.avro", "listings-nightly-7-0.avro");
  }

  @Test
  void before_ofOneFile_isThatFileHoweverItIsCalled() throws Exception {
    write(folder.resolve("mine"));

    assertThat(ListingFiles.before(NOW, folder.resolve("mine").toUri().toString()))
        .singleElement()
        .asString()
        .endsWith("/mine");
  }

  @Test
  void before_whereNoListingsAre_saysWhatToName() throws Exception {
    Files.writeString(folder.resolve("results-20260101-000000-0000000a-0.avro"), "no listings");

    assertThatThrownBy(() -> ListingFiles.before(NOW, folder.toUri().toString()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("holds no listings of an earlier run")
        .hasMessageContaining("'record-listings'");
    assertThatThrownBy(() -> ListingFiles.before(NOW, folder.resolve("none").toUri().toString()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("none is not there. Check its name.");
  }

  @Test
  void before_ofAFileOfOtherRecords_refusesIt() throws Exception {
    Path results = folder.resolve("results.avro");
    try (DataFileWriter<ModelResult> writer =
        new DataFileWriter<>(new SpecificDatumWriter<>(ModelResult.class))) {
      writer.create(ModelResult.getClassSchema(), Files.newOutputStream(results));
    }
    Files.writeString(folder.resolve("text.avro"), "no Avro");
    Files.createFile(folder.resolve("empty.avro"));
    Files.write(
        folder.resolve("deflated.avro"),
        SampleListings.bytes(CodecFactory.deflateCodec(1), List.of(listing("run", "/m", 5))));

    assertRefused("results.avro", "holds other records, or listings of another release");
    assertRefused("text.avro", "is not an Avro container file");
    assertRefused("empty.avro", "is not an Avro container file");
    assertRefused("deflated.avro", "is compressed");
  }

  @Test
  void index_ofAFileCutOffAnywhere_refusesIt() throws Exception {
    byte[] whole =
        SampleListings.bytes(
            CodecFactory.nullCodec(),
            List.of(listing("run", "/m", 5, "a")),
            List.of(listing("run", "/n", 5, "b")));
    Path file = folder.resolve("cut.avro");
    int sync = 16;
    int secondBlock = whole.length - sync - 1;

    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      if (!endsWithABlock(whole, length)) {
        assertThatThrownBy(() -> index(file), "cut off after %d bytes", length)
            .isInstanceOf(MalformedListingException.class);
      }
    }
    Files.write(file, Arrays.copyOf(whole, secondBlock));
    assertThatThrownBy(() -> index(file)).hasMessageContaining("is damaged or cut off at byte ");
  }

  @Test
  void index_ofABlockThatAnnouncesMore_takesNoMemoryForIt() throws Exception {
    byte[] whole =
        SampleListings.bytes(CodecFactory.nullCodec(), List.of(listing("run", "/m", 5, "a")));
    byte[] empty = SampleListings.bytes(CodecFactory.nullCodec());
    // One record, in 2^31 - 1 bytes.
    byte[] announced = {2, (byte) 0xfe, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x0f};
    Path file = folder.resolve("announced.avro");
    Files.write(
        file,
        ByteBuffer.allocate(empty.length + announced.length).put(empty).put(announced).array());
    Path longText = folder.resolve("text.avro");
    int model = indexOf(whole, "/m") - 1;
    byte[] damaged = whole.clone();
    damaged[model] = 0x7e;
    Files.write(longText, damaged);

    assertThatThrownBy(() -> index(file)).isInstanceOf(MalformedListingException.class);
    assertThatThrownBy(() -> index(longText)).isInstanceOf(MalformedListingException.class);
  }

  /** A run lists 4,096 ranges in a record at most; each may take 8 bytes and becomes 200. */
  @Test
  void index_ofARecordWithMoreRangesThanAnyUnit_refusesIt() throws Exception {
    String[] files = new String[(1 << 16) + 1];
    Arrays.fill(files, "");
    Path file = folder.resolve("many.avro");
    SampleListings.write(file, List.of(listing("run", "/m", 5, files)));

    assertThatThrownBy(() -> index(file))
        .isInstanceOf(MalformedListingException.class)
        .hasMessageContaining("is damaged or cut off at byte ");
  }

  private void assertRefused(String name, String why) {
    assertThatThrownBy(() -> ListingFiles.before(NOW, folder.resolve(name).toUri().toString()))
        .isInstanceOf(MalformedListingException.class)
        .hasMessageContainingAll(name, why, "Name the folder");
  }

  /** A file that ends with a block may be whole: no other end is written. */
  private static boolean endsWithABlock(byte[] whole, int length) {
    byte[] sync = Arrays.copyOfRange(whole, whole.length - 16, whole.length);
    return length >= 16 && Arrays.equals(Arrays.copyOfRange(whole, length - 16, length), sync);
  }

  private static int indexOf(byte[] bytes, String text) {
    return new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf(text);
  }

  private static ListingIndex index(Path file) throws IOException {
    return ListingIndex.of(
        List.of(file.toUri().toString()), ListingIndex.CACHED_BYTES, (files, records) -> {});
  }

  private static void write(Path file) throws IOException {
    SampleListings.write(file, List.of(listing("run", "/m", 5, "a")));
  }
}
