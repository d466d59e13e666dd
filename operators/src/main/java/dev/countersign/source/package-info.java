/**
 * The FLIP-27 source: plans a catalog's models into work units on the job manager, hands them to
 * readers that pull, and hashes them there.
 *
 * <p>Deciders are plain objects in the packages below ({@link
 * dev.countersign.source.ledger.UnitLedger}, the planners, {@link
 * dev.countersign.source.reading.UnitHasher}); the classes that implement Flink's interfaces only
 * move records and events between them. The classes of this package put them together.
 *
 * <p>May import its sub-packages, every package of the library below it, the schemas, Avro and
 * Flink; nothing below may import it.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.source;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
