package io.engagementwebhooks.deliver;

import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.util.Optional;
import java.util.function.Function;
import org.apache.camel.Exchange;

/** The webhook that a Kamelet was given by its account and name: of it the secrets stay in the set-up. */
final class NamedWebhook {

    /** What Kamelets write between the two, and all they write where neither is given. */
    private static final String BETWEEN = "/";

    private NamedWebhook() {}

    /** Empty: none was named. */
    static Optional<WebhookId> id(Exchange exchange) {
        String named = exchange.getProperty(Progress.NAMED, BETWEEN, String.class);
        if (named.equals(BETWEEN)) {
            return Optional.empty();
        }
        int between = named.indexOf(BETWEEN);
        if (between < 1 || between == named.length() - 1) {
            throw new IllegalArgumentException("'" + named + "' names no webhook: give 'account' and 'webhook'");
        }
        return Optional.of(new WebhookId(named.substring(0, between), named.substring(between + 1)));
    }

    /**
     * The webhook as it is defined now.
     *
     * @throws IllegalArgumentException if there is none
     */
    static Webhook of(WebhookId id, Function<WebhookId, Optional<Webhook>> webhooks) {
        return webhooks.apply(id)
                .orElseThrow(() -> new IllegalArgumentException(
                        "no webhook '" + id.name() + "' of an account '" + id.account() + "' is set up"));
    }
}
