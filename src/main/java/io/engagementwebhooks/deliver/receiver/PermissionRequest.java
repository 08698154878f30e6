package io.engagementwebhooks.deliver.receiver;

import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.egress.HttpFailures;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.store.outcome.Permission;
import io.engagementwebhooks.webhook.RetrySchedule;
import io.engagementwebhooks.webhook.Webhook;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * The validation request of HTTP 1.1 Web Hooks for Event Delivery 1.0.2: {@code OPTIONS} to the webhook's URL. The
 * method is not that of a delivery, and no credential is sent. Thread-safe.
 *
 * @param sender how receivers know this installation
 * @param random for tokens, and for the jitter of retries
 */
public record PermissionRequest(EgressClient egress, Sender sender, SecureRandom random, Clock clock) {

    static final String REQUEST_ORIGIN = "WebHook-Request-Origin";

    /** By which a receiver names its rate, in lower case. */
    public static final String ALLOWED_RATE = "webhook-allowed-rate";

    private static final String REQUEST_RATE = "WebHook-Request-Rate";
    private static final String REQUEST_CALLBACK = "WebHook-Request-Callback";
    private static final String ALLOWED_ORIGIN = "webhook-allowed-origin";

    private static final int TOKEN_BYTES = 16;

    /** When a webhook whose schedule has no retries asks again. */
    private static final Duration WITHOUT_RETRIES = Duration.ofHours(1);

    /**
     * How receivers know this installation.
     *
     * @param origin its host name
     * @param callbacks where a receiver may grant later, a URL that a token follows; empty: its public address is unknown
     */
    public record Sender(String origin, Optional<String> callbacks) {}

    String origin() {
        return sender.origin();
    }

    /** A token by which the receiver may grant later; null: it could not reach this installation. */
    String newToken() {
        if (sender.callbacks().isEmpty()) {
            return null;
        }
        byte[] bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /**
     * Asks the receiver of a delivery.
     *
     * @param question what is known before the answer
     * @param token null: none
     * @return the answer; fails if the request could not be sent for a reason that is not the receiver's
     */
    CompletionStage<Permission> send(Webhook webhook, OutgoingRequest delivery, Permission question, String token) {
        Duration timeout = webhook.delivery().timeout();
        OutgoingRequest options = new OutgoingRequest(
                webhook.account(),
                delivery.url(),
                "OPTIONS",
                new byte[0],
                clock.instant().plus(timeout),
                delivery.tls());
        options.header(REQUEST_ORIGIN, origin());
        webhook.delivery()
                .rateLimit()
                .ifPresent(limit -> options.header(REQUEST_RATE, Integer.toString(limit.perMinute())));
        if (token != null) {
            options.header(REQUEST_CALLBACK, sender.callbacks().orElseThrow() + token);
        }
        return egress.begin(options, null).answer().handle((answer, failure) -> {
            String refusal = failure == null ? refusal(answer) : unanswered(failure, timeout);
            return refusal == null
                    ? question.grantedAt(
                            clock.instant(), rate(answer.header(ALLOWED_RATE)).orElse(null))
                    : question.refusedUntil(
                            clock.instant().plus(gap(webhook.retry(), question.refusals() + 1)), refusal);
        });
    }

    /** The requests a minute in the value of {@link #ALLOWED_RATE}; empty: any. @param given null: left out */
    public static Optional<Integer> rate(String given) {
        return Optional.ofNullable(given)
                .map(String::strip)
                .filter(text -> text.matches("[1-9]\\d{0,8}"))
                .map(Integer::valueOf);
    }

    /** Of the schedule's gaps the last one repeats. */
    private Duration gap(RetrySchedule schedule, int refusals) {
        int retries = schedule.attempts() - 1;
        return retries == 0
                ? WITHOUT_RETRIES
                : schedule.gapAfter(Math.min(refusals, retries), random.nextDouble())
                        .orElseThrow();
    }

    /** Why an answer grants nothing; null: it grants. */
    private String refusal(Answer answer) {
        boolean isSuccess = answer.status() >= 200 && answer.status() <= 299;
        String allowed =
                Optional.ofNullable(answer.header(ALLOWED_ORIGIN)).orElse("").strip();
        if (isSuccess && (allowed.equals("*") || allowed.equalsIgnoreCase(origin()))) {
            return null;
        }
        String with =
                !isSuccess ? "" : allowed.isEmpty() ? " without WebHook-Allowed-Origin" : " and allows another origin";
        return "The endpoint has not permitted webhooks from " + origin() + ": it answered OPTIONS with "
                + answer.status() + with;
    }

    /** @throws CompletionException the failure, if it is not the receiver's */
    private static String unanswered(Throwable failure, Duration timeout) {
        Throwable cause = Causes.unwrapped(failure);
        return HttpFailures.words(cause, "The endpoint", timeout)
                .map(words -> words + "; it was asked by OPTIONS whether it permits webhooks")
                .orElseThrow(() -> new CompletionException(cause));
    }
}
