/**
 * Databases that all take writes: what one of them wrote, applied at another, whose users may have
 * written the same rows meanwhile.
 *
 * <p><b>Here and there.</b> A pipeline reads the log of one site and applies at the other; its twin
 * does it the other way round. {@link io.sluice.gateway.sites.LocalLog} stands behind each reader
 * and before its buffer, and is asked by the twin, which applies where that log comes from: which
 * rows has this site written that its peer had not seen?
 *
 * <p><b>What is known of a change</b> comes from the log of its site alone: its time follows the
 * order of the log, and the marks of what was applied there say what the site had seen. So a log
 * that is read again says the same, whenever the gateway was killed.
 *
 * <p><b>What is known of a row</b> is what this site itself wrote to it lately, and what became of
 * that where it met a change. The incoming change's site had seen everything else. With two sites
 * that is all there is to know, whatever the policy: no version of any other row is kept ({@link
 * io.sluice.conflict.Recollection}).
 *
 * <p><b>Between three and more</b> a change's site may be ignorant of what a third one wrote. The
 * versions of that are kept with the rows ({@link io.sluice.gateway.sites.MeshVersions}), and put
 * together with the site's own writes ({@link io.sluice.conflict.SharedRecollection}). They are
 * forgotten once all have seen them, or where one is away for too long ({@link
 * io.sluice.gateway.sites.Tombstones}). A site that is added to those that write gets them along
 * with its copy: {@link io.sluice.gateway.sites.Joining} is how.
 *
 * <p><b>Between two engines</b> a value looks different in either log. What comes is brought to the
 * form of this site's own ({@link io.sluice.gateway.sites.OwnForms}) before it is noted.
 *
 * <p>{@link io.sluice.gateway.sites.SiteSettling} finds the rows, {@link
 * io.sluice.gateway.sites.RowVerdicts} has them decided by their table's policy, {@link
 * io.sluice.gateway.sites.ConflictPile} brings what came of that to the record, and {@link
 * io.sluice.gateway.sites.OrphanWatch} looks for rows that lack another one after it. What cannot
 * end equal is refused before it begins: {@link io.sluice.gateway.sites.SiteCheck}.
 *
 * <p>Each direction waits for what the other one reads. Where both are far behind, {@link
 * io.sluice.gateway.sites.Standoff} has one of them give way.
 */
@NullMarked
package io.sluice.gateway.sites;

import org.jspecify.annotations.NullMarked;
