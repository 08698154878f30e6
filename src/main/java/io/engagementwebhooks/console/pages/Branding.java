package io.engagementwebhooks.console.pages;

import java.util.Objects;
import java.util.Optional;

/**
 * How an installation calls and colors its console.
 *
 * @param name of the product
 * @param logo empty: ours
 * @param color empty: ours
 */
public record Branding(String name, Optional<Logo> logo, Optional<AccentColor> color) {

    /** Ours. */
    public static final Branding DEFAULT = new Branding("Engagement Webhooks", Optional.empty(), Optional.empty());

    public Branding {
        Objects.requireNonNull(name);
        Objects.requireNonNull(logo);
        Objects.requireNonNull(color);
    }
}
