package io.engagementwebhooks;

import io.engagementwebhooks.operate.CommandLine;

/** The product: {@code java -jar engagement-webhooks.jar}. */
public final class EngagementWebhooks {

    private EngagementWebhooks() {}

    public static void main(String[] arguments) {
        int code = CommandLine.run(arguments);
        if (code != 0) {
            System.exit(code);
        }
    }
}
