package dev.countersign.listings;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.countersign.schemas.FileListing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.file.CodecFactory;

/**
 * Any blocks behind the beginning of a file of listings are listings or a {@link
 * MalformedListingException}. The end of each block is mended, or no change would get past it.
 */
final class ListingIndexFuzzTest {

  private static final int SYNC = 16;

  @FuzzTest
  void fuzz(byte[] blocks) throws IOException {
    byte[] start = SampleListings.bytes(CodecFactory.nullCodec());
    byte[] sync = new byte[SYNC];
    System.arraycopy(start, start.length - SYNC, sync, 0, SYNC);
    Path file = Files.createTempFile("listings-", ".avro");
    try {
      byte[] all = new byte[start.length + blocks.length + SYNC];
      System.arraycopy(start, 0, all, 0, start.length);
      System.arraycopy(blocks, 0, all, start.length, blocks.length);
      System.arraycopy(sync, 0, all, start.length + blocks.length, SYNC);
      Files.write(file, all);

      ListingIndex index;
      try {
        index = ListingIndex.of(List.of(file.toUri().toString()), 64, (files, records) -> {});
      } catch (MalformedListingException e) {
        return;
      }
      List<FileListing> found = new ArrayList<>();
      try (index) {
        index.forEach(SampleListings.scope("/m"), found::add);
      }
      assertThat(found).hasSizeLessThanOrEqualTo(blocks.length);
    } finally {
      Files.delete(file);
    }
  }
}
