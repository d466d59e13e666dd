package dev.countersign.jobs.results;

import dev.countersign.options.settings.FlinkPlaces;
import dev.countersign.sink.ResultSink;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that folders of results hold.
 *
 * @param results files of results, each once
 * @param records the records of runs beside them
 * @param unread what was named and is not there, holds nothing or cannot be listed
 */
public record FoundResults(List<Path> results, List<Path> records, List<UnreadFile> unread) {

  private static final Logger LOG = LoggerFactory.getLogger(FoundResults.class);

  private static final Pattern RECORD = Pattern.compile("run-.+\\.json");

  public FoundResults {
    results = List.copyOf(results);
    records = List.copyOf(records);
    unread = List.copyOf(unread);
  }

  /**
   * Looks for committed files: those in a folder whose names say so, and each file that was named
   * itself. Folders in folders are not looked into.
   *
   * @param places absolute URIs in Flink's form
   */
  public static FoundResults in(List<String> places) {
    Map<String, Path> results = new LinkedHashMap<>();
    Map<String, Path> records = new LinkedHashMap<>();
    List<UnreadFile> unread = new ArrayList<>();
    for (String place : places) {
      Optional<String> fault = FlinkPlaces.fault(place);
      if (fault.isPresent()) {
        unread.add(new UnreadFile(place, fault.get()));
        continue;
      }
      try {
        Path path = new Path(place);
        FileSystem files = path.getFileSystem();
        if (files.getFileStatus(path).isDir()) {
          addFolder(files, path, results, records);
        } else {
          results.put(path.toString(), path);
        }
      } catch (FileNotFoundException e) {
        unread.add(unread(place, "is not there. Check its name.", e));
      } catch (IOException | RuntimeException e) {
        unread.add(
            unread(
                place,
                "cannot be looked at ("
                    + e.getClass().getSimpleName()
                    + "). "
                    + "Name a local folder or one that Flink can read.",
                e));
      }
    }
    return new FoundResults(List.copyOf(results.values()), List.copyOf(records.values()), unread);
  }

  private static void addFolder(
      FileSystem files, Path folder, Map<String, Path> results, Map<String, Path> records)
      throws IOException {
    FileStatus[] listed = files.listStatus(folder);
    if (listed == null) {
      throw new FileNotFoundException(folder.toString());
    }
    Arrays.stream(listed)
        .filter(status -> !status.isDir())
        .map(FileStatus::getPath)
        .sorted(Comparator.comparing(Path::getName))
        .forEach(
            path -> {
              if (isCommitted(path.getName())) {
                results.put(path.toString(), path);
              } else if (RECORD.matcher(path.getName()).matches()) {
                records.put(path.toString(), path);
              }
            });
  }

  private static boolean isCommitted(String name) {
    return name.startsWith(ResultSink.PREFIX) && ResultFiles.isCommitted(name);
  }

  private static UnreadFile unread(String place, String what, Exception cause) {
    LOG.debug("Cannot look at {}", Printable.of(place), cause);
    return new UnreadFile(place, Message.of("%s %s", Printable.of(place), what));
  }
}
