package io.sluice.conflict;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.function.Function;

/** The policies that there are, by name: those that ship, and those of jars beside them. */
public final class PolicyCatalog {

    private static final int DEEPEST = 5;

    private final Map<String, Function<PolicySettings, MergePolicy>> makers = new TreeMap<>();

    public PolicyCatalog(Iterable<MergePolicyProvider> providers) {
        for (MergePolicyProvider provider : providers) {
            provider.policies()
                    .forEach(
                            (name, maker) -> {
                                if (makers.putIfAbsent(name, maker) != null) {
                                    throw new IllegalStateException(
                                            "two merge policies are named `"
                                                    + name
                                                    + "`, one of them of "
                                                    + provider.getClass().getName());
                                }
                            });
        }
    }

    /** Those that {@link ServiceLoader} finds. */
    public static PolicyCatalog installed() {
        return new PolicyCatalog(
                ServiceLoader.load(
                        MergePolicyProvider.class, PolicyCatalog.class.getClassLoader()));
    }

    public List<String> names() {
        return new ArrayList<>(makers.keySet());
    }

    /**
     * @throws IllegalArgumentException saying what is wrong with the name or the settings
     */
    public MergePolicy create(PolicySpec spec) {
        return create(spec, 1);
    }

    private MergePolicy create(PolicySpec spec, int depth) {
        Function<PolicySettings, MergePolicy> maker = makers.get(spec.name());
        if (maker == null) {
            throw new IllegalArgumentException(
                    "no merge policy is named `"
                            + spec.name()
                            + "`; there are "
                            + String.join(", ", names()));
        }
        if (depth > DEEPEST) {
            throw new IllegalArgumentException("policies within policies, too deep");
        }
        PolicySettings settings = new PolicySettings(spec, inner -> create(inner, depth + 1));
        MergePolicy policy = maker.apply(settings);
        settings.end();
        return policy;
    }
}
