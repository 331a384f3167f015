/**
 * Reads source logs through Debezium Embedded; the only package that sees Debezium and Kafka
 * Connect.
 *
 * <h2>From PostgreSQL's log to pieces</h2>
 *
 * {@link io.sluice.connectors.debezium.PostgresChangeSource} runs one Debezium engine ({@code
 * EngineRun}). Its records reach {@link io.sluice.connectors.debezium.RecordDecoder}, which makes
 * {@link io.sluice.change.TransactionPiece}s of them on the engine's polling thread and hands them
 * to the receiver; a receiver that blocks fills Debezium's queue, which stops the decoding of the
 * log, which holds the server back.
 *
 * <h2>What is done differently from Debezium's own ways, and why</h2>
 *
 * <ul>
 *   <li><b>Positions.</b> Debezium stores an offset per event and searches for it after a restart;
 *       with several events at one position (COPY) it skips some. Here the only positions are the
 *       ends of commits. The offset is made from the checkpoint ({@code CheckpointOffsets}),
 *       without the field that starts that search, and the server itself leaves out what was
 *       committed before it.
 *   <li><b>Acknowledgement.</b> Records are never marked as processed. What {@link
 *       io.sluice.connectors.spi.ChangeSource#acknowledge} was given is all that Debezium ever
 *       reads back as the durable offset, and so all that the server hears.
 *   <li><b>Values.</b> Debezium parses each value by its type and loses some on the way: offsets of
 *       {@code timetz}, lengths of {@code varbit}, infinite numerics, nested arrays. Here its
 *       decoder is told that every column is text ({@code RawTextTypes}), so that the server's own
 *       text arrives untouched, and one place ({@code CanonicalValue}) turns it into the forms of
 *       the change model. The session that writes that text has its settings pinned ({@code
 *       CaptureSession}).
 *   <li><b>Nothing is dropped in silence.</b> Debezium leaves out events that it finds empty, of
 *       tables that it cannot resolve, of relations that it does not know. Therefore the row
 *       changes of each transaction are counted where they leave the log ({@code
 *       GuardedReplication}) and again where they arrive; a difference ends the source.
 *   <li><b>Tables and keys.</b> Debezium is shown no list of tables and no keys ({@code
 *       UnlistedTables}): the log announces each table, and the key that counts is the replica
 *       identity.
 *   <li><b>Slots.</b> Debezium creates a missing slot, which is a gap. Here that is refused, and
 *       once the stream is open the slot's confirmed position is compared with the checkpoint.
 *   <li><b>Retries.</b> An error ends the engine; the pipeline makes a fresh source from the
 *       checkpoint. Inside the engine nothing is retried, because what is retried there is partly
 *       skipped.
 * </ul>
 *
 * <h2>From MySQL's log to pieces</h2>
 *
 * {@link io.sluice.connectors.debezium.MySqlChangeSource} runs an engine too. Debezium connects,
 * keeps the definitions of tables by parsing the statements in the log, and carries the pieces
 * through its queue; the events themselves are read by {@code BinlogReader}, on the thread of the
 * log's client, so that a reader that is not emptied holds the server back.
 *
 * <ul>
 *   <li><b>Positions.</b> Debezium's records have the position before their transaction. Here a
 *       transaction ends with the position after its last event, and with GTIDs with its own among
 *       them. The log is asked for from exactly the checkpoint; Debezium would add what the server
 *       has purged, and jump over the gap.
 *   <li><b>Values.</b> Debezium knows no zero dates, loses digits of times and the types of
 *       temporal values in JSON. Here the bytes of the log become the forms of the change model in
 *       one place ({@code CellReaders}).
 *   <li><b>Definitions.</b> The log has types without names, so the names come from statements.
 *       Each is remembered with the position behind it and its GTID ({@code MySqlStatementHistory})
 *       and never applied twice. Where names and types do not fit each other the source ends. What
 *       Debezium's grammar lacks of the server's is put otherwise ({@code PlainStatement}).
 *   <li><b>Alterations.</b> A statement may change every row that stands, and the log has none of
 *       them. So what it made of the columns goes along with its transaction ({@code
 *       AlteredColumns}), for the target to be looked at. Where no look could tell, as with columns
 *       or tables that take another's name, the source ends.
 *   <li><b>Nothing is dropped in silence.</b> Parts of rows, parts of JSON, statements in the place
 *       of rows, XA transactions, rows that go with their partition: each ends the source, where it
 *       concerns a replicated table.
 *   <li><b>Retries.</b> The client's own are off; the end of its connection ends the engine.
 * </ul>
 */
@NullMarked
package io.sluice.connectors.debezium;

import org.jspecify.annotations.NullMarked;
