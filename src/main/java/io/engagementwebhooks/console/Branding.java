package io.engagementwebhooks.console;

import java.util.Objects;
import java.util.Optional;

/**
 * Name, logo and color of an installation's console.
 *
 * @param name of the product
 * @param logo empty: the built-in one
 * @param color as #rrggbb; empty: the built-in one
 */
public record Branding(String name, Optional<Logo> logo, Optional<String> color) {

    /** The built-in branding. */
    public static final Branding DEFAULT = new Branding("Engagement Webhooks", Optional.empty(), Optional.empty());

    public Branding {
        Objects.requireNonNull(name);
        Objects.requireNonNull(logo);
        Objects.requireNonNull(color);
    }
}
