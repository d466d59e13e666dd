package dev.countersign.source.checkpoint;

import dev.countersign.source.signals.RunSession;
import dev.countersign.source.units.UnitId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which units readers have, and in which process, apart from checkpoints: a unit that ends its
 * process soon after it was handed out is in none. Kept in memory for the enumerators that Flink
 * replaces within one process, and in a file, if the session has one, for the next process. The
 * file outlives the process, not a loss of power. Not thread safe.
 *
 * <p>The file begins with the session and has a line for each change: {@code + ENTRY ATTEMPT UNIT
 * PLAN PROCESS} or {@code - ENTRY ATTEMPT UNIT}. The plan is there since entries of a watch may get
 * other numbers when it begins anew. Each completed checkpoint shortens it.
 */
public final class UnitJournal {

  private static final Logger LOG = LoggerFactory.getLogger(UnitJournal.class);

  /** What units of one checkpoint interval take, and much more; a larger file is not read. */
  private static final int MAX_BYTES = 64 << 20;

  /**
   * Journals of this process, by run and session. An empty one is kept, too: it says that nothing
   * was out. The class loader ends with the job.
   */
  private static final Map<String, UnitJournal> OPEN = new ConcurrentHashMap<>();

  private record Had(String plan, Set<String> processes) {}

  private record Charged(long checkpoint, Set<String> processes) {}

  private final String session;
  private final @Nullable Path file;
  private final Map<UnitId, Had> had = new LinkedHashMap<>();
  private final Map<UnitId, Charged> charged = new HashMap<>();
  private final Set<UnitId> pending = new HashSet<>();
  private @Nullable FileChannel lines;
  private boolean begun;
  private boolean kept;

  private UnitJournal(String session, @Nullable Path file) {
    this.session = session;
    this.file = file;
  }

  /** Returns the journal of a run's session, with what was not returned to it so far. */
  public static UnitJournal of(String runId, RunSession session) {
    Path file = session.journal().isEmpty() ? null : Path.of(session.journal());
    UnitJournal journal =
        OPEN.computeIfAbsent(
            runId + " " + session.id(), first -> new UnitJournal(session.id(), file));
    journal.begin();
    return journal;
  }

  private void begin() {
    kept = begun;
    begun = true;
    if (file != null && lines == null) {
      kept |= read(file);
      rewrite();
    }
    pending.clear();
    pending.addAll(had.keySet());
    charged.clear();
  }

  /** The units that somebody had before, and that {@link #take} was not asked about. */
  public Set<UnitId> pending() {
    return Set.copyOf(pending);
  }

  public boolean isPending(UnitId id) {
    return pending.contains(id);
  }

  /**
   * Whether a reader may have had a unit when the enumerator before this one ended. Not if the
   * journal was kept until then and does not have it: the unit was finished after the checkpoint.
   */
  public boolean mayBePending(UnitId id) {
    return !kept || pending.contains(id);
  }

  /**
   * Returns the processes that had a unit before. They are kept until a checkpoint that began later
   * has completed.
   *
   * @param plan fingerprint of the model's plan; under another one it is another unit
   * @param lastCheckpoint the last that has begun
   */
  public Set<String> take(UnitId id, String plan, long lastCheckpoint) {
    Had earlier = had.get(id);
    if (!pending.remove(id) || earlier == null) {
      return Set.of();
    }
    if (!earlier.plan().equals(plan)) {
      back(id);
      return Set.of();
    }
    Set<String> before = Set.copyOf(earlier.processes());
    charged.put(id, new Charged(lastCheckpoint, before));
    return before;
  }

  /**
   * Forgets processes that live on: they did not end with the units that they had before.
   *
   * @param hasEnded tells whether a process has ended
   */
  public void retain(Predicate<String> hasEnded) {
    for (UnitId id : pending()) {
      Had unit = had.get(id);
      if (unit != null
          && unit.processes().removeIf(hasEnded.negate())
          && unit.processes().isEmpty()) {
        had.remove(id);
        pending.remove(id);
      }
    }
    rewrite();
  }

  /** A reader in {@code process} gets a unit. */
  public void out(UnitId id, String plan, String process) {
    if (had.computeIfAbsent(id, first -> new Had(plan, new LinkedHashSet<>()))
        .processes()
        .add(process)) {
      append(added(id, plan, process));
    }
  }

  /** No reader has a unit any more, and no process ended with it. */
  public void back(UnitId id) {
    charged.remove(id);
    pending.remove(id);
    if (had.remove(id) != null) {
      append("- " + words(id) + "\n");
    }
  }

  /** Forgets what this checkpoint has. */
  public void checkpointCompleted(long checkpoint) {
    charged
        .entrySet()
        .removeIf(
            entry -> {
              boolean saved = entry.getValue().checkpoint() < checkpoint;
              Had unit = had.get(entry.getKey());
              if (saved && unit != null) {
                unit.processes().removeAll(entry.getValue().processes());
                if (unit.processes().isEmpty()) {
                  had.remove(entry.getKey());
                }
              }
              return saved;
            });
    rewrite();
  }

  private static String added(UnitId id, String plan, String process) {
    return "+ " + words(id) + " " + plan + " " + process + "\n";
  }

  private static String words(UnitId id) {
    return id.entryId() + " " + id.attempt() + " " + id.unit();
  }

  /** Whether the file is of this session and was read. */
  private boolean read(Path from) {
    try (InputStream in = Files.newInputStream(from)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new IOException("has more than " + MAX_BYTES + " bytes");
      }
      List<String> read = new String(bytes, StandardCharsets.UTF_8).lines().toList();
      if (!read.isEmpty() && read.get(0).equals("session " + session)) {
        read.subList(1, read.size()).forEach(this::parse);
        return true;
      }
    } catch (NoSuchFileException e) {
      LOG.debug("The session begins");
    } catch (IOException e) {
      LOG.warn("What readers had when the process ended cannot be read", e);
    }
    return false;
  }

  /** A loss of power may have left anything, which counts for nothing then. */
  private void parse(String line) {
    String[] words = line.split(" ", -1);
    try {
      UnitId id =
          new UnitId(
              Long.parseLong(words[1]), Integer.parseInt(words[2]), Integer.parseInt(words[3]));
      if (words[0].equals("+") && words.length == 6) {
        had.computeIfAbsent(id, first -> new Had(words[4], new LinkedHashSet<>()))
            .processes()
            .add(words[5]);
      } else if (words[0].equals("-") && words.length == 4) {
        had.remove(id);
      }
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      LOG.debug("A line of the journal is none", e);
    }
  }

  private void rewrite() {
    if (file == null) {
      return;
    }
    List<String> content = new ArrayList<>();
    content.add("session " + session + "\n");
    had.forEach(
        (id, unit) ->
            unit.processes().forEach(process -> content.add(added(id, unit.plan(), process))));
    Path temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
    try {
      closeFile();
      Path unused = Files.writeString(temporary, String.join("", content));
      Path moved =
          Files.move(
              temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      lines = FileChannel.open(moved, StandardOpenOption.APPEND);
    } catch (IOException e) {
      discard(file, e);
    }
  }

  private void append(String line) {
    if (lines == null || file == null) {
      return;
    }
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(line);
      while (bytes.hasRemaining()) {
        int unused = lines.write(bytes);
      }
    } catch (IOException e) {
      discard(file, e);
    }
  }

  /** A file that lacks a line would tell the next process that nothing was out. */
  private void discard(Path incomplete, IOException fault) {
    LOG.warn("Which units are being read cannot be kept for the next start", fault);
    lines = null;
    try {
      boolean unused = Files.deleteIfExists(incomplete);
    } catch (IOException e) {
      LOG.warn("The incomplete journal cannot be removed", e);
    }
  }

  /** Ends the work of one enumerator; the next one gets what is still there. */
  public void close() throws IOException {
    closeFile();
  }

  private void closeFile() throws IOException {
    if (lines != null) {
      lines.close();
      lines = null;
    }
  }
}
