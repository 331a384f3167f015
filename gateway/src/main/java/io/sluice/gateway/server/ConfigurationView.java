package io.sluice.gateway.server;

import io.sluice.config.DatabaseConfig;
import io.sluice.config.Secret;
import io.sluice.config.SluiceConfig;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A configuration as it is in force, its defaults filled in and its secrets masked. */
final class ConfigurationView {

    private static final Pattern SECRET_PARAMETER =
            Pattern.compile(
                    "(?i)([?&;][^=&;]*(?:pass|pwd|secret|token|credential|key)[^=&;]*=)[^&]*");

    private ConfigurationView() {}

    static Object of(SluiceConfig config) {
        return Objects.requireNonNull(shown(config));
    }

    private static @Nullable Object shown(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case Secret secret -> secret.toString();
            case Optional<?> optional -> shown(optional.orElse(null));
            case DatabaseConfig database -> database(database);
            case Duration duration -> text(duration);
            case Map<?, ?> map -> entries(map);
            case Collection<?> items -> items.stream().map(ConfigurationView::shown).toList();
            case Boolean flag -> flag;
            case Number number -> number;
            case Record settings when isSettings(settings) -> components(settings);
            default -> value.toString();
        };
    }

    /** Others are values, which write themselves. */
    private static boolean isSettings(Record value) {
        String name = value.getClass().getSimpleName();
        return name.endsWith("Config") || name.equals("Renames");
    }

    private static Map<String, @Nullable Object> database(DatabaseConfig database) {
        Map<String, @Nullable Object> shown = components(database);
        shown.put("url", SECRET_PARAMETER.matcher(database.url()).replaceAll("$1***"));
        return shown;
    }

    private static Map<String, @Nullable Object> components(Record settings) {
        Map<String, @Nullable Object> shown = new LinkedHashMap<>();
        for (RecordComponent component : settings.getClass().getRecordComponents()) {
            try {
                shown.put(component.getName(), shown(component.getAccessor().invoke(settings)));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
        return shown;
    }

    private static Map<String, @Nullable Object> entries(Map<?, ?> map) {
        Map<String, @Nullable Object> shown = new LinkedHashMap<>();
        map.forEach((key, value) -> shown.put(String.valueOf(key), shown(value)));
        return shown;
    }

    /** As the file takes it. */
    private static String text(Duration duration) {
        long millis = duration.toMillis();
        if (millis == 0 || millis % 1_000 != 0) {
            return millis + "ms";
        }
        long seconds = millis / 1_000;
        for (Unit unit : Unit.values()) {
            if (seconds % unit.seconds == 0) {
                return seconds / unit.seconds + unit.name().toLowerCase(Locale.ROOT);
            }
        }
        throw new IllegalStateException("every number of seconds is one of seconds");
    }

    private enum Unit {
        D(86_400),
        H(3_600),
        M(60),
        S(1);

        private final long seconds;

        Unit(long seconds) {
            this.seconds = seconds;
        }
    }
}
