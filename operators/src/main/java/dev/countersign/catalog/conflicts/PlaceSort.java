package dev.countersign.catalog.conflicts;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Sorts more places than fit into memory: an external merge sort. What fits is sorted there and
 * nothing is written; otherwise sorted runs of bounded size go to one temporary file, which only
 * this user can read, and are merged from it. Not thread safe.
 */
final class PlaceSort implements Closeable {

  /** Takes places in their order. */
  interface Visitor {
    void visit(Place place) throws IOException;
  }

  /** How many runs are merged at a time: each has a buffer and nothing else. */
  private static final int FAN_IN = 128;

  private static final List<Place.Role> ROLES = List.of(Place.Role.values());

  private static final int READ_BUFFER = 16 * 1024;
  private static final int WRITE_BUFFER = 256 * 1024;

  /** A sorted run in the file: first byte, and number of places. */
  private record Run(long start, long count) {}

  private final long budget;
  private final List<Run> runs = new ArrayList<>();
  private List<Place> places = new ArrayList<>();
  private long weight;
  private @Nullable FileChannel file;

  /**
   * A sort.
   *
   * @param budget about how many bytes of memory places may take before they are written
   */
  PlaceSort(long budget) {
    this.budget = budget;
  }

  void add(Place place) throws IOException {
    places.add(place);
    weight += place.weight();
    if (weight >= budget) {
      spill();
    }
  }

  /** Tells whether places had to be written. */
  boolean hasSpilled() {
    return !runs.isEmpty();
  }

  /** Gives all places in order; nothing may be added any more. */
  void visit(Visitor visitor) throws IOException {
    if (runs.isEmpty()) {
      places.sort(Place.ORDER);
      for (Place place : places) {
        visitor.visit(place);
      }
      return;
    }
    spill();
    while (runs.size() > FAN_IN) {
      List<Run> first = List.copyOf(runs.subList(0, FAN_IN));
      runs.subList(0, FAN_IN).clear();
      runs.add(merge(first));
    }
    merge(runs, visitor);
  }

  /** Closes and deletes the temporary file. */
  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }

  private void spill() throws IOException {
    if (places.isEmpty()) {
      return;
    }
    places.sort(Place.ORDER);
    List<Place> sorted = places;
    places = new ArrayList<>();
    weight = 0;
    long start = file().size();
    try (DataOutputStream output = append()) {
      for (Place place : sorted) {
        write(output, place);
      }
    }
    runs.add(new Run(start, sorted.size()));
  }

  private Run merge(List<Run> some) throws IOException {
    long start = file().size();
    long count = some.stream().mapToLong(Run::count).sum();
    try (DataOutputStream output = append()) {
      merge(some, place -> write(output, place));
    }
    return new Run(start, count);
  }

  private void merge(List<Run> some, Visitor visitor) throws IOException {
    PriorityQueue<RunReader> readers =
        new PriorityQueue<>(Comparator.comparing(reader -> reader.current, Place.ORDER));
    for (Run run : some) {
      readers.add(new RunReader(run, file()));
    }
    for (RunReader next = readers.poll(); next != null; next = readers.poll()) {
      visitor.visit(next.current);
      if (next.advance()) {
        readers.add(next);
      }
    }
  }

  private FileChannel file() throws IOException {
    if (file == null) {
      Path path = Files.createTempFile("countersign-", ".sort");
      file =
          FileChannel.open(
              path,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
    }
    return file;
  }

  /** Writes behind all that is there; closing it leaves the file open. */
  private DataOutputStream append() throws IOException {
    FileChannel channel = file();
    channel.position(channel.size());
    return new DataOutputStream(
        new BufferedOutputStream(Channels.newOutputStream(channel), WRITE_BUFFER) {
          @Override
          public void close() throws IOException {
            flush();
          }
        });
  }

  private static void write(DataOutputStream output, Place place) throws IOException {
    output.writeByte(ROLES.indexOf(place.role()));
    output.writeLong(place.owner());
    output.writeLong(place.line());
    writeText(output, place.uri());
    // Names are mostly places too, and need not be written twice.
    writeText(output, place.model().equals(place.uri()) ? "" : place.model());
    writeText(output, place.shown().equals(place.uri()) ? "" : place.shown());
  }

  private static Place read(DataInputStream input) throws IOException {
    Place.Role role = ROLES.get(input.readByte());
    long owner = input.readLong();
    long line = input.readLong();
    String uri = readText(input);
    String model = readText(input);
    String shown = readText(input);
    return new Place(
        uri,
        role,
        owner,
        line,
        model.isEmpty() && role != Place.Role.OUTPUT ? uri : model,
        shown.isEmpty() ? uri : shown);
  }

  private static void writeText(DataOutputStream output, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    output.writeInt(bytes.length);
    output.write(bytes);
  }

  private static String readText(DataInputStream input) throws IOException {
    byte[] bytes = new byte[input.readInt()];
    input.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Reads one run, whatever else is read from or appended to the file. */
  private static final class RunReader {
    private final DataInputStream input;
    private long left;
    private Place current;

    RunReader(Run run, FileChannel file) throws IOException {
      this.input = new DataInputStream(new BufferedInputStream(at(run.start(), file), READ_BUFFER));
      this.left = run.count() - 1;
      this.current = read(input);
    }

    boolean advance() throws IOException {
      if (left == 0) {
        return false;
      }
      left--;
      current = read(input);
      return true;
    }

    private static InputStream at(long start, FileChannel file) {
      return new InputStream() {
        private long position = start;

        @Override
        public int read() throws IOException {
          byte[] one = new byte[1];
          return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
          int read = file.read(ByteBuffer.wrap(bytes, offset, length), position);
          position += Math.max(read, 0);
          return read;
        }
      };
    }
  }
}
