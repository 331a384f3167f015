package io.sluice.conflict;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The settings of a policy, taken by name; what is not asked for is unknown. */
public final class PolicySettings {

    private final String policy;
    private final Map<String, Object> values;
    private final Function<PolicySpec, MergePolicy> policies;
    private final Set<String> known = new HashSet<>();

    PolicySettings(PolicySpec spec, Function<PolicySpec, MergePolicy> policies) {
        this.policy = spec.name();
        this.values = spec.settings();
        this.policies = policies;
    }

    public Optional<String> text(String key) {
        return value(key)
                .map(
                        value -> {
                            if (value instanceof String text && !text.isEmpty()) {
                                return text;
                            }
                            throw wrong(key, "must be text");
                        });
    }

    public String requiredText(String key) {
        return text(key).orElseThrow(() -> missing(key));
    }

    /** A list of different texts, at least one. */
    public List<String> requiredTexts(String key) {
        Object value = value(key).orElseThrow(() -> missing(key));
        if (!(value instanceof List<?> list)
                || list.isEmpty()
                || !list.stream().allMatch(String.class::isInstance)) {
            throw wrong(key, "must be a list of names");
        }
        List<String> texts = list.stream().map(String.class::cast).toList();
        if (Set.copyOf(texts).size() < texts.size()) {
            throw wrong(key, "holds a name twice");
        }
        return texts;
    }

    /** Another policy that this one makes use of. */
    public Optional<MergePolicy> policy(String key) {
        return value(key).map(value -> policies.apply(PolicySpec.read(value)));
    }

    /** All settings, where their keys are names of the user's choice and their values policies. */
    public Map<String, MergePolicy> policiesByName() {
        Map<String, MergePolicy> byName = new HashMap<>();
        values.keySet().forEach(key -> policy(key).ifPresent(made -> byName.put(key, made)));
        return byName;
    }

    public IllegalArgumentException wrong(String key, String what) {
        return new IllegalArgumentException("`" + policy + "`: `" + key + "` " + what);
    }

    private IllegalArgumentException missing(String key) {
        return new IllegalArgumentException("`" + policy + "` needs `" + key + "`");
    }

    private Optional<Object> value(String key) {
        known.add(key);
        return Optional.ofNullable(values.get(key));
    }

    void end() {
        for (String key : values.keySet()) {
            if (!known.contains(key)) {
                throw new IllegalArgumentException("`" + policy + "` has no setting `" + key + "`");
            }
        }
    }
}
