package io.sluice.gateway.keybased;

import io.sluice.change.TableId;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a key-based replication is to do.
 *
 * @param cursors the cursor's column of a table of the source; empty where none is named
 * @param interval from the beginning of one poll to that of the next
 * @param overlap how long after a sounding a row may still appear before it
 * @param sweep how often deletes are looked for; null for never
 */
public record PollSettings(
        Function<TableId, Optional<String>> cursors,
        Duration interval,
        Duration overlap,
        @Nullable Duration sweep) {}
