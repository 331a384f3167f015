package io.sluice.gateway.snapshot;

import io.sluice.connectors.spi.Build;
import io.sluice.connectors.spi.Build.State;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How it stands with what is to be built on a target. Thread-safe. */
public final class BuildMonitor {

    private final Map<Build, Build.Planned> builds = new LinkedHashMap<>();
    private final List<Build> building = new ArrayList<>();

    /** In place of what was known. */
    public synchronized void known(Collection<Build.Planned> all) {
        builds.clear();
        building.clear();
        all.forEach(planned -> builds.put(planned.build(), planned));
    }

    synchronized void begun(Build build) {
        building.add(build);
    }

    /** Ended without having come to anything. */
    synchronized void broken(Build build) {
        building.remove(build);
    }

    synchronized void ended(Build build, State state, @Nullable String failure) {
        building.remove(build);
        builds.put(build, new Build.Planned(build, state, failure));
    }

    /** All that is known of. */
    public synchronized List<Build.Planned> planned() {
        return List.copyOf(builds.values());
    }

    /** Whether something is yet to be built, and was not refused. */
    public synchronized boolean hasPending() {
        return count(State.PENDING) > 0;
    }

    public synchronized Progress progress() {
        return new Progress(
                builds.size(),
                count(State.DONE),
                count(State.PENDING),
                building.stream().map(Build::text).toList(),
                builds.values().stream()
                        .filter(planned -> planned.state() == State.FAILED)
                        .map(
                                planned ->
                                        new Unbuilt(
                                                planned.build().text(),
                                                String.valueOf(planned.failure()),
                                                planned.build().statement()))
                        .toList());
    }

    private int count(State state) {
        return (int) builds.values().stream().filter(b -> b.state() == state).count();
    }

    /**
     * @param building what is being built at the moment
     * @param unbuilt what the target has refused
     */
    public record Progress(
            int all, int done, int pending, List<String> building, List<Unbuilt> unbuilt) {}

    /**
     * @param object what and where
     * @param failure what the target said
     * @param statement that makes it
     */
    public record Unbuilt(String object, String failure, String statement) {}
}
