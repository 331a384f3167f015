package io.sluice.connectors.spi;

import io.sluice.change.TableId;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a pipeline has yet to make on its target, kept there. Thread-safe; each call has a
 * connection of its own.
 */
public interface BuildRecord {

    /** In the order of their tables and names. */
    List<Build.Planned> all();

    /** Puts these in place of what was planned of the tables, as PENDING. */
    void plan(Collection<TableId> tables, List<Build> builds);

    /**
     * @param failure what the target said, where it has FAILED
     */
    void note(Build build, Build.State state, @Nullable String failure);
}
