package dev.countersign.storage.local;

import dev.countersign.storage.IrregularEntry.Kind;
import dev.countersign.storage.StorageException;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Finds where links lead, and whether that lies within the model or a symlink root. */
final class LinkTargets {

  private static final String LINK = "a symbolic link";

  /** How many links the system follows, one after the other. */
  private static final int MAX_HOPS = 40;

  /** Where a link leads; {@code detail} is for messages. */
  sealed interface Target {
    String detail();
  }

  /**
   * A file that a link may stand for.
   *
   * @param path relative to the root, without links
   * @param root 0 for the model, n for the n-th symlink root
   */
  record Content(String path, int root, LocalAttributes attributes, String detail)
      implements Target {}

  /** A link whose content cannot be taken, and why. */
  record Problem(Kind kind, String detail) implements Target {}

  /** The model first, then the symlink roots; all without links. */
  private final List<Path> roots;

  private LinkTargets(List<Path> roots) {
    this.roots = roots;
  }

  /**
   * Makes a resolver.
   *
   * @param model real path
   * @throws StorageException if a symlink root cannot be read
   */
  static LinkTargets of(Path model, List<String> symlinkRoots) throws StorageException {
    List<Path> roots = new ArrayList<>();
    roots.add(model);
    for (String symlinkRoot : symlinkRoots) {
      try {
        roots.add(LocalPaths.of(symlinkRoot).toRealPath());
      } catch (IOException e) {
        throw LocalFaults.reading(symlinkRoot, e);
      }
    }
    return new LinkTargets(List.copyOf(roots));
  }

  /** Says of a link where it leads, and where it ends if it leads to other links first. */
  static String detail(Path link) throws IOException {
    String next = LINK + " to " + Printable.of(Files.readSymbolicLink(link).toString());
    Path end = end(link);
    return end.equals(next(link))
        ? next
        : next + ", which leads to " + Printable.of(end.toString());
  }

  /** Returns the place that a link names, without links above it as far as it exists. */
  private static Path next(Path link) throws IOException {
    Path next = link.resolveSibling(Files.readSymbolicLink(link));
    Path parent = next.getParent();
    return parent == null ? next : real(parent).resolve(next.getFileName()).normalize();
  }

  private static Path real(Path folder) {
    try {
      return folder.toRealPath();
    } catch (IOException e) {
      return folder.normalize();
    }
  }

  /** Follows links until one leads to something else, or nowhere, or in a circle. */
  private static Path end(Path link) throws IOException {
    Path end = next(link);
    for (int hops = 1; hops < MAX_HOPS && Files.isSymbolicLink(end); hops++) {
      end = next(end);
    }
    return end;
  }

  /** Follows a link to its end. */
  Target resolve(Path link) {
    String detail = LINK;
    try {
      detail = detail(link);
      Path target = link.toRealPath();
      LocalAttributes attributes = LocalAttributes.of(target, LinkOption.NOFOLLOW_LINKS);
      if (attributes.isDirectory()) {
        return new Problem(Kind.LINKED_DIRECTORY, detail + ", a directory");
      }
      if (!attributes.isFile()) {
        return new Problem(Kind.SPECIAL_FILE, detail + ", a socket, pipe or device");
      }
      return place(target, attributes, detail);
    } catch (NoSuchFileException | NotDirectoryException e) {
      return new Problem(Kind.SYMLINK_BROKEN, detail + ", where nothing is");
    } catch (AccessDeniedException e) {
      return new Problem(Kind.SYMLINK_BROKEN, detail + ", which this user may not read");
    } catch (IOException e) {
      return new Problem(
          Kind.SYMLINK_CYCLE,
          String.format(
              Locale.ROOT, "%s, which leads nowhere (%s)", detail, LocalFaults.reason(e)));
    }
  }

  private Target place(Path target, LocalAttributes attributes, String detail) {
    for (int root = 0; root < roots.size(); root++) {
      if (target.startsWith(roots.get(root))) {
        Optional<String> path = LocalPaths.relativeText(roots.get(root), target);
        return path.isPresent()
            ? new Content(path.get(), root, attributes, detail)
            : new Problem(Kind.NAME_NOT_UTF8, detail + ", whose bytes are no UTF-8");
      }
    }
    return new Problem(Kind.SYMLINK_OUTSIDE, detail + ", outside the model and all symlink roots");
  }
}
