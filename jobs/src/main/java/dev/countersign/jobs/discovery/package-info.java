/**
 * The {@code catalog} command, which finds models below a folder and writes them as a catalog.
 *
 * <p>May import {@code terminal}.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.jobs.discovery;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
