package io.sluice.gateway.expression;

import io.sluice.change.Column;
import io.sluice.change.Row;
import io.sluice.conflict.Conflict;
import io.sluice.conflict.Decision;
import io.sluice.conflict.Guarantee;
import io.sluice.conflict.MergePolicy;
import io.sluice.conflict.Version;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.projectnessie.cel.Ast;
import org.projectnessie.cel.Env;
import org.projectnessie.cel.EnvOption;
import org.projectnessie.cel.Program;
import org.projectnessie.cel.checker.Decls;
import org.projectnessie.cel.common.types.Err;
import org.projectnessie.cel.common.types.ref.Val;

/**
 * Decides by an expression that gives true or {@code "apply"}, false or {@code "keep"}, {@code
 * "park"} or {@code "stop"}. It is compiled once, its types checked; what fails with the rows at
 * hand keeps the change aside. Nobody can tell whether it lets sites end equal.
 */
final class Expression implements MergePolicy {

    private static final Env LANGUAGE = language();

    private final Program program;

    private Expression(Program program) {
        this.program = program;
    }

    private static Env language() {
        var row = Decls.newMapType(Decls.String, Decls.Dyn);
        return Env.newEnv(
                EnvOption.declarations(
                        Decls.newVar("incoming", row),
                        Decls.newVar("before", row),
                        Decls.newVar("existing", row),
                        Decls.newVar("kind", Decls.String),
                        Decls.newVar("site", Decls.String),
                        Decls.newVar("incoming_origin", Decls.String),
                        Decls.newVar("existing_origin", Decls.String)));
    }

    static Expression compiled(String text) throws ExpressionException {
        Ast checked = sound(LANGUAGE.check(sound(LANGUAGE.parse(text))));
        if (!List.of(Decls.Bool, Decls.String).contains(checked.getResultType())) {
            throw new ExpressionException(
                    "must give true or false, or \"apply\", \"keep\", \"park\" or \"stop\"");
        }
        return new Expression(LANGUAGE.program(checked));
    }

    private static Ast sound(Env.AstIssuesTuple result) throws ExpressionException {
        if (result.hasIssues()) {
            throw new ExpressionException(
                    result.getIssues().getErrors().stream()
                            .map(
                                    error ->
                                            "line %d, column %d: %s"
                                                    .formatted(
                                                            error.getLocation().line(),
                                                            error.getLocation().column() + 1,
                                                            error.getMessage()))
                            .collect(Collectors.joining("; ")));
        }
        return result.getAst();
    }

    @Override
    public Decision decide(Conflict conflict) {
        Object given;
        try {
            Val value = program.eval(variables(conflict)).getVal();
            if (Err.isError(value)) {
                return new Decision.Park("the expression fails with these rows");
            }
            given = value.value();
        } catch (RuntimeException | StackOverflowError e) {
            return new Decision.Park("the expression fails with these rows");
        }
        return switch (String.valueOf(given)) {
            case "true", "apply" -> new Decision.Apply("the expression says so");
            case "false", "keep" -> new Decision.Keep("the expression says so");
            case "park" -> new Decision.Park("the expression says so");
            case "stop" -> new Decision.Stop("the expression says so");
            default -> new Decision.Park("the expression gives no decision for these rows");
        };
    }

    private static Map<String, Object> variables(Conflict conflict) {
        List<Column> columns = conflict.table().columns();
        return Map.of(
                "incoming",
                values(columns, conflict.incoming().after()),
                "before",
                values(columns, conflict.incoming().before()),
                "existing",
                values(columns, conflict.standing().row()),
                "kind",
                conflict.kind().toString(),
                "site",
                conflict.site().name(),
                "incoming_origin",
                conflict.incoming().version().origin().name(),
                "existing_origin",
                conflict.current().map(Version::origin).map(origin -> origin.name()).orElse(""));
    }

    /** Nothing of a row that is not there, nor of what was not sent. */
    private static Map<String, @Nullable Object> values(List<Column> columns, Optional<Row> row) {
        Map<String, @Nullable Object> values = new HashMap<>();
        for (int i = 0; row.isPresent() && i < columns.size(); i++) {
            if (row.get().isSent(i)) {
                Object value = row.get().get(i);
                values.put(
                        columns.get(i).name(),
                        value instanceof Float number ? Double.valueOf(number) : value);
            }
        }
        return values;
    }

    @Override
    public Guarantee guarantee() {
        return Guarantee.none("whether an expression lets the sites end equal cannot be told");
    }
}
