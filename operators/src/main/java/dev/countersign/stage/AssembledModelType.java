package dev.countersign.stage;

import dev.countersign.schemas.AssembledModel;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.formats.avro.typeutils.AvroSerializer;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.jspecify.annotations.Nullable;

/**
 * Type of assembled models in a stream. No operator changes what a model says, so that all of them
 * and their snapshots share it: a copy of a large one would take as much memory again.
 */
public final class AssembledModelType extends AvroTypeInfo<AssembledModel> {

  private static final long serialVersionUID = 1L;

  /** The type. */
  public AssembledModelType() {
    super(AssembledModel.class);
  }

  @Override
  public TypeSerializer<AssembledModel> createSerializer(SerializerConfig config) {
    return new Shared();
  }

  private static final class Shared extends AvroSerializer<AssembledModel> {
    private static final long serialVersionUID = 1L;

    Shared() {
      super(AssembledModel.class);
    }

    @Override
    public AssembledModel copy(AssembledModel model) {
      return model;
    }

    @Override
    public AssembledModel copy(AssembledModel model, AssembledModel reuse) {
      return model;
    }

    @Override
    public TypeSerializer<AssembledModel> duplicate() {
      return new Shared();
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Shared;
    }

    @Override
    public int hashCode() {
      return Shared.class.hashCode();
    }
  }
}
