package dev.countersign.stage;

import dev.countersign.schemas.FileListing;
import dev.countersign.schemas.ListedRange;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.UnitRecord;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Puts what units hashed aside as listings, one for each unit so that none grows with its model,
 * and passes the units on without it.
 */
public final class RecordListings extends ProcessFunction<UnitRecord, UnitRecord> {

  /** Where the listings come out. */
  public static final OutputTag<FileListing> LISTINGS =
      new OutputTag<>("listings", new AvroTypeInfo<>(FileListing.class));

  private static final long serialVersionUID = 1L;

  private final String runId;

  /** Records listings of the run {@code runId}. */
  public RecordListings(String runId) {
    this.runId = runId;
  }

  @Override
  public void processElement(UnitRecord unit, Context context, Collector<UnitRecord> out) {
    if (!unit.getListed().isEmpty()) {
      context.output(LISTINGS, listing(runId, unit.getHeader(), unit.getUnit(), unit.getListed()));
      unit.setListed(new ArrayList<>());
    }
    out.collect(unit);
  }

  /** Returns the listing of {@code ranges}, which unit number {@code unit} hashed. */
  static FileListing listing(String runId, ModelHeader header, int unit, List<ListedRange> ranges) {
    return FileListing.newBuilder()
        .setRunId(runId)
        .setEntryId(header.getEntryId())
        .setAttempt(header.getAttempt())
        .setUnit(unit)
        .setOperation(header.getOperation())
        .setModel(header.getModel())
        .setHashType(header.getHashType())
        .setMethod(header.getMethod())
        .setShardSize(header.getShardSize())
        .setAllowSymlinks(header.getAllowSymlinks())
        .setIgnoreSet(header.getIgnoreSet())
        .setPlanned(header.getStarted())
        .setRanges(ranges)
        .build();
  }
}
