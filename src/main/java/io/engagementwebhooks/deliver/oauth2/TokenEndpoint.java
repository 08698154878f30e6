package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.deliver.Answer;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.egress.HttpFailures;
import io.engagementwebhooks.deliver.egress.NotPublicLog;
import io.engagementwebhooks.webhook.OAuthClient;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks token endpoints, one request per call. Thread-safe. */
final class TokenEndpoint {

    private static final Logger LOG = LoggerFactory.getLogger(TokenEndpoint.class);

    /** How long a token request may take, from resolving the name to the end of the answer. */
    static final Duration TIMEOUT = Duration.ofSeconds(10);

    private static final int UNAUTHORIZED = 401;

    /** Statuses that tell of the moment, not of the credential. */
    private static final Set<Integer> PASSING = Set.of(408, 425, 429);

    private static final Duration LONGEST_WAIT = Duration.ofHours(1);

    private final EgressClient egress;
    private final Clock clock;
    private final Duration timeout;

    TokenEndpoint(EgressClient egress, Clock clock, Duration timeout) {
        this.egress = egress;
        this.clock = clock;
        this.timeout = timeout;
    }

    /** @throws TokenFault if it gave none; its message holds no secret of the client */
    Token ask(OAuthClient client) throws TokenFault {
        String endpoint = "The token endpoint " + client.tokenUrl().getRawAuthority();
        Answer answer = send(client, endpoint);
        if (answer.status() < 200 || answer.status() > 299) {
            throw refused(client, endpoint, answer);
        }
        try {
            return TokenAnswer.token(answer, clock.instant(), text -> Masking.mask(text, client));
        } catch (TokenFault fault) {
            throw new TokenFault(fault.trouble(), endpoint + " " + fault.getMessage());
        }
    }

    private Answer send(OAuthClient client, String endpoint) throws TokenFault {
        try {
            return egress.send(
                    TokenRequests.of(client, clock.instant(), clock.instant().plus(timeout)));
        } catch (IOException e) {
            LOG.debug("{} failed", endpoint, e);
            NotPublicLog.note(e, client.account(), "oauth-client=" + client.name());
            String words = HttpFailures.words(e, endpoint, timeout).orElse(endpoint + " gave no answer");
            throw new TokenFault(TokenTrouble.of(e), words.replace("this webhook", "this OAuth client"));
        }
    }

    private TokenFault refused(OAuthClient client, String endpoint, Answer answer) {
        int status = answer.status();
        String error = TokenAnswer.error(answer, text -> Masking.mask(text, client));
        String words = endpoint + " answered " + status + (error.isEmpty() ? "" : " " + error);
        LOG.warn("token.refused client='{}' account={}: {}", client.name(), client.account(), words);
        return new TokenFault(trouble(answer), words, askedToWait(answer));
    }

    private static TokenTrouble trouble(Answer answer) {
        int status = answer.status();
        if (status >= 500 || PASSING.contains(status)) {
            return TokenTrouble.UNAVAILABLE;
        }
        if (status < 400) {
            return TokenTrouble.REDIRECT;
        }
        boolean ofClient = status == UNAUTHORIZED || "invalid_client".equals(TokenAnswer.errorCode(answer));
        return ofClient ? TokenTrouble.CLIENT_REFUSED : TokenTrouble.REQUEST_REFUSED;
    }

    private static Duration askedToWait(Answer answer) {
        String value = answer.header("retry-after");
        if (value == null || !value.matches("\\d{1,9}")) {
            return Duration.ZERO;
        }
        Duration wait = Duration.ofSeconds(Long.parseLong(value));
        return wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT;
    }
}
