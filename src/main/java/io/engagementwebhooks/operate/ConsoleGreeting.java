package io.engagementwebhooks.operate;

import io.engagementwebhooks.console.signin.SignInLink;
import io.engagementwebhooks.operate.settings.Settings;

/**
 * The text that a start prints at a terminal: the console's address and, before the first sign-in, a one-time sign-in
 * link.
 */
final class ConsoleGreeting {

    private ConsoleGreeting() {}

    /** Empty in profile {@code prod}, whose output is collected. */
    static String text(Settings settings, int port, SignInLink link) {
        if (settings.isProd()) {
            return "";
        }
        String site = settings.site(port);
        return "Console: " + site + "/console\n"
                + link.offer()
                        .map(path -> "Sign in once, within 15 minutes: " + site + path + "\n")
                        .orElse("");
    }
}
