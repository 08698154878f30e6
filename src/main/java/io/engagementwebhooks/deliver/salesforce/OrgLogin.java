package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.egress.EgressRefusedException;
import io.engagementwebhooks.deliver.egress.NotPublicLog;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.auth.SalesforceLogin;
import io.engagementwebhooks.webhook.auth.Secret;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs in at an org and checks the response. Secrets are sent only to the connection's login URL, never to one from a
 * response.
 */
final class OrgLogin {

    private static final Logger LOG = LoggerFactory.getLogger(OrgLogin.class);
    private static final String TOKEN_PATH = "/services/oauth2/token";
    private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]+");
    private static final Pattern ORG_ID = Pattern.compile(".*id/[A-Za-z0-9]{18}(/.*)?");
    private static final Pattern ERROR_CODE = Pattern.compile("[a-z_]{1,64}");

    /** Error codes of temporary failures. */
    private static final Set<String> PASSING =
            Set.of("rate_limit_exceeded", "server_error", "temporarily_unavailable", "unknown_error");

    /** Added to the login timeout, for the lock of the refresh token. */
    private static final Duration MARGIN = Duration.ofSeconds(30);

    private static final long FIRST_POLL_MS = 100;
    private static final long LONGEST_POLL_MS = 1_000;

    private final SalesforceConnection connection;
    private final EgressClient egress;
    private final InstanceRule instances;
    private final Duration timeout;
    private final RefreshTokens refreshTokens;
    private final Clock clock;
    private final Executor threads;

    /** @param threads sign requests, read responses, and refresh tokens, which are in the store */
    OrgLogin(SalesforceConnection connection, OrgDependencies dependencies, Executor threads) {
        this.connection = connection;
        this.egress = dependencies.egress();
        this.threads = threads;
        this.instances = new InstanceRule(
                connection.instanceSuffixes(),
                url -> dependencies.rules().refusal(url).isEmpty());
        this.timeout = dependencies.loginTimeout();
        this.refreshTokens = dependencies.refreshTokens();
        this.clock = dependencies.clock();
    }

    /** Logs in. Fails with {@link LoginFault}. */
    CompletableFuture<OrgToken> token() {
        return CompletableFuture.supplyAsync(() -> isByRefreshToken() ? loginLocked() : login(), threads)
                .thenCompose(Function.identity());
    }

    private boolean isByRefreshToken() {
        return connection.login() instanceof SalesforceLogin.RefreshToken;
    }

    /** Logs in under the lock of the refresh token, one instance at a time, with the latest refresh token. */
    private CompletableFuture<OrgToken> loginLocked() {
        return lock(System.nanoTime() + timeout.toNanos(), FIRST_POLL_MS).thenCompose(lock -> login().whenCompleteAsync(
                        (token, failure) -> refreshTokens.end(connection), threads));
    }

    /** @param pollMillis until the next attempt to lock, which queries the store; doubles */
    private CompletableFuture<Void> lock(long end, long pollMillis) {
        if (refreshTokens.begin(connection, timeout.plus(MARGIN))) {
            return CompletableFuture.completedFuture(null);
        }
        if (System.nanoTime() - end > 0) {
            return CompletableFuture.failedFuture(
                    LoginFault.passing("another instance has been logging in at Salesforce for a while"));
        }
        return CompletableFuture.runAsync(
                        () -> {}, CompletableFuture.delayedExecutor(pollMillis, TimeUnit.MILLISECONDS, threads))
                .thenCompose(waited -> lock(end, Math.min(2 * pollMillis, LONGEST_POLL_MS)));
    }

    private CompletableFuture<OrgToken> login() {
        try {
            return egress.begin(request(), null)
                    .wholeAnswer()
                    .thenApply(OrgCalls::whole)
                    .handleAsync((answer, failure) -> failure == null ? answer : fail(failure), threads)
                    .thenCompose(this::read);
        } catch (RuntimeException e) {
            // not thrown, so that the lock of the refresh token ends
            return CompletableFuture.failedFuture(e);
        }
    }

    private OutgoingRequest request() {
        byte[] form = LoginForm.of(connection, refreshTokens, clock).getBytes(StandardCharsets.UTF_8);
        OutgoingRequest request = new OutgoingRequest(
                connection.account(), tokenUrl(), "POST", form, clock.instant().plus(timeout));
        request.header("Content-Type", "application/x-www-form-urlencoded");
        request.header("Accept", "application/json");
        return request;
    }

    private URI tokenUrl() {
        String base = connection.loginUrl().toString();
        return URI.create((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + TOKEN_PATH);
    }

    private Answer fail(Throwable failure) {
        Throwable cause = Causes.unwrapped(failure);
        NotPublicLog.note(cause, connection.account(), "connection=" + connection.name());
        if (cause instanceof EgressRefusedException refused) {
            throw LoginFault.lasting("the login at Salesforce was not sent: " + refused.getMessage());
        }
        if (cause instanceof NothingSentException unsent) {
            throw LoginFault.passing(unsent.getMessage());
        }
        throw LoginFault.passing(
                cause instanceof TimeoutException
                        ? "Salesforce's login did not answer within " + timeout.toSeconds() + " s"
                        : "Salesforce's login cannot be reached");
    }

    private CompletionStage<OrgToken> read(Answer answer) {
        JsonNode content = OrgAnswers.json(answer.body());
        if (answer.status() != 200) {
            throw refusal(answer.status(), content);
        }
        String token = content.path("access_token").asText("");
        if (!TOKEN.matcher(token).matches()) {
            throw LoginFault.lasting("Salesforce's login answered without a usable access_token");
        }
        if (!ORG_ID.matcher(content.path("id").asText("")).matches()) {
            throw LoginFault.lasting("Salesforce's login answered without the id of an org");
        }
        URI instance = instances.checked(content.path("instance_url").asText(""));
        return storeRotated(content.path("refresh_token").asText(""))
                .thenApply(storeRotated -> new OrgToken(token, instance));
    }

    /** Stores a rotated refresh token before anything else, since each can be used only once. */
    private CompletionStage<Void> storeRotated(String refreshToken) {
        if (!isByRefreshToken()) {
            return CompletableFuture.completedFuture(null);
        }
        if (refreshToken.isEmpty()) {
            refreshTokens.used(connection);
            return CompletableFuture.completedFuture(null);
        }
        return refreshTokens.keep(connection, Secret.of(refreshToken)).exceptionally(failure -> {
            LOG.error(
                    "salesforce.refresh-token-not-stored connection={}: after a restart the connection needs a new one",
                    connection,
                    failure);
            return null;
        });
    }

    private LoginFault refusal(int status, JsonNode content) {
        String code = content.path("error").asText("");
        if (status >= 500 || status == 429 || status == 408 || status < 400 || PASSING.contains(code)) {
            return LoginFault.passing("Salesforce's login answered " + status + withCode(code));
        }
        return LoginFault.lasting("Salesforce refused the login with " + status + withCode(code) + ": "
                + LoginForm.advice(connection.login(), code));
    }

    private static String withCode(String code) {
        return ERROR_CODE.matcher(code).matches() ? " " + code : "";
    }
}
