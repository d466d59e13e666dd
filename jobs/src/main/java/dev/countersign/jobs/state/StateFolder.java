package dev.countersign.jobs.state;

import dev.countersign.jobs.results.CommittedResults;
import dev.countersign.jobs.terminal.ShellWord;
import dev.countersign.options.UsageException;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of one run that goes on after its process has ended:
 *
 * <pre>
 * lock                    keeps it to one process
 * state.json              what run it is, see {@link SavedRun}
 * checkpoints/attempt-N/  what Flink kept of the N-th start
 * results/                results, unless they go elsewhere
 * units                   what is being read, for a start after a crash
 * </pre>
 *
 * Open in one process at a time, from {@link #open} until closed. Not thread safe.
 */
public final class StateFolder implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(StateFolder.class);

  /** Where results go that go nowhere else. */
  private static final String RESULTS = "results";

  /**
   * File whose lock keeps the folder to one process. The system lets the lock go when the process
   * ends, however it does; the file stays, with the number of the process that had it last.
   */
  private static final String LOCK = "lock";

  private static final int MAX_PID_BYTES = 20;

  private static final String CHECKPOINTS = "checkpoints";
  private static final String UNITS = "units";

  /** What may lie in a folder that has no state yet: a start that was killed may have left it. */
  private static final Set<String> FIRST = Set.of(LOCK, "." + StateFile.NAME + ".tmp", RESULTS);

  /** Bits of a mode: whatever group and others may do. */
  private static final int OTHERS = 0077;

  private static final int WRITABLE_BY_ALL = 0002;

  private static final int WRITABLE_BY_GROUP = 0020;

  /** Only owners may rename or delete what is in such a folder. */
  private static final int STICKY = 01000;

  /** How many checkpoints are kept, so that one is left if the newest is damaged. */
  private static final int KEPT = 2;

  private final Path folder;
  private final FileChannel lock;
  private final StateFile file;
  private final Path checkpoints;
  private Optional<SavedRun> run;
  private List<KeptCheckpoint> wanted = List.of();

  private StateFolder(Path folder, FileChannel lock) {
    this.folder = folder;
    this.lock = lock;
    this.file = new StateFile(folder);
    this.checkpoints = folder.resolve(CHECKPOINTS);
    this.run = file.read();
  }

  /** Returns where the results of a run with this folder go, if nothing else is said. */
  public static Path results(Path folder) {
    return folder.resolve(RESULTS);
  }

  /** Returns where a run with this folder keeps which units are being read. */
  public static Path journal(Path folder) {
    return folder.resolve(UNITS);
  }

  /**
   * Opens a folder; makes it, for this user alone, if it is not there.
   *
   * @param folder absolute, without links
   * @throws UsageException if another process has it, if other accounts may read or write it, if it
   *     cannot be used, or if it holds something else than a state that this release knows
   */
  public static StateFolder open(Path folder) {
    make(folder);
    FileChannel lock = lock(folder);
    try {
      StateFolder opened = new StateFolder(folder, lock);
      if (opened.run.isEmpty()) {
        requireFresh(folder);
      }
      return opened;
    } catch (UsageException e) {
      close(lock);
      throw e;
    }
  }

  /** Tells whether no run has begun with a folder. */
  public static boolean isFresh(Path folder) {
    return !Files.isRegularFile(folder.resolve(StateFile.NAME), LinkOption.NOFOLLOW_LINKS);
  }

  private static void make(Path folder) {
    try {
      if (!Files.isDirectory(folder)) {
        Path parent = folder.getParent();
        if (parent != null) {
          Path unused = Files.createDirectories(parent);
        }
        Path unused = Files.createDirectory(folder, forThisUser());
      }
      requirePrivate(folder);
    } catch (FileAlreadyExistsException e) {
      throw UsageException.of(
          e,
          "--state %s is not a folder. Name a new folder, or the state folder of an earlier run.",
          Printable.of(folder.toString()));
    } catch (IOException e) {
      throw UsageException.of(
          e,
          "The folder --state %s cannot be made (%s). Name one that this user may make.",
          Printable.of(folder.toString()),
          e.getClass().getSimpleName());
    }
  }

  /**
   * Refuses a folder in which another account may have put a state, or could put one while this one
   * is read, as ssh refuses such keys. Owners of the folders above are trusted, with the groups
   * that are called as they are or as this account is: such a group is an account's own. Who is in
   * another group cannot be found out. Owners of links that lead there are not trusted.
   */
  private static void requirePrivate(Path folder) throws IOException {
    if (!FileSystems.getDefault().supportedFileAttributeViews().contains("unix")) {
      return;
    }
    Path real = folder.toRealPath();
    UserPrincipal self = self();
    if (!Files.getOwner(real).equals(self)) {
      throw notPrivate(
          folder,
          "belongs to another account, which decides what it says",
          "Name a folder of this account, or a new one.");
    }
    if ((mode(real) & OTHERS) != 0) {
      throw notPrivate(
          folder,
          "is open to other accounts",
          "If only this account has written there, run: chmod go-rwx "
              + ShellWord.of(folder.toString()));
    }
    for (Path above = real.getParent(); above != null; above = above.getParent()) {
      int mode = mode(above);
      if ((mode & STICKY) != 0) {
        continue;
      }
      if ((mode & WRITABLE_BY_ALL) != 0) {
        throw replaceable(folder, "any account, since all may write to ", above);
      }
      PosixFileAttributes shared = Files.readAttributes(above, PosixFileAttributes.class);
      String group = shared.group().getName();
      if ((mode & WRITABLE_BY_GROUP) != 0
          && !group.equals(shared.owner().getName())
          && !group.equals(self.getName())) {
        String members = "members of the group " + Printable.of(group);
        throw replaceable(folder, members + ", who may write to ", above);
      }
    }
    if (!real.equals(folder)) {
      throw notPrivate(
          folder,
          "leads through a link, which its owner can turn to another folder",
          "Name the folder itself: " + Printable.of(real.toString()));
    }
  }

  /** The account of this process, as new files show it: the JDK has no portable call for that. */
  private static UserPrincipal self() throws IOException {
    Path made = Files.createTempFile("countersign", "");
    try {
      return Files.getOwner(made);
    } finally {
      Files.delete(made);
    }
  }

  private static int mode(Path folder) throws IOException {
    return (int) Files.getAttribute(folder, "unix:mode");
  }

  private static UsageException replaceable(Path folder, String who, Path above) {
    return notPrivate(
        folder,
        "can be replaced by " + who + Printable.of(above.toString()),
        "Name a folder elsewhere, or take that permission away.");
  }

  private static UsageException notPrivate(Path folder, String how, String remedy) {
    return UsageException.of("--state %s %s. %s", Printable.of(folder.toString()), how, remedy);
  }

  private static FileAttribute<?>[] forThisUser() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
        }
        : new FileAttribute<?>[0];
  }

  private static void requireFresh(Path folder) {
    try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
      for (Path child : children) {
        if (!FIRST.contains(child.getFileName().toString())) {
          throw UsageException.of(
              "--state %s contains %s but no %s, so it is not the state of a run. Name a new"
                  + " folder, or the state folder of an earlier run.",
              Printable.of(folder.toString()),
              Printable.of(child.getFileName().toString()),
              StateFile.NAME);
        }
      }
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
  }

  /**
   * Takes the lock of a folder.
   *
   * @throws UsageException if another process has it, or the folder cannot be written
   */
  private static FileChannel lock(Path folder) {
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              folder.resolve(LOCK),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock == null) {
        throw UsageException.of(
            "The state folder %s is in use by %s. Wait until it has ended, or name another"
                + " folder with --state.",
            Printable.of(folder.toString()), owner(channel));
      }
      write(channel);
      return channel;
    } catch (UsageException e) {
      close(channel);
      throw e;
    } catch (IOException e) {
      close(channel);
      throw UsageException.of(
          e,
          "The state folder %s cannot be locked (%s). Name a local folder with --state that"
              + " this user may write to.",
          Printable.of(folder.toString()),
          e.getClass().getSimpleName());
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // This very process has it.
      return null;
    }
  }

  private static String owner(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(MAX_PID_BYTES);
    int unused = channel.read(bytes, 0);
    String pid = new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII).strip();
    return pid.matches("[0-9]+") ? "process " + pid : "another process";
  }

  private static void write(FileChannel channel) throws IOException {
    byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
    FileChannel unused = channel.truncate(0);
    int written = channel.write(ByteBuffer.wrap(pid), 0);
    if (written != pid.length) {
      throw new IOException("the lock is cut off");
    }
  }

  private static void close(@Nullable FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      LOG.warn("Cannot let a lock go; it goes with the process", e);
    }
  }

  /** Returns what the folder says; empty if no run began with it yet. */
  public Optional<SavedRun> run() {
    return run;
  }

  /**
   * Puts down what the folder is to say from now on.
   *
   * @throws UsageException if it cannot be written
   */
  public void save(SavedRun saved) {
    file.write(saved);
    run = Optional.of(saved);
  }

  /** Returns the URI of the folder for the checkpoints of one start. */
  public String checkpoints(int attempt) {
    return "file://" + checkpoints.resolve(String.format(Locale.ROOT, "attempt-%06d", attempt));
  }

  /**
   * Where a run goes on.
   *
   * @param uri the checkpoint, as Flink restores it
   * @param damaged how many newer ones were passed over because they are damaged
   */
  public record ResumePoint(String uri, int damaged) {}

  /**
   * Returns where the run goes on: at the newest checkpoint that is intact.
   *
   * @param results what the run has committed
   * @return empty if nothing was kept and nothing was committed: the run begins anew
   * @throws UsageException if results were committed that no intact checkpoint knows of: going on
   *     from an older one would do their models again and give them a second result
   */
  public Optional<ResumePoint> newestCheckpoint(CommittedResults results) {
    try {
      List<KeptCheckpoint> all = KeptCheckpoint.newestFirst(checkpoints);
      for (int damaged = 0; damaged < all.size(); damaged++) {
        KeptCheckpoint checkpoint = all.get(damaged);
        if (checkpoint.isIntact()) {
          if (results.mayBeNewerThan(checkpoint.completed(), damaged > 0)) {
            throw lost("are newer than the newest checkpoint that is intact");
          }
          wanted = all.subList(damaged, Math.min(damaged + KEPT, all.size()));
          return Optional.of(new ResumePoint(checkpoint.uri(), damaged));
        }
      }
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
    if (results.count() > 0) {
      throw lost("are there, and no checkpoint that is intact");
    }
    return Optional.empty();
  }

  private UsageException lost(String how) {
    return UsageException.of(
        "The state %s is damaged: results of its run %s. To go on would give models a second"
            + " result. Restore the folder from a copy, or start anew with another folder"
            + " (bundles that are signed stay, and --skip-signed passes over them).",
        Printable.of(folder.toString()), how);
  }

  /**
   * Deletes checkpoints, as far as that is possible, but for the one that {@link #newestCheckpoint}
   * chose and the one before it.
   */
  public void deleteOldCheckpoints() {
    try {
      KeptCheckpoint.deleteAllBut(checkpoints, wanted);
    } catch (IOException e) {
      LOG.warn("Old checkpoints in {} cannot be deleted", Printable.of(folder.toString()), e);
    }
  }

  /** Deletes all checkpoints, and what was being read: the run has ended. */
  public void deleteCheckpoints() {
    try {
      boolean unused = Files.deleteIfExists(journal(folder));
      KeptCheckpoint.deleteAllBut(checkpoints, List.of());
    } catch (IOException e) {
      LOG.warn("The checkpoints in {} cannot be deleted", Printable.of(folder.toString()), e);
    }
  }

  private static UsageException unreadable(Path folder, IOException cause) {
    return UsageException.of(
        cause,
        "The state folder %s cannot be read (%s). Let this user read it, or name another with"
            + " --state.",
        Printable.of(folder.toString()),
        cause.getClass().getSimpleName());
  }

  /** Lets the folder go. */
  @Override
  public void close() {
    close(lock);
  }
}
