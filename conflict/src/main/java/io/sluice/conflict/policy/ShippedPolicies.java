package io.sluice.conflict.policy;

import io.sluice.conflict.MergePolicy;
import io.sluice.conflict.MergePolicyProvider;
import io.sluice.conflict.PolicySettings;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The policies that ship, with their settings. */
public final class ShippedPolicies implements MergePolicyProvider {

    @Override
    public Map<String, Function<PolicySettings, MergePolicy>> policies() {
        return Map.ofEntries(
                Map.entry("last-update-wins", settings -> new LastUpdateWins()),
                Map.entry("first-update-wins", settings -> new FirstUpdateWins()),
                Map.entry(
                        "source-priority",
                        settings -> new SourcePriority(settings.requiredTexts("databases"))),
                Map.entry("apply-remote", settings -> Always.APPLY_REMOTE),
                Map.entry("keep-local", settings -> Always.KEEP_LOCAL),
                Map.entry("park", settings -> Always.PARK),
                Map.entry("stop", settings -> Always.STOP),
                Map.entry("by-site", settings -> new BySite(settings.policiesByName())),
                Map.entry("max", settings -> extreme(true, settings)),
                Map.entry("min", settings -> extreme(false, settings)),
                Map.entry(
                        "version-column",
                        settings ->
                                new ExtremeWins(
                                        true,
                                        Optional.of(settings.requiredText("column")),
                                        Optional.of(ValueOrder.VERSION))),
                Map.entry(
                        "column-merge",
                        settings ->
                                new ColumnMerge(
                                        settings.policy("otherwise")
                                                .orElseGet(LastUpdateWins::new))),
                Map.entry("delta", settings -> new Delta()),
                Map.entry("union", settings -> new Union(form(settings))));
    }

    private static MergePolicy extreme(boolean max, PolicySettings settings) {
        return new ExtremeWins(max, settings.text("column"), ValueOrder.of(settings));
    }

    private static PartsForm form(PolicySettings settings) {
        return switch (settings.requiredText("of")) {
            case "set" -> PartsForm.SET;
            case "array" -> PartsForm.ARRAY;
            case "json" -> PartsForm.JSON;
            default -> throw settings.wrong("of", "must be set, array or json");
        };
    }
}
