package io.engagementwebhooks.operate;

import java.util.ArrayList;
import java.util.List;

/** In profile {@code prod}, unsafe settings are refused at start, all at once. */
final class Profile {

    private Profile() {}

    static List<String> faults(Settings settings, Surroundings surroundings) {
        List<String> faults = new ArrayList<>();
        if (!settings.isProd()) {
            return faults;
        }
        for (String range : settings.text("webhooks.egress.plain-http").split(",")) {
            if (range.strip().endsWith("/0")) {
                faults.add("profile prod: webhooks.egress.plain-http=" + range.strip()
                        + " sends everything without TLS; name the ranges that need it");
            }
        }
        faults.addAll(new UnsafeSettings(settings, surroundings).faults());
        return faults;
    }

    /** What is told at start but does not stop it. */
    static List<String> warnings(Settings settings) {
        return settings.isProd() ? OpenSecrets.warnings(settings) : List.of();
    }
}
