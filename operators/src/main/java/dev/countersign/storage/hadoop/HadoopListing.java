package dev.countersign.storage.hadoop;

import dev.countersign.process.CallThreads;
import dev.countersign.storage.BlockHosts;
import dev.countersign.storage.IrregularEntry.Kind;
import dev.countersign.storage.ListingDraft;
import dev.countersign.storage.ListingRules;
import dev.countersign.storage.ListingSummary;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredFile;
import dev.countersign.storage.StoredObject;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.AccessDeniedException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.fs.EtagSource;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.protocol.HdfsFileStatus;
import org.apache.hadoop.hdfs.web.WebHdfsFileSystem;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.util.functional.RemoteIterators;
import org.jspecify.annotations.Nullable;

/**
 * One pass over a model's directories, each listed in pages. {@code listStatusIterator} is the one
 * listing of Hadoop's that hides no names; on HDFS, so is {@code listLocatedStatus}. While a
 * directory is visited, other threads ask for the first pages of those that come next.
 */
final class HadoopListing {

  /** How many directories of a model are asked for ahead. */
  private static final int MOST_AHEAD = 16;

  /** How many pages may be in memory before they are visited, for all models of a job. */
  private static final int MOST_PAGES = 128;

  /** About what a page of 1,000 entries takes, as HDFS and S3 send at most, in bytes. */
  private static final int PAGE_BYTES = 1 << 20;

  /** Part of the heap for such pages, apart from the memory for plans. */
  private static final int PART_OF_HEAP = 16;

  private static final Semaphore AHEAD =
      new Semaphore(pagesAhead(Runtime.getRuntime().maxMemory()));

  private static final ExecutorService THREADS = CallThreads.named("countersign-list-ahead");

  /**
   * Asks for the first page of a directory, and has a permit until the page is visited or given up,
   * and the thread is back: one that hangs counts.
   */
  private static final class Ahead extends FutureTask<RemoteIterator<FileStatus>> {
    private final AtomicInteger holders = new AtomicInteger(2);

    Ahead(Callable<RemoteIterator<FileStatus>> request) {
      super(request);
    }

    @Override
    public void run() {
      try {
        super.run();
      } finally {
        letGo();
      }
    }

    void letGo() {
      if (holders.decrementAndGet() == 0) {
        AHEAD.release();
      }
    }
  }

  /** A directory still to be read; its prefix is empty or ends in a slash. */
  private static final class Directory {
    private final Path path;
    private final String prefix;
    private final int depth;

    /** Gets the entries once the first page of them is there; null if nobody asks ahead. */
    private @Nullable Ahead ahead;

    Directory(Path path, String prefix, int depth) {
      this.path = path;
      this.prefix = prefix;
      this.depth = depth;
    }
  }

  private final FileSystem store;
  private final String modelUri;
  private final ListingDraft draft;
  private final @Nullable HdfsHosts hosts;
  private final Deque<Directory> pending = new ArrayDeque<>();

  /** A listing; it asks for {@code hosts} if there are any to fill. */
  private HadoopListing(
      FileSystem store, String modelUri, ListingDraft draft, @Nullable HdfsHosts hosts) {
    this.store = store;
    this.modelUri = modelUri;
    this.draft = draft;
    this.hosts = hosts;
  }

  /** Whether a store has an identity for each folder, which another one in its place has not. */
  static boolean identifies(FileSystem store) {
    return store instanceof DistributedFileSystem || store instanceof WebHdfsFileSystem;
  }

  /**
   * Lists a model.
   *
   * @param withHosts whether to say which machines hold files. HDFS tells that in the same calls,
   *     though about 1,000 replicas fit into a page instead of 1,000 files; other stores would take
   *     a call for each file, so it is left out.
   */
  static ModelListing of(FileSystem store, String modelUri, ListingRules rules, boolean withHosts)
      throws StorageException {
    ListingDraft draft = new ListingDraft(modelUri, rules);
    String identity = "";
    if (identifies(store)) {
      try {
        identity = identity(store.getFileStatus(HadoopPaths.of(modelUri)));
      } catch (IOException e) {
        throw HadoopFaults.reading(modelUri, e);
      }
    }
    HdfsHosts hosts =
        withHosts && store instanceof DistributedFileSystem ? new HdfsHosts(draft::keep) : null;
    boolean singleFile = new HadoopListing(store, modelUri, draft, hosts).fill();
    return draft.finish(singleFile, identity);
  }

  /** Lists a model and returns the summary of the listing. */
  static ListingSummary summarize(FileSystem store, String modelUri, ListingRules rules)
      throws StorageException {
    ListingDraft draft = ListingDraft.ofSummary(modelUri, rules);
    boolean unused = new HadoopListing(store, modelUri, draft, null).fill();
    return draft.summary();
  }

  /**
   * Fills the draft, and returns whether the model is a single file: its listing is the file
   * itself.
   */
  private boolean fill() throws StorageException {
    try {
      Path root = HadoopPaths.of(modelUri);
      RemoteIterator<FileStatus> entries = list(root);
      if (!entries.hasNext()) {
        return false;
      }
      FileStatus first = entries.next();
      if (first.isFile() && isAt(root, first)) {
        draft.addFile(file(Storages.baseName(modelUri), "", first));
        return true;
      }
      Directory directory = new Directory(root, "", 0);
      visit(directory, first);
      visitAll(directory, entries);
      walk();
      return false;
    } catch (IOException e) {
      throw HadoopFaults.reading(modelUri, e);
    }
  }

  /** Returns whether a status is that of a path itself, rather than of something in it. */
  static boolean isAt(Path path, FileStatus status) {
    return status.getPath().toUri().getPath().equals(path.toUri().getPath());
  }

  private void walk() throws StorageException, IOException {
    try {
      while (!pending.isEmpty()) {
        Directory directory = pending.removeLast();
        askAhead();
        try {
          visitAll(directory, entries(directory));
        } catch (FileNotFoundException e) {
          // Deleted since its parent was listed: as if it had been a moment earlier.
        } catch (AccessControlException | AccessDeniedException e) {
          draft.addIrregular(
              directory.prefix.substring(0, directory.prefix.length() - 1),
              Kind.UNREADABLE_DIRECTORY,
              "a directory that this user may not list");
        }
      }
    } finally {
      pending.forEach(HadoopListing::giveUp);
    }
  }

  /** How many pages may be in memory before they are visited, in a heap of so many bytes. */
  static int pagesAhead(long heap) {
    return (int) Math.min(MOST_PAGES, heap / PART_OF_HEAP / PAGE_BYTES);
  }

  /** Asks for the directories that come next, unless there are too many pages in memory. */
  private void askAhead() {
    Iterator<Directory> next = pending.descendingIterator();
    for (int i = 0; i < MOST_AHEAD && next.hasNext(); i++) {
      Directory directory = next.next();
      if (directory.ahead == null) {
        if (!AHEAD.tryAcquire()) {
          return;
        }
        Ahead ahead = new Ahead(() -> firstPage(directory.path));
        try {
          THREADS.execute(ahead);
        } catch (OutOfMemoryError e) {
          // No thread can be started now: listed when its turn comes.
          AHEAD.release();
          return;
        }
        directory.ahead = ahead;
      }
    }
  }

  private RemoteIterator<FileStatus> list(Path path) throws IOException {
    return hosts == null
        ? store.listStatusIterator(path)
        : RemoteIterators.typeCastingRemoteIterator(store.listLocatedStatus(path));
  }

  private RemoteIterator<FileStatus> firstPage(Path path) throws IOException {
    RemoteIterator<FileStatus> entries = list(path);
    boolean unused = entries.hasNext(); // Some stores send no request before.
    return entries;
  }

  private RemoteIterator<FileStatus> entries(Directory directory) throws IOException {
    Ahead ahead = directory.ahead;
    if (ahead == null) {
      return list(directory.path);
    }
    try {
      return ahead.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while listing");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException fault) {
        throw fault;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      giveUp(directory);
    }
  }

  /** Does nothing to a page that is there, or that nobody asked for ahead. */
  private static void giveUp(Directory directory) {
    if (directory.ahead != null) {
      boolean unused = directory.ahead.cancel(true);
      directory.ahead.letGo();
      directory.ahead = null;
    }
  }

  private void visitAll(Directory directory, RemoteIterator<FileStatus> entries)
      throws StorageException, IOException {
    while (entries.hasNext()) {
      visit(directory, entries.next());
    }
  }

  private void visit(Directory directory, FileStatus entry) throws StorageException {
    String last = HadoopPaths.nameIn(directory.path, entry.getPath());
    if (last.isEmpty()) {
      draft.addIrregular(
          entry.getPath().toUri().getPath(),
          Kind.NAME_NOT_CANONICAL,
          "a name that is not a plain path, such as a key with an empty segment");
      return;
    }
    String name = directory.prefix + last;
    if (directory.depth == 0 && draft.isNoted(name)) {
      draft.note(object(Storages.child(modelUri, name), entry));
    }
    if (!draft.wants(name, directory.depth + 1)) {
      return;
    }
    if (entry.isSymlink()) {
      draft.addIrregular(
          name, Kind.SYMLINK_UNSUPPORTED, "a symbolic link, which is never followed in this store");
    } else if (entry.isDirectory()) {
      draft.addDirectory(name);
      pending.addLast(new Directory(entry.getPath(), name + "/", directory.depth + 1));
    } else {
      draft.addFile(file(name, name, entry));
    }
  }

  /** Returns what a status says is stored at a URI. */
  static StoredObject object(String uri, FileStatus status) {
    return new StoredObject(
        uri,
        status.isFile() ? StoredObject.Kind.FILE : StoredObject.Kind.DIRECTORY,
        status.isFile() ? status.getLen() : 0,
        status.getModificationTime(),
        version(status));
  }

  private StoredFile file(String name, String path, FileStatus status) {
    return new StoredFile(
        name,
        path,
        0,
        status.getLen(),
        version(status),
        status.getModificationTime(),
        hosts == null ? BlockHosts.NONE : hosts.of(status));
  }

  /**
   * Returns what identifies a version of a file.
   *
   * <p>Object stores: the entity tag and the length, never the time, of which S3 tells other
   * fractions in a listing than for an object. HDFS: the file id, which a replaced file does not
   * keep, with length and time. Others: length and time.
   */
  static String version(FileStatus status) {
    if (status instanceof EtagSource tagged && tagged.getEtag() != null) {
      return String.format(Locale.ROOT, "etag-%s-%x", tagged.getEtag(), status.getLen());
    }
    if (status instanceof HdfsFileStatus file) {
      return String.format(
          Locale.ROOT,
          "hdfs-%x-%x-%x",
          file.getFileId(),
          status.getLen(),
          status.getModificationTime());
    }
    return String.format(Locale.ROOT, "time-%x-%x", status.getLen(), status.getModificationTime());
  }

  /** Whether what {@link #version} returned has an entity tag. */
  static boolean hasEtag(String version) {
    return version.startsWith("etag-");
  }

  /**
   * Returns what identifies a folder, whatever its path; empty if its store keeps no such thing.
   */
  static String identity(FileStatus folder) {
    return folder.isDirectory() && folder instanceof HdfsFileStatus directory
        ? String.format(Locale.ROOT, "hdfs-%x", directory.getFileId())
        : "";
  }
}
