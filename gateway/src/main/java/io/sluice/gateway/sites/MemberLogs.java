package io.sluice.gateway.sites;

import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.LogGapException;
import io.sluice.connectors.spi.SnapshotReader;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.connectors.spi.TargetSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The logs of those who write to the first site already, kept for one that joins.
 *
 * <p><b>What the engines differ in.</b> A member of MySQL keeps its log for nobody: whether it
 * still reaches back is asked before the pipelines begin ({@link #requireReach}). Its log describes
 * no tables: what was altered before the moment is not told to who begins behind it ({@link
 * #requireUnaltered}). And it says what it has of the others with its own transactions alone, so it
 * is made to say something ({@link #urge}).
 *
 * <p>Used by one thread.
 */
public final class MemberLogs {

    private final String site;
    private final Joining.Databases databases;
    private final List<Member> members;

    /**
     * A member whose log is kept for the new site.
     *
     * @param toFirst the pipeline that brings its changes to the first site
     * @param claim of the pipeline to the new site
     * @param kept from where on its log is kept
     * @param tables as they were then
     */
    public record Member(
            String site,
            String toFirst,
            Checkpoint claim,
            SourcePosition kept,
            List<TableDefinition> tables) {

        public Member {
            tables = List.copyOf(tables);
        }
    }

    /**
     * @param site that joins
     */
    MemberLogs(String site, Joining.Databases databases, List<Member> members) {
        this.site = site;
        this.databases = databases;
        this.members = List.copyOf(members);
    }

    /** Has the members keep their logs for the site, from now on. */
    static MemberLogs open(
            String site,
            String first,
            List<String> members,
            Joining.Names names,
            Joining.Databases databases) {
        List<Member> opened = new ArrayList<>();
        for (String member : members) {
            try (SourceDatabase source = databases.source(member);
                    TargetDatabase there = databases.target(site)) {
                Checkpoint claim = claim(site, names.pipeline(member, site), source, there);
                List<TableDefinition> tables = databases.tables(member, source);
                try (SnapshotReader log =
                        source.startLog(
                                claim.pipeline(),
                                tables,
                                there.schemaHistory(claim.pipeline()),
                                1)) {
                    String toFirst = names.pipeline(member, first);
                    opened.add(new Member(member, toFirst, claim, log.position(), tables));
                }
            }
        }
        return new MemberLogs(site, databases, opened);
    }

    /** The site says whose log it is before that is made, so that nobody else's is replaced. */
    private static Checkpoint claim(
            String site, String pipeline, SourceDatabase source, TargetDatabase there) {
        Checkpoint claim = there.claim(pipeline, Joining.holder());
        String identity = source.identity();
        if (claim.phase() == Phase.STREAMING
                || (!identity.equals(claim.sourceIdentity()) && source.hasLog(pipeline))) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    "%s was a site of this replication before, or another gateway runs %s. Drop what is left of it: at %s the schema sluice, at the others the replication slots named sluice_… after the pipelines to it. Or begin a replication of all sites under another name."
                            .formatted(site, pipeline, site));
        }
        Checkpoint known = claim.of(identity);
        try (TargetSession session = there.session(known, Joining.STATEMENT)) {
            session.commit(known);
        }
        return known;
    }

    public List<Member> members() {
        return members;
    }

    /** Has the members tell what they have of the others, where nobody writes there. */
    public void urge() {
        for (Member member : members) {
            try (SourceDatabase source = databases.source(member.site())) {
                source.speak();
            }
        }
    }

    /**
     * Makes sure that the logs begin for their new readers with the tables as they were when they
     * began to be kept: some tell an alteration only where it stands, and that may be before the
     * moment.
     *
     * @throws ConnectorException RETRY if a table is another one by now
     */
    public void requireUnaltered() {
        for (Member member : members) {
            try (SourceDatabase source = databases.source(member.site())) {
                if (source.alterations().isPresent()
                        && !columns(databases.tables(member.site(), source))
                                .equals(columns(member.tables()))) {
                    throw new ConnectorException(
                            ErrorClass.RETRY,
                            "A table was altered at %s while %s waited for its moment."
                                    .formatted(member.site(), site));
                }
            }
        }
    }

    private static Map<TableId, List<ColumnDefinition>> columns(List<TableDefinition> tables) {
        return tables.stream()
                .collect(Collectors.toMap(TableDefinition::table, TableDefinition::columns));
    }

    /**
     * Makes sure that the members' logs still reach back to where the new site needs them: a server
     * may have removed them while the rows were copied, whoever was to read them.
     *
     * @throws ConnectorException FATAL if one does not
     */
    public void requireReach(Joined joined) {
        for (Joined.Beginning each : joined.beginnings()) {
            Member member = each.member();
            try (SourceDatabase source = databases.source(member.site())) {
                source.resumeLog(
                        member.claim().pipeline(),
                        member.tables(),
                        each.point().position(),
                        Objects.requireNonNull(member.claim().sourceIdentity()));
            } catch (LogGapException e) {
                throw new ConnectorException(
                        ErrorClass.FATAL,
                        "%s has not kept its log after %s for as long as %s was being filled. Have it keep more, by binlog_expire_logs_seconds or max_slot_wal_keep_size, and restart the pipeline: the join begins anew."
                                .formatted(member.site(), e.from(), site),
                        e);
            }
        }
    }
}
