/**
 * Models on local disks, through {@code java.nio} alone.
 *
 * <p>Files are opened from the model's root down without following a link, and never memory-mapped:
 * a mapped file that shrinks would kill the thread that reads it. Names are taken from the
 * operating system as bytes and must be UTF-8, whatever the locale says.
 *
 * <p>May import, beside the JDK: {@code storage}.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.storage.local;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
