package io.engagementwebhooks;

import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.operate.CommandLine;
import io.engagementwebhooks.operate.Product;
import java.util.Properties;
import org.apache.camel.main.Main;
import org.slf4j.LoggerFactory;

/** The product: {@code java -jar engagement-webhooks.jar}, or {@link #embed embedded} in a Camel application. */
public final class EngagementWebhooks {

    private EngagementWebhooks() {}

    public static void main(String[] arguments) {
        Thread.setDefaultUncaughtExceptionHandler(EngagementWebhooks::uncaught);
        int code = CommandLine.run(arguments);
        if (code != 0) {
            System.exit(code);
        }
    }

    /**
     * Embeds the engine in a Camel application: its routes, steps, Kamelets, API and console run in the application's
     * context and start and stop with it. The application's own routes may use all of them.
     *
     * @param main the application, not started yet. It no longer reads its properties itself
     * @param properties all properties of the application: settings of ours ({@code webhooks.*}), Camel's ({@code
     *     camel.*}) and its own. environment variables and system properties take precedence, as with the jar
     * @throws IllegalArgumentException with all faults of the settings
     */
    public static void embed(Main main, Properties properties) {
        Product.addTo(main, properties);
    }

    private static void uncaught(Thread thread, Throwable failure) {
        FatalErrors.check(failure);
        LoggerFactory.getLogger(EngagementWebhooks.class).error("thread.died name={}", thread.getName(), failure);
    }
}
