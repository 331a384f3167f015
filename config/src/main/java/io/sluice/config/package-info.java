/**
 * The configuration: one YAML file, read to immutable records that hold nothing but what is valid.
 *
 * <p>The way in is {@link io.sluice.config.ConfigReader}. It reads the text to a small tree of
 * nodes that know their lines, then binds the tree to the records: {@link
 * io.sluice.config.SluiceConfig} at the top, and one record per map of the file, whose components
 * have the names of the keys. Reading never stops at the first mistake: every problem is collected
 * with its line, and all are thrown at once in one {@link io.sluice.config.ConfigException}.
 *
 * <p>Values may refer to {@code ${env:NAME}} and {@code ${file:/path}}. What they stand for never
 * appears in a problem, and what is a {@link io.sluice.config.Secret} in no record's text.
 *
 * <p>The JSON Schema beside these classes and {@code docs/configuration.md} describe the same keys;
 * tests hold both against the records.
 */
@NullMarked
package io.sluice.config;

import org.jspecify.annotations.NullMarked;
