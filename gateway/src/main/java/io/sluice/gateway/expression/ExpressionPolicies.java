package io.sluice.gateway.expression;

import io.sluice.conflict.MergePolicy;
import io.sluice.conflict.MergePolicyProvider;
import io.sluice.conflict.PolicySettings;
import java.util.Map;
import java.util.function.Function;

/** Brings {@code expression: {cel: "…"}}. */
public final class ExpressionPolicies implements MergePolicyProvider {

    @Override
    public Map<String, Function<PolicySettings, MergePolicy>> policies() {
        return Map.of(
                "expression",
                settings -> {
                    try {
                        return Expression.compiled(settings.requiredText("cel"));
                    } catch (ExpressionException e) {
                        throw settings.wrong("cel", String.valueOf(e.getMessage()));
                    }
                });
    }
}
