package dev.countersign.storage.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.storage.GlobScope;
import dev.countersign.storage.IrregularEntry;
import dev.countersign.storage.IrregularEntry.Kind;
import dev.countersign.storage.ListingRules;
import dev.countersign.storage.ListingRulesFixture;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.ModelReader;
import dev.countersign.storage.RangeInput;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.StoredFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A thread that swaps parts of a model for links that lead out of it, as fast as it can, while the
 * model is listed and read. Whatever the timing: no name and no byte from outside comes through.
 */
@Timeout(120)
final class LocalSwapTest {

  private static final int ROUNDS = 1_500;
  private static final String INSIDE = "inside the model";
  private static final String OUTSIDE = "SECRET elsewhere";

  @TempDir private Path folder;
  private Path model;
  private Path parked;

  @BeforeEach
  void makeModel() throws IOException {
    model = Files.createDirectories(folder.resolve("model/sub")).getParent();
    parked = Files.createDirectory(folder.resolve("parked"));
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Files.writeString(model.resolve("sub/file"), INSIDE);
    Files.writeString(elsewhere.resolve("file"), OUTSIDE);
    Files.writeString(elsewhere.resolve("secret-name"), OUTSIDE);
    Files.createSymbolicLink(parked.resolve("link-to-file"), elsewhere.resolve("file"));
    Files.createSymbolicLink(parked.resolve("link-to-folder"), elsewhere);
  }

  @Test
  void read_ofAFileSwappedForALink_givesItsOwnBytesOrChanged() throws Exception {
    Set<String> seen = swapping(model.resolve("sub/file"), "link-to-file", this::listAndRead);

    assertThat(seen).isSubsetOf("read", "link", "gone", "CHANGED");
  }

  @Test
  void read_belowAFolderSwappedForALink_givesItsOwnBytesOrChanged() throws Exception {
    Set<String> seen = swapping(model.resolve("sub"), "link-to-folder", this::listAndRead);

    assertThat(seen).isSubsetOf("read", "link", "gone", "CHANGED");
  }

  @Test
  void read_ofAPlanMadeBeforeTheSwaps_givesItsOwnBytesOrChanged() throws Exception {
    StoredFile planned = list().files().get(0);

    Set<String> seen = swapping(model.resolve("sub"), "link-to-folder", () -> read(planned));

    assertThat(seen).isSubsetOf("read", "CHANGED");
  }

  @Test
  void list_ofAGlobsMatchSwappedForALink_givesNoNameFromOutside() throws Exception {
    Path deep = Files.createDirectory(model.resolve("sub/deep"));
    Files.writeString(deep.resolve("file"), INSIDE);
    Path outside = Files.createDirectory(folder.resolve("elsewhere/deep"));
    Files.writeString(outside.resolve("secret-name"), OUTSIDE);
    GlobScope scope = GlobScope.of(model.toString(), List.of());
    ListingRules rules =
        new ListingRules(
            name -> false,
            false,
            List.of(),
            9,
            99,
            Long.MAX_VALUE,
            scope,
            name -> false,
            bytes -> {},
            name -> false);

    Round listing =
        () -> {
          try {
            return LocalListing.of(deep.toString(), rules).files().stream()
                .map(StoredFile::name)
                .collect(joining(" "));
          } catch (StorageException e) {
            return e.kind().name();
          }
        };

    Set<String> seen = swapping(model.resolve("sub"), "link-to-folder", listing);

    // Without a name: the folder was away when its file was looked at.
    assertThat(seen).isSubsetOf("file", "", "OUTSIDE", "NOT_FOUND", "CHANGED");
    // Whether a round meets the link is up to the machine, so the link stays for one more.
    park("sub", "link-to-folder");
    assertThat(listing.play()).isEqualTo("OUTSIDE");
  }

  @Test
  void holds_ofAPathThatLeadsThroughALink_isRefused() throws Exception {
    Path file = model.resolve("sub/file");
    Object key = LocalAttributes.of(file).fileKey();
    try (RootDirectory root = new RootDirectory(model)) {
      assertThat(root.holds(file, key)).isTrue();
    }

    Files.move(model.resolve("sub"), parked.resolve("sub"));
    Files.createSymbolicLink(model.resolve("sub"), parked.resolve("sub"));

    try (RootDirectory root = new RootDirectory(model)) {
      assertThat(LocalAttributes.of(file).fileKey()).isEqualTo(key);
      assertThatThrownBy(() -> root.holds(file, key)).isInstanceOf(NotDirectoryException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"link-to-folder", "link-to-nothing", "link-to-file"})
  void list_ofAFolderSwappedForALinkAfterItWasFound_isChanged(String link) throws Exception {
    Files.createDirectory(model.resolve("other"));
    Files.createSymbolicLink(parked.resolve("link-to-nothing"), Path.of("nothing"));
    List<String> found = new ArrayList<>();
    ListingRules swapping =
        rules(
            name -> {
              found.add(name);
              // The first of both folders was found, and waits to be opened.
              if (found.size() == 2) {
                park(found.get(0), link);
              }
              return false;
            });

    StorageException refused =
        catchThrowableOfType(
            StorageException.class, () -> LocalListing.of(model.toString(), swapping));

    assertThat(refused).as("a StorageException").isNotNull();
    assertThat(refused.kind()).isEqualTo(StorageException.Kind.CHANGED);
    assertThat(refused)
        .hasMessageContaining(
            model.resolve(found.get(0))
                + "/ was replaced by something else while the model was listed");
    assertThat(found).noneMatch(name -> name.contains("secret-name"));
  }

  @Test
  void list_ofAFolderDeletedAfterItWasFound_isAsIfADeletedFolder() throws Exception {
    Files.createDirectory(model.resolve("other"));
    List<String> found = new ArrayList<>();
    ListingRules deleting =
        rules(
            name -> {
              found.add(name);
              if (found.size() == 2) {
                move(model.resolve(found.get(0)), parked.resolve("victim"));
              }
              return false;
            });

    ModelListing listing = LocalListing.of(model.toString(), deleting);

    assertThat(listing.irregular()).isEmpty();
    assertThat(listing.files()).extracting(StoredFile::name).isSubsetOf("sub/file");
    assertThat(found).hasSizeBetween(2, 3);
  }

  /** What happens in one round, in one word. */
  private interface Round {
    String play() throws Exception;
  }

  private Set<String> swapping(Path victim, String link, Round round) throws Exception {
    AtomicReference<IOException> fault = new AtomicReference<>();
    boolean[] stop = new boolean[1];
    int[] swaps = new int[1];
    Thread swapper =
        new Thread(
            () -> {
              try {
                while (true) {
                  swap(victim, link);
                  swaps[0]++;
                  synchronized (stop) {
                    if (stop[0]) {
                      return;
                    }
                  }
                }
              } catch (IOException e) {
                fault.set(e);
              }
            },
            "swapper");
    Set<String> seen = new HashSet<>();
    swapper.start();
    try {
      for (int i = 0; i < ROUNDS; i++) {
        seen.add(round.play());
      }
    } finally {
      synchronized (stop) {
        stop[0] = true;
      }
      swapper.join();
    }
    assertThat(fault.get()).isNull();
    assertThat(swaps[0]).as("swaps").isPositive();
    return seen;
  }

  /** Puts a link in the victim's place, and the victim back. */
  private void swap(Path victim, String link) throws IOException {
    Path aside = parked.resolve("victim");
    Files.move(victim, aside, StandardCopyOption.ATOMIC_MOVE);
    Files.move(parked.resolve(link), victim, StandardCopyOption.ATOMIC_MOVE);
    Files.move(victim, parked.resolve(link), StandardCopyOption.ATOMIC_MOVE);
    Files.move(aside, victim, StandardCopyOption.ATOMIC_MOVE);
  }

  private String listAndRead() throws IOException {
    ModelListing listing;
    try {
      listing = list();
    } catch (StorageException e) {
      return e.kind().name();
    }
    assertThat(listing.files()).extracting(StoredFile::name).isSubsetOf("sub/file");
    assertThat(listing.irregular()).extracting(IrregularEntry::name).isSubsetOf("sub", "sub/file");
    assertThat(listing.irregular())
        .extracting(IrregularEntry::kind)
        .isSubsetOf(Kind.SYMLINK, Kind.LINKED_DIRECTORY);
    if (listing.files().isEmpty()) {
      return listing.irregular().isEmpty() ? "gone" : "link";
    }
    return read(listing.files().get(0));
  }

  private String read(StoredFile file) throws IOException {
    byte[] buffer = new byte[100];
    int length = 0;
    try (ModelReader reader = new LocalModelReader(model.toString(), List.of());
        RangeInput input = reader.open(file, 0, file.length())) {
      for (int read; (read = input.read(buffer, length, 100 - length)) >= 0; ) {
        length += read;
        assertThat(INSIDE).startsWith(new String(buffer, 0, length, UTF_8));
      }
      input.finish();
      assertThat(new String(buffer, 0, length, UTF_8)).isEqualTo(INSIDE);
      return "read";
    } catch (StorageException e) {
      // The message, where it is none that is expected, tells which.
      return e.kind() == StorageException.Kind.CHANGED ? "CHANGED" : e.toString();
    }
  }

  private void park(String name, String link) {
    move(model.resolve(name), parked.resolve("victim"));
    move(parked.resolve(link), model.resolve(name));
  }

  private static void move(Path from, Path to) {
    try {
      Files.move(from, to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ModelListing list() throws StorageException {
    return LocalListing.of(model.toString(), rules(name -> false));
  }

  private static ListingRules rules(Predicate<String> ignored) {
    return ListingRulesFixture.of(ignored, false, List.of(), 9, 99, Long.MAX_VALUE);
  }
}
