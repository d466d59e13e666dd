/**
 * Models in object stores: keys and bytes, without folders, links or renames.
 *
 * <p>What all such stores share is here: which key is which file of a model, how a version of an
 * object is held while it is read, and how a bundle replaces another one. A store needs one class
 * that sends requests, an {@link dev.countersign.storage.objects.ObjectClient}; it is found by its
 * scheme through {@link java.util.ServiceLoader} and may be missing from the class path.
 *
 * <p>May import, beside the JDK: {@code storage}.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.storage.objects;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
