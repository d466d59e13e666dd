package dev.countersign.catalog.discovery;

import dev.countersign.catalog.CatalogRow;
import java.io.IOException;

/** Is told what a walk finds, on the walk's thread. Texts for people are escaped for terminals. */
public interface DiscoveryListener {

  /**
   * A folder is about to be looked at.
   *
   * @throws IOException to end the walk
   */
  void entering(String uri) throws IOException;

  /**
   * A model was found; its URI is absolute.
   *
   * @throws IOException if it could not be written down, which ends the walk
   */
  void model(CatalogRow row) throws IOException;

  /** A folder could not be looked at, so that models in it are missing; says which and why. */
  void failed(String message);

  /** Something that the user may want to know, such as what was left out on purpose. */
  void note(String message);

  /** A folder is a model and lies in another one, which is the one that counts. */
  void nested(String uri, String outer);

  /** A link to a folder was not followed. */
  void linkedFolder(String uri);

  /**
   * A model consists of links into a folder, which signing must be told.
   *
   * @param folder URI of the folder that its links lead into
   * @param cache URI of the folder that holds all such folders
   */
  void linkedContent(String folder, String cache);
}
