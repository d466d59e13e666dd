/**
 * Shows a trust policy to people and programs, and explains which of its rules is for a model.
 *
 * <p>May import whatever the library offers, and {@code terminal}.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.jobs.policycheck;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
