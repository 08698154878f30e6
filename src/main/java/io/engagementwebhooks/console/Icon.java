package io.engagementwebhooks.console;

import io.engagementwebhooks.ledger.BundledFile;
import java.util.Properties;

/** The icons of the console, in {@code console/icons.properties}. Thread-safe. */
public final class Icon {

    private static final Properties ICONS = BundledFile.properties("/io/engagementwebhooks/console/icons.properties");

    private Icon() {}

    /**
     * The path of an icon.
     *
     * @throws IllegalArgumentException if no icon has this name
     */
    public static String path(String name) {
        String path = ICONS.getProperty(name);
        if (path == null) {
            throw new IllegalArgumentException("no icon is named '" + name + "'");
        }
        return path;
    }

    /** The icon name of a badge's state, so that color is never the only sign. */
    public static String ofState(String state) {
        return ICONS.getProperty("state." + state, "minus");
    }
}
