package io.sluice.connectors.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;

/** The forms in which an engine's driver takes and gives what the gateway's own tables hold. */
public interface Forms {

    /** A name, to be compared byte by byte. */
    Object name(String name);

    String name(ResultSet row, int column) throws SQLException;

    Object moment(Instant moment);

    Instant moment(ResultSet row, int column) throws SQLException;
}
