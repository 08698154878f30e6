package io.engagementwebhooks.deliver.contentsquare;

import io.engagementwebhooks.contentsquare.ContentsquareException;
import io.engagementwebhooks.contentsquare.ContentsquareTokenException;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.judge.FailureJudge;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.deliver.judge.RetryAfter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** Maps failures of an enrichment to outcomes. Thread-safe. */
public record ContentsquareFailures(ContentsquareProjects projects, Clock clock) implements FailureJudge {

    private static final int TOO_MANY_REQUESTS = 429;

    /** Refuses a new token: the credentials are wrong and can be fixed, so the delivery is retried. */
    private static final int UNAUTHORIZED = 401;

    @Override
    public Optional<Outcome> judge(Throwable failure, Delivery delivery) {
        if (failure instanceof ContentsquareTokenException token) {
            return Optional.of(noToken(token, delivery));
        }
        if (failure.getCause() instanceof NothingSentException) {
            // judged next, as the cause
            return Optional.empty();
        }
        if (failure instanceof ContentsquareException refused) {
            boolean again = refused.isRetryable() || refused.getStatus() == UNAUTHORIZED;
            return Optional.of(again ? later(refused) : Outcome.GaveUp.because(refused.getMessage()));
        }
        return Optional.empty();
    }

    @Override
    public Optional<Answer> answer(Throwable failure) {
        if (failure instanceof ContentsquareException refused && refused.getStatus() > 0) {
            String text = refused.getAnswer() == null ? "" : refused.getAnswer();
            return Optional.of(new Answer(refused.getStatus(), Map.of(), text.getBytes(StandardCharsets.UTF_8), ""));
        }
        return Optional.empty();
    }

    /** Without a token the delivery waits, without an attempt. */
    private Outcome noToken(ContentsquareTokenException token, Delivery delivery) {
        Instant now = clock.instant();
        Duration atLeast = RetryAfter.of(token.getRetryAfter(), now)
                .map(until -> Duration.between(now, until))
                .orElse(Duration.ZERO);
        String why =
                token.getCause() instanceof NothingSentException nothing ? nothing.getMessage() : token.getMessage();
        String reason =
                "No token for " + ContentsquareProjects.connection(delivery).name() + ": " + why;
        return new Outcome.NotSent(
                reason, projects.tokenFailed(delivery, reason, token.isRetryable(), atLeast), !token.isRetryable());
    }

    private Outcome later(ContentsquareException refused) {
        Instant wait = RetryAfter.of(refused.getRetryAfter(), clock.instant()).orElse(null);
        int status = refused.getStatus();
        boolean overloaded = status == 0 || status == TOO_MANY_REQUESTS || status >= 502;
        return new Outcome.TryLater(refused.getMessage(), wait, wait != null, overloaded);
    }
}
