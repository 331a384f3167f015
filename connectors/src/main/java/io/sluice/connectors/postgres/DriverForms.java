package io.sluice.connectors.postgres;

import io.sluice.connectors.jdbc.Forms;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/** PostgreSQL's. */
final class DriverForms implements Forms {

    @Override
    public Object name(String name) {
        return name;
    }

    @Override
    public String name(ResultSet row, int column) throws SQLException {
        return row.getString(column);
    }

    @Override
    public Object moment(Instant moment) {
        return moment.atOffset(ZoneOffset.UTC);
    }

    @Override
    public Instant moment(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
