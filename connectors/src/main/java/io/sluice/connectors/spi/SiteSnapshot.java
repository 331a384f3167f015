package io.sluice.connectors.spi;

import io.sluice.connectors.spi.SiteSession.ReadingPoint;
import io.sluice.connectors.spi.SiteSession.StoredVersion;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a site keeps of that which others brought, as of one moment of its own. Used by one thread,
 * and ends with the snapshot that it is of.
 */
public interface SiteSnapshot {

    /** How far a pipeline had come that applies here. */
    Optional<Checkpoint> checkpoint(String pipeline);

    /** From where such a pipeline's source would have been read again. */
    Optional<ReadingPoint> readingPoint(String pipeline);

    /**
     * Up to where versions were forgotten that another site had not seen: see {@link
     * SiteSession#forgotten}.
     */
    String forgotten(String name);

    /**
     * All versions of rows that are kept under a name.
     *
     * @param most that are handed over at once
     */
    void versions(String name, int most, Consumer<List<StoredVersion>> batches);
}
