package io.engagementwebhooks.console;

import java.time.Duration;
import java.util.Locale;

/** The color scheme chosen for the pages. */
public enum Theme {
    SYSTEM("System", "screen"),
    LIGHT("Light", "sun"),
    DARK("Dark", "moon");

    /** The cookie that holds the choice. */
    static final String COOKIE = "webhooks-theme";

    private static final Duration KEPT = Duration.ofDays(365);

    private final String label;
    private final String icon;

    Theme(String label, String icon) {
        this.label = label;
        this.icon = icon;
    }

    /** The theme of a name, {@link #SYSTEM} if there is none. */
    public static Theme of(String name) {
        return switch (name) {
            case "light" -> LIGHT;
            case "dark" -> DARK;
            default -> SYSTEM;
        };
    }

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    String label() {
        return label;
    }

    String icon() {
        return icon;
    }

    /** The value of {@code data-theme}; null: the browser decides. */
    String attribute() {
        return this == SYSTEM ? null : text();
    }

    /** The cookie that keeps it for a year. */
    String cookie(PageRequest request) {
        return Framing.cookie(request, COOKIE, text(), KEPT, "Strict");
    }
}
