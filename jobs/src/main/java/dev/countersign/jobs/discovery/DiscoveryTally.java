package dev.countersign.jobs.discovery;

import dev.countersign.catalog.CatalogRow;
import dev.countersign.catalog.discovery.DiscoveryListener;
import dev.countersign.jobs.terminal.Console;
import dev.countersign.jobs.terminal.Interruption;
import dev.countersign.jobs.terminal.ShellWord;
import dev.countersign.jobs.terminal.ShownModel;
import dev.countersign.text.Message;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Counts what a search finds, and tells people what they should know. */
final class DiscoveryTally implements DiscoveryListener {

  /** Takes the models. */
  interface Models {
    void add(CatalogRow row) throws IOException;
  }

  /** Caches whose snapshots are links, with the first folder that they lead into. */
  private final Map<String, String> firstContents = new LinkedHashMap<>();

  /** Those whose snapshots lead into several folders. */
  private final Map<String, String> manyContents = new LinkedHashMap<>();

  private final Console console;
  private final ShownModel shown;
  private final boolean quiet;
  private final Interruption interruption;
  private final Models models;
  private volatile long folders;
  private volatile long found;
  private long failures;
  private long links;
  private String firstLink = "";

  DiscoveryTally(
      Console console, ShownModel shown, boolean quiet, Interruption interruption, Models models) {
    this.console = console;
    this.shown = shown;
    this.quiet = quiet;
    this.interruption = interruption;
    this.models = models;
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // One thread writes; the line of progress reads.
  public void entering(String uri) throws IOException {
    if (interruption.isRequested()) {
      throw new InterruptedIOException("stopped by the user");
    }
    folders++;
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // One thread writes; the line of progress reads.
  public void model(CatalogRow row) throws IOException {
    models.add(row);
    found++;
  }

  @Override
  public void failed(String message) {
    failures++;
    console.say("FAILED   " + message);
  }

  @Override
  public void note(String message) {
    if (!quiet) {
      console.say(message);
    }
  }

  @Override
  public void nested(String uri, String outer) {
    note(Message.of("Left out: %s, which is inside the model %s.", shown.of(uri), shown.of(outer)));
  }

  @Override
  public void linkedFolder(String uri) {
    links++;
    if (firstLink.isEmpty()) {
      firstLink = shown.of(uri);
    }
  }

  @Override
  public void linkedContent(String folder, String cache) {
    String first = firstContents.putIfAbsent(cache, folder);
    if (first != null && !first.equals(folder)) {
      manyContents.put(cache, folder);
    }
  }

  long found() {
    return found;
  }

  /** Returns how many folders could not be looked at. */
  long failures() {
    return failures;
  }

  String progress() {
    return Message.of("%,d models found, %,d folders looked at", found, folders);
  }

  /** Returns what was done, as the beginning of a sentence. */
  String summary() {
    return Message.of(
        "%,d %s found in %,d %s",
        found, found == 1 ? "model" : "models", folders, folders == 1 ? "folder" : "folders");
  }

  /** Says what follows from what was found. */
  void sayHints() {
    if (links > 0) {
      note(
          Message.of(
              "Not followed: %,d %s to folders, such as %s. What they lead to is found where it is,"
                  + " if that is searched.",
              links, links == 1 ? "link" : "links", firstLink));
    }
    firstContents.forEach(
        (cache, folder) ->
            note(
                "Files of these models are links. To sign or verify them: --allow-symlinks"
                    + " --symlink-root "
                    + ShellWord.of(manyContents.containsKey(cache) ? cache : folder)));
    if (failures > 0) {
      console.say(
          Message.of(
              "Models are missing from the catalog if there are any in the %,d %s above that could"
                  + " not be looked at.",
              failures, failures == 1 ? "place" : "places"));
    }
  }
}
