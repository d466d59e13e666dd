package dev.countersign.listings;

import dev.countersign.remedy.Setting;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * Where listings lie: in a folder of their own in the folder of a run's results, under the name of
 * the run.
 */
public final class ListingFiles {

  /** The folder in the folder of results. */
  public static final String FOLDER = "listings";

  /** What the name of a file of listings begins with. */
  public static final String PREFIX = "listings-";

  /** What the name of a file of listings ends with. */
  public static final String SUFFIX = ".avro";

  /** The name of a run, if the user gave it none: when it began, and something random. */
  private static final Pattern RUN = Pattern.compile("\\d{8}-\\d{6}-[0-9a-f]{8}");

  /** The name of a file, with such a name of a run. */
  private static final Pattern FILE = Pattern.compile("listings-(" + RUN + ")-.*\\.avro");

  private ListingFiles() {}

  /** Returns the URI of the folder for listings, given that of the folder for results. */
  public static String folderIn(String results) {
    return results.endsWith("/") ? results + FOLDER : results + "/" + FOLDER;
  }

  /**
   * Returns the files of listings of runs that began before {@code runId}: a run that goes on after
   * a crash must find the same ones again, so its own never count, nor those of later runs.
   *
   * @param runId names of runs sort by time, unless users name them
   * @param place URI, in Flink's form, of a folder of results, a folder of listings, or one file
   * @return at least one, in the order of their names; the beginning of each is that of a file of
   *     listings
   * @throws IOException if there is none, or one cannot be read; the message says what to do
   */
  public static List<String> before(String runId, String place) throws IOException {
    List<Path> found =
        find(new Path(place)).stream().filter(file -> isBefore(runId, file)).toList();
    if (found.isEmpty()) {
      throw new FileNotFoundException(
          Message.of(
              "%s holds no listings of an earlier run. Name the folder that a run with %s had as"
                  + " %s.",
              Printable.of(place), Setting.RECORD_LISTINGS, Setting.RESULTS));
    }
    for (Path file : found) {
      var unused = ListingFile.open(file);
    }
    return found.stream().map(Path::toString).toList();
  }

  private static List<Path> find(Path place) throws IOException {
    FileSystem files = place.getFileSystem();
    FileStatus status;
    try {
      status = files.getFileStatus(place);
    } catch (FileNotFoundException e) {
      FileNotFoundException named =
          new FileNotFoundException(
              Message.of("%s is not there. Check its name.", Printable.of(place.toString())));
      named.initCause(e);
      throw named;
    }
    if (!status.isDir()) {
      return List.of(place);
    }
    List<Path> here = committed(files, place);
    Path inner = new Path(place, FOLDER);
    return here.isEmpty() && files.exists(inner) ? committed(files, inner) : here;
  }

  private static List<Path> committed(FileSystem files, Path folder) throws IOException {
    FileStatus[] listed = files.listStatus(folder);
    return listed == null
        ? List.of()
        : Arrays.stream(listed)
            .filter(status -> !status.isDir())
            .map(FileStatus::getPath)
            .filter(path -> isCommitted(path.getName()))
            .sorted((left, right) -> left.getName().compareTo(right.getName()))
            .toList();
  }

  private static boolean isCommitted(String name) {
    return !name.startsWith(".")
        && !name.startsWith("_")
        && name.contains(PREFIX)
        && name.endsWith(SUFFIX);
  }

  /** Where names do not tell when runs began, as they are the user's, all but the own one count. */
  private static boolean isBefore(String runId, Path file) {
    if (file.getName().contains(PREFIX + runId + "-")) {
      return false;
    }
    Matcher run = FILE.matcher(file.getName());
    return !run.matches() || !RUN.matcher(runId).matches() || run.group(1).compareTo(runId) < 0;
  }
}
