package dev.countersign.trust.sigstore;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sigstore.json.GsonSupplier;
import dev.sigstore.json.JsonParseException;
import dev.sigstore.tuf.MetaStore;
import dev.sigstore.tuf.TargetStore;
import dev.sigstore.tuf.model.RootRole;
import dev.sigstore.tuf.model.SignedTufMeta;
import dev.sigstore.tuf.model.TufMeta;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Folder with the metadata and files of a TUF repository that this user saw last. What an update
 * writes becomes visible when the whole update has verified, so an update that fails or is
 * interrupted leaves the folder as it was, or in a state that the next one completes. Not thread
 * safe.
 */
final class TufCache implements MetaStore, TargetStore {

  private static final int MAX_BYTES = 16 << 20;
  private static final String SUFFIX = ".json";

  /**
   * The order of writing. The timestamp is last: while it is old, the next update reads the rest
   * again. The others precede the root because they verify under it.
   */
  private static final List<String> LAST =
      List.of(RootRole.TARGETS, RootRole.SNAPSHOT, RootRole.ROOT, RootRole.TIMESTAMP);

  private final Path folder;

  /** What an update wrote, by name; empty for what it deleted. */
  private final Map<String, Optional<byte[]>> staged = new HashMap<>();

  private TufCache(Path folder) {
    this.folder = folder;
  }

  /**
   * Opens a cache.
   *
   * @param folder is made if it does not exist
   * @throws IOException if it cannot be made, or other users may write to it
   */
  static TufCache open(Path folder) throws IOException {
    boolean isPosix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
    if (!isPosix) {
      return new TufCache(Files.createDirectories(folder));
    }
    Path made =
        Files.createDirectories(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(made);
    if (permissions.contains(PosixFilePermission.GROUP_WRITE)
        || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IOException("other users may write to it");
    }
    if (!isOwn(made)) {
      throw new IOException("it belongs to another user");
    }
    return new TufCache(made);
  }

  /** Whether a folder is this user's, or the administrator's. */
  private static boolean isOwn(Path folder) throws IOException {
    UserPrincipal owner = Files.getOwner(folder);
    return owner.equals(self()) || owner.getName().equals("root");
  }

  private static UserPrincipal self() throws IOException {
    try {
      return Files.getOwner(Path.of("/proc/self"));
    } catch (NoSuchFileException e) {
      return Files.getOwner(Path.of(System.getProperty("user.home")));
    }
  }

  /** Returns when the last update verified; empty if none did. */
  Optional<Instant> updated() throws IOException {
    try {
      return Optional.of(
          Files.getLastModifiedTime(folder.resolve(RootRole.TIMESTAMP + SUFFIX)).toInstant());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Makes visible what an update wrote. */
  void commit(Instant now) throws IOException {
    for (String name : List.copyOf(staged.keySet())) {
      if (!LAST.contains(name.replace(SUFFIX, ""))) {
        write(name);
      }
    }
    for (String role : LAST) {
      write(role + SUFFIX);
    }
    Files.setLastModifiedTime(folder.resolve(RootRole.TIMESTAMP + SUFFIX), FileTime.from(now));
  }

  private void write(String name) throws IOException {
    Optional<byte[]> content = staged.getOrDefault(name, Optional.empty());
    if (content.isEmpty()) {
      return;
    }
    // Made by the JDK for this user alone.
    Path part = Files.createTempFile(folder, name, ".part");
    try {
      Files.write(part, content.get());
      Files.move(part, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private Optional<byte[]> read(String name) throws IOException {
    if (staged.containsKey(name)) {
      return staged.get(name);
    }
    try (InputStream in = Files.newInputStream(folder.resolve(name))) {
      byte[] content = in.readNBytes(MAX_BYTES + 1);
      if (content.length > MAX_BYTES) {
        throw new IOException(name + " is larger than 16 MiB");
      }
      return Optional.of(content);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  @Override
  public String getIdentifier() {
    return folder.toString();
  }

  @Override
  public <T extends SignedTufMeta<? extends TufMeta>> Optional<T> readMeta(
      String role, Class<T> type) throws IOException, JsonParseException {
    Optional<byte[]> content = read(role + SUFFIX);
    return content.isEmpty()
        ? Optional.empty()
        : Optional.of(GsonSupplier.GSON.get().fromJson(new String(content.get(), UTF_8), type));
  }

  /** Stages metadata. What verified under another root has to do so again. */
  @Override
  public void writeMeta(String role, SignedTufMeta<? extends TufMeta> metadata) {
    if (role.equals(RootRole.ROOT)) {
      clearMeta(RootRole.SNAPSHOT);
      clearMeta(RootRole.TARGETS);
    }
    staged.put(
        role + SUFFIX, Optional.of(GsonSupplier.GSON.get().toJson(metadata).getBytes(UTF_8)));
  }

  @Override
  public void clearMeta(String role) {
    staged.put(role + SUFFIX, Optional.empty());
  }

  @Override
  public void writeTarget(String name, byte[] content) {
    staged.put(name, Optional.of(content));
  }

  @Override
  public byte[] readTarget(String name) throws IOException {
    return read(name).orElseThrow(() -> new NoSuchFileException(name));
  }

  @Override
  public InputStream getTargetInputSteam(String name) throws IOException {
    return new ByteArrayInputStream(readTarget(name));
  }

  @Override
  public boolean hasTarget(String name) throws IOException {
    return read(name).isPresent();
  }
}
