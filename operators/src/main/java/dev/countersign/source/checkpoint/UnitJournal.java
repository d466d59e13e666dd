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
 * The processes that each unit is charged with, or may have to be: those that have had it and did
 * not give it back. It is apart from checkpoints, since a unit that ends its process soon after it
 * was handed out is in none. It is kept in memory for the enumerators that Flink replaces within
 * one process, and in a file, if the session has one, for the next process. The file outlives the
 * process, not a loss of power. Thread safe: Flink may close an enumerator after the next has
 * begun.
 *
 * <p>A process is a charge only once, however often the journal and a checkpoint name it. It stays
 * here until the unit is finished, the process turns out to live, or a checkpoint has the charge.
 *
 * <p>The file begins with the session and has a line for each change: {@code + ENTRY ATTEMPT UNIT
 * PLAN PROCESS}, {@code - ENTRY ATTEMPT UNIT PROCESS}, or {@code - ENTRY ATTEMPT UNIT} for a unit
 * that is finished. The plan is there since entries of a watch may get other numbers when it begins
 * anew. Each completed checkpoint shortens it.
 *
 * <p>Without a file, a job manager that takes the place of another one finds which models that was
 * planning, see {@link SharedPlans}.
 */
public final class UnitJournal {

  private static final Logger LOG = LoggerFactory.getLogger(UnitJournal.class);

  /** What units of one checkpoint interval take, and much more; a larger file is not read. */
  private static final int MAX_BYTES = 64 << 20;

  /**
   * The last journal of each run and session in this process. An empty one is kept, too: it says
   * that nothing was out. The class loader ends with the job.
   */
  private static final Map<String, UnitJournal> LAST = new ConcurrentHashMap<>();

  private record Had(String plan, Set<String> processes) {}

  private record Charged(long checkpoint, Set<String> processes) {}

  private final String session;
  private final @Nullable Path file;
  private final Map<UnitId, Had> had = new LinkedHashMap<>();
  private final Map<UnitId, Charged> charged = new HashMap<>();
  private final Set<UnitId> pending = new HashSet<>();
  private @Nullable FileChannel lines;
  private boolean complete;
  private boolean replaced;
  private @Nullable SharedPlans shared;

  private UnitJournal(String session, @Nullable Path file) {
    this.session = session;
    this.file = file;
  }

  /**
   * Returns the journal of a run's session for one enumerator. That of the enumerator before is of
   * no use any more.
   */
  public static UnitJournal of(String runId, RunSession session) {
    Path file = session.journal().isEmpty() ? null : Path.of(session.journal());
    return LAST.compute(
        runId + " " + session.id(),
        (key, before) -> {
          UnitJournal journal = new UnitJournal(session.id(), file);
          if (before != null) {
            before.passOn(journal);
          } else if (file != null) {
            journal.complete = journal.read(file);
          } else if (!session.shared().isEmpty()) {
            SharedPlans shared = new SharedPlans(session.shared(), session.id());
            shared.read().forEach(journal::parse);
            journal.shared = shared;
          }
          journal.pending.addAll(journal.had.keySet());
          journal.rewrite();
          return journal;
        });
  }

  private synchronized void passOn(UnitJournal next) {
    replaced = true;
    closeFile();
    next.had.putAll(had);
    next.complete = complete;
    next.shared = shared;
  }

  /** Records that nothing happened in this session that is not here. */
  public synchronized void complete() {
    complete = true;
  }

  /** Whether all is here that happened since the checkpoint that the enumerator resumes from. */
  public synchronized boolean isComplete() {
    return complete;
  }

  /** The units that are not with a reader any more, and that {@link #take} was not asked about. */
  public synchronized Set<UnitId> pending() {
    return Set.copyOf(pending);
  }

  public synchronized boolean isPending(UnitId id) {
    return pending.contains(id);
  }

  /**
   * A unit came back because its reader was lost.
   *
   * @param plan fingerprint of the model's plan; under another one it is another unit
   * @param process the process that had it at the checkpoint, which counts if this is not {@link
   *     #isComplete}; empty if unknown
   */
  public synchronized void lost(UnitId id, String plan, String process) {
    if (!complete && !process.isEmpty()) {
      out(id, plan, process);
    }
    if (had.containsKey(id)) {
      pending.add(id);
    }
  }

  /**
   * All readers are back: forgets processes that did not end with the units that they had. What is
   * with a reader stays.
   *
   * @param hasEnded tells whether a process has ended
   */
  public synchronized void retain(Predicate<String> hasEnded) {
    Predicate<String> lives = hasEnded.negate();
    charged.forEach(
        (id, charge) -> {
          Set<String> innocent = new HashSet<>(charge.processes());
          innocent.removeIf(hasEnded);
          charge.processes().removeAll(innocent);
          removeIf(id, innocent::contains);
        });
    for (UnitId id : pending()) {
      removeIf(id, lives);
    }
    rewrite();
  }

  /**
   * Returns the processes that a unit is charged with, beyond what the checkpoint may have. They
   * are kept until a checkpoint that began later has completed.
   *
   * @param plan fingerprint of the model's plan
   * @param lastCheckpoint the last that has begun
   */
  public synchronized Set<String> take(UnitId id, String plan, long lastCheckpoint) {
    Had unit = had.get(id);
    if (!pending.remove(id) || unit == null) {
      return Set.of();
    }
    if (!unit.plan().equals(plan)) {
      finished(id);
      return Set.of();
    }
    charged.put(id, new Charged(lastCheckpoint, new HashSet<>(unit.processes())));
    return Set.copyOf(unit.processes());
  }

  /** A process plans a model from now on. Any thread; returns once the next process would know. */
  public void planBegins(UnitId id, String plan, String process) {
    out(id, plan, process);
    if (shared != null) {
      shared.require(added(id, plan, process), this::plans);
    }
  }

  /** A model was planned while nothing else was: no other is charged if the process ends now. */
  public void plannedAlone() {
    if (shared != null) {
      shared.refresh(this::plans);
    }
  }

  /** The models that are being planned, for the next process; null if this has nothing to tell. */
  private synchronized @Nullable List<String> plans() {
    return replaced ? null : lines(id -> id.unit() == UnitId.PLAN);
  }

  /** A reader in {@code process} gets a unit. */
  public synchronized void out(UnitId id, String plan, String process) {
    Charged before = charged.get(id);
    if (before != null) {
      // It lives, and may end with the unit yet.
      boolean unused = before.processes().remove(process);
    }
    if (had.computeIfAbsent(id, first -> new Had(plan, new LinkedHashSet<>()))
        .processes()
        .add(process)) {
      append(added(id, plan, process));
    }
  }

  /** The reader in {@code process} has given a unit back, and the process did not end with it. */
  public synchronized void back(UnitId id, String process) {
    removeIf(id, process::equals);
    append("- " + words(id) + " " + process + "\n");
  }

  /** A unit is finished, so that no process ended with it. */
  public synchronized void finished(UnitId id) {
    charged.remove(id);
    pending.remove(id);
    if (had.remove(id) != null) {
      append("- " + words(id) + "\n");
    }
  }

  private void removeIf(UnitId id, Predicate<String> chosen) {
    Had unit = had.get(id);
    if (unit != null && unit.processes().removeIf(chosen) && unit.processes().isEmpty()) {
      had.remove(id);
      pending.remove(id);
    }
  }

  /** Forgets what this checkpoint has. */
  public void checkpointCompleted(long checkpoint) {
    forget(checkpoint);
    if (shared != null) {
      shared.refresh(this::plans);
    }
  }

  private synchronized void forget(long checkpoint) {
    charged
        .entrySet()
        .removeIf(
            entry -> {
              boolean saved = entry.getValue().checkpoint() < checkpoint;
              if (saved) {
                removeIf(entry.getKey(), entry.getValue().processes()::contains);
              }
              return saved;
            });
    rewrite();
  }

  private List<String> lines(Predicate<UnitId> chosen) {
    List<String> content = new ArrayList<>();
    had.forEach(
        (id, unit) -> {
          if (chosen.test(id)) {
            unit.processes().forEach(process -> content.add(added(id, unit.plan(), process)));
          }
        });
    return content;
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
      } else if (words[0].equals("-") && words.length == 5) {
        removeIf(id, words[4]::equals);
      }
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      LOG.debug("A line of the journal is none", e);
    }
  }

  private void rewrite() {
    if (file == null || replaced) {
      return;
    }
    String content = "session " + session + "\n" + String.join("", lines(id -> true));
    Path temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
    try {
      closeFile();
      Path unused = Files.writeString(temporary, content);
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

  /**
   * Ends the work of one enumerator; the next one in this process gets what is still there, and one
   * in another process what was being planned.
   */
  public void close() {
    List<String> plans;
    synchronized (this) {
      closeFile();
      plans = plans();
      replaced |= shared != null;
    }
    if (shared != null && plans != null && plans.isEmpty()) {
      shared.delete();
    }
  }

  private synchronized void closeFile() {
    try {
      if (lines != null) {
        lines.close();
      }
    } catch (IOException e) {
      LOG.debug("The journal's file cannot be closed", e);
    }
    lines = null;
  }
}
