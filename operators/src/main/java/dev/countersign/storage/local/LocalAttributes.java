package dev.countersign.storage.local;

import dev.countersign.storage.StoredObject;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What identifies a file and the version of its content, from one system call.
 *
 * <p>A device number counts within one process only. A mount that several hosts share, such as NFS
 * or Lustre, has another number on each of them, and the models in it are listed on one host and
 * read on others.
 *
 * <p>A write through a shared mapping moves neither the modification nor the change time before the
 * kernel writes the page back. Two listings with the same version can therefore be of different
 * content while a program has the file mapped and writable. The digests of one run are those of the
 * bytes that it read; under {@code --since}, which takes over digests because of a version, every
 * writer is trusted.
 *
 * @param kind what it is; a link is told from the rest by {@code link}
 * @param link whether it is a symbolic link (only if it was not followed)
 * @param fileKey device and inode; null where the file system has none
 * @param length in bytes
 * @param modifiedMillis since the epoch; anyone who may write the file can set it back
 * @param changedMillis since the epoch, when content, owner or name last changed; the same as
 *     {@code modifiedMillis} where the system does not say
 * @param version inode, size, modification and change time (both in nanoseconds)
 * @param device number of the file system, within this process; 0 where there is none
 */
record LocalAttributes(
    StoredObject.Kind kind,
    boolean link,
    @Nullable Object fileKey,
    long length,
    long modifiedMillis,
    long changedMillis,
    String version,
    long device) {

  /** Tells this process's identities from those of others. */
  private static final String PROCESS = UUID.randomUUID().toString();

  private static final boolean UNIX =
      FileSystems.getDefault().supportedFileAttributeViews().contains("unix");

  /** The only view with the change time, which no program can set back. */
  private static final String WANTED = "unix:mode,dev,ino,fileKey,size,lastModifiedTime,ctime";

  // The type bits of st_mode, <sys/stat.h>.
  private static final int TYPE_MASK = 0170000;
  private static final int DIRECTORY = 0040000;
  private static final int REGULAR = 0100000;
  private static final int LINK = 0120000;

  /** Reads a file's attributes. */
  static LocalAttributes of(Path path, LinkOption... options) throws IOException {
    return UNIX
        ? ofUnix(Files.readAttributes(path, WANTED, options))
        : ofBasic(Files.readAttributes(path, BasicFileAttributes.class, options));
  }

  boolean isFile() {
    return kind == StoredObject.Kind.FILE;
  }

  boolean isDirectory() {
    return kind == StoredObject.Kind.DIRECTORY;
  }

  /**
   * Returns what identifies the file or directory, whatever leads to it, see {@link
   * #isIdentifiedBy}; empty where the system has no inodes.
   */
  String identity() {
    return UNIX
        ? version.substring(0, version.indexOf('-'))
            + '/'
            + Long.toHexString(device)
            + '/'
            + PROCESS
        : "";
  }

  /**
   * Returns whether an identity, which may come from a process on another host, is that of this
   * file or directory: the inode must be the same, and the device too if this process took the
   * identity.
   */
  boolean isIdentifiedBy(String otherIdentity) {
    String identity = identity();
    if (identity.isEmpty() || otherIdentity.isEmpty()) {
      return true;
    }
    return otherIdentity.endsWith(PROCESS)
        ? otherIdentity.equals(identity)
        : inode(otherIdentity).equals(inode(identity));
  }

  private static String inode(String identity) {
    return identity.substring(0, identity.indexOf('/'));
  }

  /** Returns whether what was found has the length and modification time of a version. */
  static boolean isLike(BasicFileAttributes found, String version) {
    String content = content(found.size(), found.lastModifiedTime());
    return UNIX ? version.contains(content + '-') : version.endsWith(content);
  }

  /** Returns the part of a version that a write changes. */
  private static String content(long length, FileTime modified) {
    return '-'
        + Long.toHexString(length)
        + '-'
        + Long.toHexString(modified.to(TimeUnit.NANOSECONDS));
  }

  private static LocalAttributes ofUnix(Map<String, Object> attributes) {
    int type = (int) value(attributes, "mode") & TYPE_MASK;
    long length = (long) value(attributes, "size");
    FileTime modified = (FileTime) value(attributes, "lastModifiedTime");
    FileTime changed = (FileTime) value(attributes, "ctime");
    String version =
        Long.toHexString((long) value(attributes, "ino"))
            + content(length, modified)
            + '-'
            + Long.toHexString(changed.to(TimeUnit.NANOSECONDS));
    return new LocalAttributes(
        kind(type == REGULAR, type == DIRECTORY),
        type == LINK,
        attributes.get("fileKey"),
        type == REGULAR ? length : 0,
        modified.toMillis(),
        Math.max(modified.toMillis(), changed.toMillis()),
        version,
        (long) value(attributes, "dev"));
  }

  private static LocalAttributes ofBasic(BasicFileAttributes attributes) {
    return new LocalAttributes(
        kind(attributes.isRegularFile(), attributes.isDirectory()),
        attributes.isSymbolicLink(),
        attributes.fileKey(),
        attributes.isRegularFile() ? attributes.size() : 0,
        attributes.lastModifiedTime().toMillis(),
        attributes.lastModifiedTime().toMillis(),
        attributes.fileKey() + content(attributes.size(), attributes.lastModifiedTime()),
        0);
  }

  private static StoredObject.Kind kind(boolean file, boolean directory) {
    if (file) {
      return StoredObject.Kind.FILE;
    }
    return directory ? StoredObject.Kind.DIRECTORY : StoredObject.Kind.OTHER;
  }

  private static Object value(Map<String, Object> attributes, String name) {
    return Objects.requireNonNull(attributes.get(name), name);
  }
}
