/**
 * MySQL behind {@link io.sluice.connectors.spi}. Every SQL statement about MySQL stands here.
 *
 * <p>Three things hold everywhere. Sessions run in UTC, in {@code utf8mb4} and under one {@code
 * sql_mode}, whatever the server's own settings are, so that values read on one side mean the same
 * on the other. Identifiers and constants are quoted by {@link io.sluice.connectors.mysql.Sql}.
 * Errors pass through {@link io.sluice.connectors.mysql.MySqlErrors}, which classifies them by
 * number and SQLSTATE and keeps row values out of messages.
 *
 * <p>Nothing is made on a source, and nothing is written there: its log is kept by the server's own
 * rule ({@code binlog_expire_logs_seconds}), whether anybody reads it or not. A pipeline that was
 * stopped for longer finds that its log is gone, and says so.
 */
@NullMarked
package io.sluice.connectors.mysql;

import org.jspecify.annotations.NullMarked;
