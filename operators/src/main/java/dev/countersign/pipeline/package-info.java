/**
 * The stages of a run as streams, for any Flink job: {@link dev.countersign.pipeline.ModelPipeline}
 * is where to begin.
 *
 * <p>May import every package of the library below it and Flink.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.pipeline;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
