/**
 * Reports of what runs have committed: pages, Markdown, CSV, JSON and JUnit XML. All that results
 * say may come from anybody, and is cut and escaped before it goes anywhere. Imports {@code
 * jobs.results}, {@code jobs.state}, {@code jobs.terminal}, the schemas, Avro and a JSON library.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.jobs.report;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
