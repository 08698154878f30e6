package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.credential.Redactor;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.egress.HttpFailures;
import io.engagementwebhooks.deliver.egress.NotPublicLog;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.judge.RetryAfter;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.deliver.step.ContinuationExecutor;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.auth.ClientCredential;
import io.engagementwebhooks.webhook.auth.Secret;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Requests tokens from token endpoints, one request per call. Thread-safe. */
record TokenEndpoint(EgressClient egress, Clock clock, Duration timeout) {

    private static final Logger LOG = LoggerFactory.getLogger(TokenEndpoint.class);

    /** The timeout of a token request, from DNS to the end of the response. */
    static final Duration TIMEOUT = Duration.ofSeconds(10);

    private static final int UNAUTHORIZED = 401;

    /** Statuses of temporary failures, not of the credential. */
    private static final Set<Integer> TEMPORARY = Set.of(408, 425, 429);

    private static final Duration LONGEST_WAIT = Duration.ofHours(1);

    /**
     * Requests a token without blocking. Fails with a {@link TokenException}, whose message holds no secret of the
     * client, or as {@link EgressClient#begin}.
     *
     * @param threads parses the response, off the event loop, and completes the future
     */
    CompletableFuture<Token> begin(OAuthClient client, ContinuationExecutor threads) {
        CompletableFuture<Token> token = new CompletableFuture<>();
        egress.begin(request(client), null)
                .answer()
                .whenComplete((answer, failure) -> threads.execute(() -> {
                    try {
                        token.complete(token(client, answer, failure));
                    } catch (TokenException | RuntimeException | Error e) {
                        FatalErrors.check(e);
                        token.completeExceptionally(e);
                    }
                }));
        return token;
    }

    /** Requests a token and blocks. @throws TokenException as {@link #begin} */
    Token fetch(OAuthClient client) throws TokenException {
        try {
            return token(client, egress.send(request(client)), null);
        } catch (IOException e) {
            return token(client, null, e);
        }
    }

    private OutgoingRequest request(OAuthClient client) {
        return TokenRequests.of(client, clock.instant(), clock.instant().plus(timeout));
    }

    private Token token(OAuthClient client, Answer answer, Throwable failure) throws TokenException {
        String endpoint = "The token endpoint " + client.tokenUrl().getRawAuthority();
        if (failure instanceof IOException e) {
            throw unanswered(client, endpoint, e);
        }
        if (failure != null) {
            throw failure instanceof RuntimeException known ? known : new IllegalStateException(failure);
        }
        if (answer.status() < 200 || answer.status() > 299) {
            throw refused(client, endpoint, answer);
        }
        try {
            return TokenAnswer.token(answer, clock.instant(), text -> redacted(text, client));
        } catch (TokenException fault) {
            throw new TokenException(fault.error(), endpoint + " " + fault.getMessage());
        }
    }

    private TokenException unanswered(OAuthClient client, String endpoint, IOException failure) {
        LOG.debug("{} failed", endpoint, failure);
        NotPublicLog.note(failure, client.account(), "oauth-client=" + client.name());
        String words = HttpFailures.words(failure, endpoint, timeout).orElse(endpoint + " gave no answer");
        return new TokenException(TokenError.of(failure), words.replace("this webhook", "this OAuth client"));
    }

    private TokenException refused(OAuthClient client, String endpoint, Answer answer) {
        int status = answer.status();
        String error = TokenAnswer.error(answer, text -> redacted(text, client));
        String words = endpoint + " answered " + status + (error.isEmpty() ? "" : " " + error);
        LOG.warn("token.refused account={} client={}: {}", client.account(), client.name(), words);
        return new TokenException(error(answer), words, requestedWait(answer));
    }

    private static TokenError error(Answer answer) {
        int status = answer.status();
        if (status >= 500 || TEMPORARY.contains(status)) {
            return TokenError.UNAVAILABLE;
        }
        if (status < 400) {
            return TokenError.REDIRECT;
        }
        boolean ofClient = status == UNAUTHORIZED || "invalid_client".equals(TokenAnswer.errorCode(answer));
        return ofClient ? TokenError.CLIENT_REFUSED : TokenError.REQUEST_REFUSED;
    }

    private Duration requestedWait(Answer answer) {
        Instant now = clock.instant();
        return RetryAfter.of(answer.header("retry-after"), now)
                .map(until -> Duration.between(now, until))
                .map(wait -> wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT)
                .orElse(Duration.ZERO);
    }

    /** Masks the client's secrets and assertions, which a reader could use. */
    private static String redacted(String text, OAuthClient client) {
        List<String> secrets = new ArrayList<>();
        if (!(client.credential() instanceof ClientCredential.SignedAssertion)) {
            client.credential().secret().map(Secret::reveal).ifPresent(secret -> {
                secrets.add(secret);
                // also as Base64, which masking of the decoded value misses if it is escaped
                secrets.add(TokenRequests.basic(client.clientId(), secret));
                secrets.add(
                        TokenRequests.basic(TokenRequests.encoded(client.clientId()), TokenRequests.encoded(secret)));
            });
        }
        client.parameters().further().stream()
                .filter(field -> !field.shown())
                .forEach(field -> secrets.add(field.value().reveal()));
        return Redactor.of(secrets).redact(Redactor.redactSignedTokens(text));
    }
}
