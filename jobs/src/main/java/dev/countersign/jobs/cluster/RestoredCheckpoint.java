package dev.countersign.jobs.cluster;

import dev.countersign.jobs.pipeline.CatalogPipeline;
import dev.countersign.source.ModelSource;
import dev.countersign.source.checkpoint.CommandFingerprint;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.Optional;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.state.filesystem.AbstractFsCheckpointStorageAccess;
import org.apache.flink.runtime.state.filesystem.FsCompletedCheckpointStorageLocation;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;
import org.apache.flink.streaming.api.graph.StreamGraphHasherV2;

/** Reads what a checkpoint of Flink's says of its run, so that a wrong one is refused early. */
final class RestoredCheckpoint {

  private RestoredCheckpoint() {}

  /**
   * Returns what command a checkpoint is of.
   *
   * @param pointer URI of its folder or of its metadata, as for {@code flink run -s}
   * @return empty if it is not of a run of this program
   */
  static Optional<CommandFingerprint> command(String pointer) throws IOException {
    FsCompletedCheckpointStorageLocation location =
        AbstractFsCheckpointStorageAccess.resolveCheckpointPointer(pointer);
    OperatorID models =
        new OperatorID(
            StreamGraphHasherV2.generateUserSpecifiedHash(CatalogPipeline.Stages.MODELS));
    try (DataInputStream in = new DataInputStream(location.getMetadataHandle().openInputStream())) {
      for (OperatorState operator :
          Checkpoints.loadCheckpointMetadata(in, RestoredCheckpoint.class.getClassLoader(), pointer)
              .getOperatorStates()) {
        ByteStreamStateHandle coordinator = operator.getCoordinatorState();
        if (operator.getOperatorID().equals(models) && coordinator != null) {
          return Optional.of(enumerator(coordinator.getData()));
        }
      }
    }
    return Optional.empty();
  }

  /** Flink's own version, the serializer's version, and what the serializer wrote. */
  private static CommandFingerprint enumerator(byte[] coordinator) throws IOException {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(coordinator))) {
      int unused = in.readInt();
      int version = in.readInt();
      int length = in.readInt();
      if (length < 0 || length > in.available()) {
        throw new IOException("the state of the source is cut off");
      }
      return ModelSource.commandOf(version, in.readNBytes(length));
    }
  }
}
