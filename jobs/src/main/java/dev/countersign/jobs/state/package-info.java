/**
 * What a run leaves in its state folder so that it can go on after its process ended: what command
 * it was, how often it was started, and the checkpoints that Flink kept. Imports embedded, results,
 * terminal, the library, Flink and a JSON library.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.jobs.state;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
