/**
 * YAML files as trees of texts, bounded, each node with its line.
 *
 * <p>May import, beside the JDK: {@code oms}, SnakeYAML.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.yaml;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
