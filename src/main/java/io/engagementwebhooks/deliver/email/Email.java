package io.engagementwebhooks.deliver.email;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.deliver.Delivery;
import java.util.regex.Pattern;

/**
 * What an e-mail says. The words are the product's own: what an account writes reaches no mailbox but the names of its webhooks
 * and the reasons of failures.
 *
 * @param subject one line
 * @param text lines that end with a line feed
 */
record Email(String subject, String text) {

    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\p{Zl}\\p{Zp}]+");
    private static final Pattern LINK = Pattern.compile("\\S*[\\p{L}\\p{N}]([.@/]|:/)[\\p{L}\\p{N}/]\\S*");
    private static final int LONGEST_LINE = 400;

    /** Of a test: it says nothing of the event. */
    static Email ofTest(Delivery delivery) {
        String webhook = plain(delivery.webhook().name());
        return new Email(
                "Test of webhook " + webhook,
                "This is a test. Webhook " + webhook + " sends e-mail to this address when a webhook of account "
                        + line(delivery.webhook().account()) + " fails, recovers or is disabled.\n");
    }

    /** Of an event of the product's own. */
    static Email of(Delivery delivery) {
        JsonNode data = delivery.content().path("data");
        String sentence = "Webhook " + plain(data.path("webhook").asText()) + " "
                + happened(delivery.event().type());
        StringBuilder text = new StringBuilder(sentence + ".\n\n");
        text.append("Reason: ").append(plain(data.path("reason").asText())).append('\n');
        text.append("Since: ").append(line(data.path("since").asText())).append('\n');
        text.append("Deliveries queued: ").append(data.path("waiting").asLong()).append('\n');
        text.append("\nSent by webhook ")
                .append(plain(delivery.webhook().name()))
                .append(" of account ");
        text.append(line(delivery.webhook().account())).append(".\n");
        return new Email(sentence, text.toString());
    }

    private static String happened(String type) {
        return switch (type) {
            case "webhook.failing" -> "is failing";
            case "webhook.recovered" -> "has recovered";
            case "webhook.disabled" -> "was disabled";
            default -> "has deliveries that expire soon";
        };
    }

    /** A line in which what looks like a link or an address is left out: an account can choose such a text. */
    private static String plain(String text) {
        return LINK.matcher(line(text)).replaceAll("…");
    }

    private static String line(String text) {
        String line = CONTROL.matcher(text).replaceAll(" ");
        return line.length() > LONGEST_LINE ? line.substring(0, LONGEST_LINE) + "…" : line;
    }
}
