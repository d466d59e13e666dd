/**
 * Requests to object stores over HTTP: each is sent once, answers are bounded, and what is not
 * answered in time fails.
 *
 * <p>May import, beside the JDK: {@code storage}, {@code storage.objects}.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.storage.rest;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
