package io.engagementwebhooks.operate;

import io.engagementwebhooks.console.signin.SignInLink;
import io.engagementwebhooks.operate.settings.Settings;
import java.util.Set;

/**
 * The text that a start prints at a terminal: the console's address and, before the first sign-in, a one-time sign-in
 * link.
 */
final class ConsoleGreeting {

    /** Addresses that are reachable as localhost. */
    private static final Set<String> LOCAL = Set.of("0.0.0.0", "::", "127.0.0.1");

    private ConsoleGreeting() {}

    /** Empty in profile {@code prod}, whose output is collected. */
    static String text(Settings settings, int port, SignInLink link) {
        if (settings.isProd()) {
            return "";
        }
        String host = settings.text("camel.server.host");
        String site = settings.scheme() + "://" + (LOCAL.contains(host) ? "localhost" : host) + ":" + port;
        return "Console: " + site + "/console\n"
                + link.offer()
                        .map(path -> "Sign in once, within 15 minutes: " + site + path + "\n")
                        .orElse("");
    }
}
