package dev.countersign.storage;

import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.util.List;
import java.util.stream.Stream;

/**
 * Folders that a model must be stored in once all links are resolved, since a glob matched it:
 * whoever may place links in a folder must not choose what a run works on elsewhere.
 *
 * @param folders URIs: the glob's fixed part, which the model must be below, then the symlink
 *     roots, each of which may also be the model; empty for a model that is named without a glob,
 *     which may be anywhere
 */
public record GlobScope(List<String> folders) {

  /** Scope of a model that is named without a glob. */
  public static final GlobScope ANYWHERE = new GlobScope(List.of());

  /** Copies the list, so that the scope cannot change. */
  public GlobScope {
    folders = List.copyOf(folders);
  }

  /**
   * Returns the scope of a model.
   *
   * @param globRoot fixed part of the glob that matched it; empty if none did
   */
  public static GlobScope of(String globRoot, List<String> symlinkRoots) {
    return globRoot.isEmpty()
        ? ANYWHERE
        : new GlobScope(Stream.concat(Stream.of(globRoot), symlinkRoots.stream()).toList());
  }

  /** Returns whether nothing is required. */
  public boolean isAnywhere() {
    return folders.isEmpty();
  }

  /**
   * Does nothing if a model is stored in the scope.
   *
   * @throws StorageException {@link StorageException.Kind#OUTSIDE} if it is not
   */
  public void require(String modelUri) throws StorageException {
    if (!isAnywhere()) {
      String unused = require(modelUri, Storages.resolveLinks(modelUri));
    }
  }

  /**
   * Returns the folder of the scope that a model is stored in, links resolved.
   *
   * @param place where the model is, links resolved
   * @throws StorageException {@link StorageException.Kind#OUTSIDE} if there is none
   */
  public String require(String modelUri, String place) throws StorageException {
    for (String folder : folders) {
      String real = Storages.resolveLinks(folder);
      boolean isItself = place.equals(real) && !folder.equals(folders.get(0));
      if (isItself || place.startsWith(Storages.child(real, ""))) {
        return real;
      }
    }
    throw new StorageException(
        StorageException.Kind.OUTSIDE,
        modelUri,
        Message.of(
            "A glob matches %s, which leads through a link to %s, outside %s.",
            Printable.of(modelUri), Printable.of(place), Printable.of(folders.get(0))),
        Remedy.of(
            "Name the model itself, without a glob, or allow the folder that it leads into with %s"
                + " %s.",
            Setting.ALLOW_SYMLINKS, Setting.SYMLINK_ROOT),
        false,
        null);
  }
}
