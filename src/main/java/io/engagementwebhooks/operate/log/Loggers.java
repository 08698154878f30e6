package io.engagementwebhooks.operate.log;

import ch.qos.logback.classic.Logger;

/** Distinguishes the product's loggers from those of libraries. */
final class Loggers {

    private Loggers() {}

    static boolean isOurs(Logger logger) {
        String name = logger.getName();
        return name.startsWith("io.engagementwebhooks.") || name.startsWith("webhooks.");
    }
}
