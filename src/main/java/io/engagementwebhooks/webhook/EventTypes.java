package io.engagementwebhooks.webhook;

import java.util.List;

/**
 * The event types that a webhook subscribes to: exact ({@code call.ended}), by prefix ({@code call.*}) or all ({@code
 * *}).
 *
 * @param patterns at least one
 */
public record EventTypes(List<String> patterns) {

    public EventTypes {
        patterns = List.copyOf(patterns);
    }

    public boolean match(String type) {
        for (String pattern : patterns) {
            if (matches(pattern, type)) {
                return true;
            }
        }
        return false;
    }

    /** Whether it matches a type by name or prefix, not only by {@code *}. */
    public boolean matchByName(String type) {
        return patterns.stream().anyMatch(pattern -> !pattern.equals("*") && matches(pattern, type));
    }

    private static boolean matches(String pattern, String type) {
        if (pattern.equals("*")) {
            return true;
        }
        return pattern.endsWith(".*")
                ? type.startsWith(pattern.substring(0, pattern.length() - 1))
                : pattern.equals(type);
    }
}
