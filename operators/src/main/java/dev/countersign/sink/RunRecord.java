package dev.countersign.sink;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.countersign.hashing.HashKernel;
import dev.countersign.hashing.HashKernels;
import dev.countersign.hashing.KernelChoice;
import dev.countersign.metrics.RunMetric;
import dev.countersign.outcome.FailureLimit;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import dev.countersign.source.signals.ReaderEvent.EndedModel;
import dev.countersign.source.signals.RunSignals;
import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.RecoverableFsDataOutputStream;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.runtime.util.EnvironmentInformation;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Counts a run's results and, when the last one is in, writes the record that closes the run: a
 * JSON object of counts, start, end, versions, kernels and options. Runs with parallelism 1. The
 * counts are state, so a restart neither loses nor doubles any. When more models have failed than
 * may, it has the run end early. The enumerator of a watch it tells of each model.
 *
 * <p>The counts by outcome are Flink accumulators as well, named as the metric {@link
 * RunMetric#MODELS}: unlike metrics, they count no result twice after a restart.
 *
 * <p>An enumerator's part of a checkpoint is made first, so what it was told between that and this
 * operator's part would be lost to a restart. So the last results are state too, until the second
 * checkpoint after them, and are told once more.
 */
public final class RunRecord extends AbstractStreamOperator<Void>
    implements OneInputStreamOperator<ModelResult, Void>, BoundedOneInput {

  private static final long serialVersionUID = 1L;

  private static final String MODELS = "models";
  private static final String BYTES = "bytes";
  private static final String FILES = "files";
  private static final String STARTED = "started";
  private static final String OUTCOME = "outcome.";
  private static final String REASON = "reason.";
  private static final String REQUEST = "request.";
  private static final String FAILED = OUTCOME + Outcome.FAILED;

  /**
   * What the record that closes a run says beside its counts.
   *
   * @param uri where the record goes; empty if it is not written, and results are only counted
   * @param runId identifies the run
   * @param started when the run first started, in milliseconds since the epoch
   * @param operation what the run does, in lower case
   * @param version this program's version
   * @param options the run's options as {@code name=value}, without secrets
   * @param sigstore files that describe the Sigstore instance; none without one
   * @param total how many models the run has
   * @param limit how many of them may fail before the run ends early
   * @param watched whether the run is a watch, which tries failed models again
   * @param kernels what hashed
   */
  public record Settings(
      String uri,
      String runId,
      long started,
      String operation,
      String version,
      List<String> options,
      List<UsedFile> sigstore,
      long total,
      FailureLimit limit,
      boolean watched,
      KernelChoice kernels)
      implements Serializable {

    public Settings {
      options = List.copyOf(options);
      sigstore = List.copyOf(sigstore);
    }
  }

  /**
   * File that a run used.
   *
   * @param source its path or URI
   * @param sha256 digest of its content, in hexadecimal
   */
  public record UsedFile(String source, String sha256) implements Serializable {}

  private final Settings settings;

  private final ArrayList<EndedModel> recent = new ArrayList<>();
  private final ArrayList<EndedModel> older = new ArrayList<>();
  private transient @Nullable ListState<Tuple3<Long, String, Boolean>> savedEnds;
  private transient boolean begun;
  private transient boolean called;
  private transient @Nullable Map<String, Long> counts;
  private transient @Nullable ListState<Map<String, Long>> saved;

  /** A record that is written to {@code settings.uri()}. */
  public RunRecord(Settings settings) {
    this.settings = settings;
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    Map<String, Long> sums = new TreeMap<>();
    saved =
        context
            .getOperatorStateStore()
            .getListState(new ListStateDescriptor<>("counts", Types.MAP(Types.STRING, Types.LONG)));
    for (Map<String, Long> part : saved.get()) {
      part.forEach((name, count) -> sums.merge(name, count, Long::sum));
    }
    sums.putIfAbsent(STARTED, settings.started());
    counts = sums;
    for (String outcome : RunMetric.MODELS.labelValues()) {
      accumulate(outcome, count(OUTCOME + outcome));
    }
    RunSignals.begin(settings.runId());
    begun = true;
    endIfTooManyFailed();
    if (settings.watched()) {
      resumeTelling(context);
    }
  }

  private void resumeTelling(StateInitializationContext context) throws Exception {
    savedEnds =
        context
            .getOperatorStateStore()
            .getListState(
                new ListStateDescriptor<>(
                    "ended", Types.TUPLE(Types.LONG, Types.STRING, Types.BOOLEAN)));
    for (Tuple3<Long, String, Boolean> ended : savedEnds.get()) {
      tell(new EndedModel(ended.f0, ended.f1, ended.f2));
    }
  }

  private void tell(EndedModel model) {
    recent.add(model);
    RunSignals.tell(settings.runId(), model);
  }

  @Override
  public void processElement(StreamRecord<ModelResult> element) {
    ModelResult result = element.getValue();
    add(MODELS, 1);
    add(BYTES, result.getBytes());
    add(FILES, result.getFiles());
    result.getRequests().forEach((kind, count) -> add(REQUEST + kind, count));
    add(OUTCOME + result.getOutcome(), 1);
    accumulate(result.getOutcome().name(), 1);
    if (result.getReason() != FailureReason.NONE) {
      add(REASON + result.getReason(), 1);
    }
    if (settings.watched()) {
      boolean failed = result.getOutcome() == Outcome.FAILED;
      tell(new EndedModel(result.getEntryId(), result.getModel(), failed));
    }
    endIfTooManyFailed();
  }

  private void endIfTooManyFailed() {
    if (!called && settings.limit().isExceededBy(count(FAILED), settings.total())) {
      called = true;
      RunSignals.endEarly(settings.runId());
    }
  }

  @Override
  public void close() throws Exception {
    if (begun) {
      RunSignals.end(settings.runId());
    }
    super.close();
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    if (saved != null && counts != null) {
      saved.update(List.of(new TreeMap<>(counts)));
    }
    if (savedEnds != null) {
      savedEnds.update(
          Stream.concat(older.stream(), recent.stream())
              .map(model -> Tuple3.of(model.entryId(), model.model(), model.failed()))
              .toList());
      older.clear();
      older.addAll(recent);
      recent.clear();
    }
  }

  @Override
  public void endInput() throws IOException, StorageException {
    if (settings.uri().isEmpty()) {
      return;
    }
    byte[] record = json(Instant.now());
    ModelStorage storage;
    try {
      storage = Storages.forUri(settings.uri());
    } catch (StorageException e) {
      if (e.kind() != StorageException.Kind.UNSUPPORTED) {
        throw e;
      }
      commit(record);
      return;
    }
    storage.writeAtomically(settings.uri(), record);
  }

  /**
   * Writes where results can be committed and Flink alone has the file system, as from a plugin.
   */
  private void commit(byte[] record) throws IOException {
    Path path = new Path(settings.uri());
    FileSystem files = path.getFileSystem();
    try (RecoverableFsDataOutputStream out = files.createRecoverableWriter().open(path)) {
      out.write(record);
      RecoverableFsDataOutputStream.Committer committer = out.closeForCommit();
      // One that an attempt wrote before it was lost; not every store replaces by itself.
      if (files.exists(path)) {
        var unused = files.delete(path, false);
      }
      committer.commit();
    }
  }

  private void add(String name, long count) {
    checked().merge(name, count, Long::sum);
  }

  private void accumulate(String outcome, long count) {
    getRuntimeContext().getLongCounter(RunMetric.MODELS.flinkName(outcome)).add(count);
  }

  private Map<String, Long> checked() {
    if (counts == null) {
      throw new IllegalStateException("used before initializeState()");
    }
    return counts;
  }

  private byte[] json(Instant finished) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(bytes, JsonEncoding.UTF8)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeStringField("runId", settings.runId());
      json.writeStringField("operation", settings.operation());
      json.writeStringField("started", Instant.ofEpochMilli(count(STARTED)).toString());
      json.writeStringField("finished", finished.toString());
      json.writeNumberField(MODELS, count(MODELS));
      boolean endedEarly =
          count(MODELS) < settings.total()
              && settings.limit().isExceededBy(count(FAILED), settings.total());
      json.writeBooleanField("endedEarly", endedEarly);
      json.writeNumberField("notDone", Math.max(0, settings.total() - count(MODELS)));
      json.writeNumberField(BYTES, count(BYTES));
      json.writeNumberField(FILES, count(FILES));
      writeCounts(json, "requests", REQUEST);
      writeCounts(json, "outcomes", OUTCOME);
      writeCounts(json, "reasons", REASON);
      json.writeObjectFieldStart("versions");
      json.writeStringField("countersign", settings.version());
      json.writeStringField("flink", EnvironmentInformation.getVersion());
      json.writeStringField("java", Runtime.version().toString());
      json.writeEndObject();
      json.writeObjectFieldStart("kernels");
      HashKernels kernels = HashKernels.of(settings.kernels());
      for (String algorithm : HashKernels.ALGORITHMS) {
        Optional<HashKernel> known = kernels.known(algorithm);
        if (known.isPresent()) {
          json.writeStringField(algorithm, known.get().description());
        }
      }
      json.writeEndObject();
      json.writeArrayFieldStart("options");
      for (String option : settings.options()) {
        json.writeString(option);
      }
      json.writeEndArray();
      writeSigstore(json);
      json.writeEndObject();
    }
    bytes.write('\n');
    return bytes.toByteArray();
  }

  private void writeSigstore(JsonGenerator json) throws IOException {
    if (settings.sigstore().isEmpty()) {
      return;
    }
    json.writeArrayFieldStart("sigstore");
    for (UsedFile file : settings.sigstore()) {
      json.writeStartObject();
      json.writeStringField("file", file.source());
      json.writeStringField("sha256", file.sha256());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void writeCounts(JsonGenerator json, String field, String prefix) throws IOException {
    json.writeObjectFieldStart(field);
    for (Map.Entry<String, Long> entry : checked().entrySet()) {
      if (entry.getKey().startsWith(prefix)) {
        json.writeNumberField(entry.getKey().substring(prefix.length()), entry.getValue());
      }
    }
    json.writeEndObject();
  }

  private long count(String name) {
    return checked().getOrDefault(name, 0L);
  }
}
