package io.engagementwebhooks.deliver.step;

import io.engagementwebhooks.webhook.Webhook;
import java.util.Optional;
import java.util.function.BiFunction;
import org.apache.camel.Exchange;

/**
 * The webhook that a Kamelet names, by account and name or id, instead of by its secrets.
 *
 * @param account the account's id
 * @param idOrName the webhook's id or name
 */
public record WebhookRef(String account, String idOrName) {

    /**
     * String: the exchange property of a Kamelet's webhook, {@code account/name}; {@code /} means the delivery's
     * webhook.
     */
    private static final String PROPERTY = "webhookRef";

    /** Separates the two; alone if neither is given. */
    private static final String BETWEEN = "/";

    /** The webhook that the exchange's Kamelet names, if any. */
    public static Optional<WebhookRef> of(Exchange exchange) {
        String named = exchange.getProperty(PROPERTY, BETWEEN, String.class);
        if (named.equals(BETWEEN)) {
            return Optional.empty();
        }
        int between = named.indexOf(BETWEEN);
        if (between < 1 || between == named.length() - 1) {
            throw new IllegalArgumentException("'" + named + "' names no webhook: give 'account' and 'webhook'");
        }
        return Optional.of(new WebhookRef(named.substring(0, between), named.substring(between + 1)));
    }

    /**
     * The webhook as it is defined now.
     *
     * @param webhooks finds a webhook of an account by its id or name
     * @throws IllegalArgumentException if it does not exist
     */
    public Webhook in(BiFunction<String, String, Optional<Webhook>> webhooks) {
        return webhooks.apply(account, idOrName)
                .orElseThrow(() -> new IllegalArgumentException(
                        "no webhook '" + idOrName + "' of account '" + account + "' is defined"));
    }
}
