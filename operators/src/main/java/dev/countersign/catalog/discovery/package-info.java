/**
 * Finds models below a folder: one walk over folders, and for each layout that people keep models
 * in a small class that says which folders are models. Reads names, and small files of registries;
 * no model's content.
 *
 * <p>May import, beside the JDK: {@code catalog}, {@code oms}, {@code storage}, {@code yaml}.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.catalog.discovery;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
