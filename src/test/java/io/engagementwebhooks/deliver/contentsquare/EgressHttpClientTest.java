package io.engagementwebhooks.deliver.contentsquare;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.contentsquare.CallAttributes;
import io.engagementwebhooks.contentsquare.ContentsquareHttpClient.Request;
import io.engagementwebhooks.contentsquare.ContentsquareHttpClient.Response;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.egress.EgressRefusedException;
import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.deliver.egress.EgressSettings;
import io.engagementwebhooks.deliver.egress.RawReceiver;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.testkit.TestResolver;
import io.engagementwebhooks.testkit.TestResources;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EgressHttpClientTest extends TestResources {

    private static final Duration AMPLE = Duration.ofSeconds(30);

    private Response send(String allowed, RawReceiver receiver, Duration timeout, CallAttributes attributes) {
        EgressClient egress = opened(new EgressClient(
                new EgressRules(EgressSettings.of(allowed, "", "")), "1", Clock.systemUTC(), TestResolver.OF_MACHINE));
        URI url = URI.create("http://127.0.0.1:" + receiver.port() + "/");
        return new EgressHttpClient(egress, Clock.systemUTC())
                .send(new Request("POST", url, Map.of(), new byte[0], timeout, "acme", attributes))
                .join();
    }

    private RawReceiver answering(String answer) {
        return opened(new RawReceiver(talk -> {
            talk.request();
            talk.write(answer);
            talk.awaitEnd();
        }));
    }

    private Throwable failure(String allowed, RawReceiver receiver, Duration timeout, CallAttributes attributes) {
        return assertThrows(CompletionException.class, () -> send(allowed, receiver, timeout, attributes))
                .getCause();
    }

    @Test
    void the_egress_rules_apply_and_redirects_are_responses() {
        RawReceiver receiver =
                answering("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
        assertEquals(
                302, send("127.0.0.0/8", receiver, AMPLE, CallAttributes.NONE).status());
        assertInstanceOf(EgressRefusedException.class, failure("", receiver, AMPLE, CallAttributes.NONE));
        assertEquals(1, receiver.connections());
    }

    @Test
    void the_check_runs_once_connected_and_can_send_nothing() {
        RawReceiver receiver = answering("");
        CallAttributes lost = new CallAttributes(
                () -> {
                    await().until(() -> receiver.connections() == 1);
                    throw NothingSentException.fenced(Instant.EPOCH);
                },
                null);
        assertInstanceOf(NothingSentException.class, failure("127.0.0.0/8", receiver, AMPLE, lost));
        assertEquals(0, receiver.requests().size());
    }

    @Test
    void a_response_that_is_late_in_any_part_is_a_timeout() {
        for (String start : new String[] {"", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no"}) {
            assertInstanceOf(
                    TimeoutException.class,
                    failure("127.0.0.0/8", answering(start), Duration.ofMillis(300), CallAttributes.NONE));
        }
    }

    @Test
    void a_response_without_body_is_complete_in_any_coding() {
        RawReceiver receiver = answering("HTTP/1.1 202 Accepted\r\nContent-Encoding: br\r\nContent-Length: 0\r\n\r\n");
        assertEquals(
                202, send("127.0.0.0/8", receiver, AMPLE, CallAttributes.NONE).status());
    }

    @Test
    void a_long_body_is_cut() {
        Response response = send(
                "127.0.0.0/8",
                answering("HTTP/1.1 200 OK\r\nRetry-After: 7\r\nContent-Length: 1000000\r\n\r\n"
                        + "x".repeat(Answer.READ_BYTES + 1)),
                AMPLE,
                CallAttributes.NONE);
        assertTrue(response.cut());
        assertEquals(Answer.READ_BYTES, response.body().length);
        assertEquals("7", response.retryAfter());
    }
}
