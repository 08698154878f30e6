package io.engagementwebhooks.deliver.judge;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.webhook.Webhook;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.hc.core5.http.impl.EnglishReasonPhraseCatalog;

/**
 * Step {@code judge-response}: maps an HTTP response to the outcome of the attempt, by its status and not its body.
 * Thread-safe.
 */
public record AnswerJudging(Clock clock) implements Processor {

    private static final int GONE = 410;
    private static final Set<Integer> MAY_ASK_TO_WAIT = Set.of(429, 503);

    @Override
    public void process(Exchange exchange) {
        DeliveryContext context = DeliveryContext.of(exchange);
        Answer answer = context.answer();
        String note = Stream.of(answer.note(), Objects.requireNonNullElse(context.note(), ""))
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining("; "));
        DeliveryContext.endWithDelivery(exchange, judge(answer, note, context.delivery(), context.isTest()));
    }

    /** The outcome of a response. @param note of the attempt; empty: none */
    public Outcome judge(Answer answer, String note, Delivery delivery, boolean isTest) {
        int status = answer.status();
        Webhook webhook = delivery.webhook();
        if (status >= 200 && status < 300) {
            return new Outcome.Delivered(note);
        }
        if (webhook.delivery().succeedOn().contains(status)) {
            return new Outcome.Delivered(status + " counts as success" + (note.isEmpty() ? "" : "; " + note));
        }
        String reason = reason(status) + (note.isEmpty() ? "" : " (" + note + ")");
        if (status == GONE) {
            return isTest
                    ? Outcome.GaveUp.because(reason + "; only a delivery that is not a test disables the webhook")
                    : new Outcome.GaveUp(reason + ": the webhook is disabled", true, true);
        }
        if (webhook.giveUpOn().contains(status)) {
            return Outcome.GaveUp.because(reason + ", after which this webhook does not try again");
        }
        return requestedWait(answer)
                .map(until -> retryAt(reason, status, until))
                .orElseGet(() -> new Outcome.TryLater(reason, null, false, Outcome.TryLater.isOverload(status)));
    }

    private Optional<Instant> requestedWait(Answer answer) {
        return MAY_ASK_TO_WAIT.contains(answer.status())
                ? RetryAfter.of(answer.header("retry-after"), clock.instant())
                : Optional.empty();
    }

    /** Also used if this delivery would expire before: the wait applies to the webhook's other deliveries too. */
    private static Outcome.TryLater retryAt(String reason, int status, Instant until) {
        String waitRequest = reason + " and asked to wait until " + until.truncatedTo(ChronoUnit.SECONDS);
        return new Outcome.TryLater(waitRequest, until, true, Outcome.TryLater.isOverload(status));
    }

    private static String reason(int status) {
        String redirect = status >= 300 && status < 400 ? ": redirects are refused" : "";
        return "The receiver answered " + status + phrase(status) + redirect;
    }

    private static String phrase(int status) {
        String phrase = status >= 100 && status < 600
                ? EnglishReasonPhraseCatalog.INSTANCE.getReason(status, Locale.ENGLISH)
                : null;
        return phrase == null ? "" : " " + phrase;
    }
}
