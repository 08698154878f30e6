package io.engagementwebhooks;

import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.operate.CommandLine;
import org.slf4j.LoggerFactory;

/** The product: {@code java -jar engagement-webhooks.jar}. */
public final class EngagementWebhooks {

    private EngagementWebhooks() {}

    public static void main(String[] arguments) {
        Thread.setDefaultUncaughtExceptionHandler(EngagementWebhooks::uncaught);
        int code = CommandLine.run(arguments);
        if (code != 0) {
            System.exit(code);
        }
    }

    private static void uncaught(Thread thread, Throwable failure) {
        FatalErrors.check(failure);
        LoggerFactory.getLogger(EngagementWebhooks.class).error("thread.died name={}", thread.getName(), failure);
    }
}
