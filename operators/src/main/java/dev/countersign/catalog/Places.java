package dev.countersign.catalog;

import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.text.StoreUri;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Resolves links, and remembers the folders asked last. Two models of one folder ask once, a
 * million of as many folders do not fill the memory. Not thread safe.
 */
public final class Places {

  private static final int REMEMBERED = 4_096;

  private final Map<String, String> folders =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > REMEMBERED;
        }
      };

  /** Returns where a name lies: links above it are resolved, one in its own place is not. */
  public String named(String uri) throws CatalogException {
    String parent = Storages.parent(uri);
    String real = folder(parent);
    return parent.equals(uri) ? real : Storages.child(real, Storages.baseName(uri));
  }

  /** Returns where a folder truly is. */
  public String folder(String uri) throws CatalogException {
    String real = folders.get(uri);
    if (real == null) {
      real = real(uri);
      folders.put(uri, real);
    }
    return real;
  }

  /** Returns where a name leads, in one spelling whatever that of its host is. */
  public String real(String uri) throws CatalogException {
    try {
      return StoreUri.parse(Storages.resolveLinks(uri)).canonical().toString();
    } catch (StorageException e) {
      throw new CatalogException(e.getMessage(), e);
    }
  }

  /** Tells whether {@code inner} lies below the folder {@code outer}, or is it. */
  public static boolean holds(String outer, String inner) {
    return inner.equals(outer) || inner.startsWith(Storages.child(outer, ""));
  }

  /** Returns the name under {@code to} of what {@code outer} holds as {@code inner}. */
  public static String moved(String inner, String outer, String to) {
    return inner.equals(outer)
        ? to
        : Storages.child(to, inner.substring(Storages.child(outer, "").length()));
  }
}
