package io.engagementwebhooks.store.query;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.deliver.egress.HttpFailures;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.PrematureChannelClosureException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Kinds are derived from the text of the reasons; this compares both. */
class ResponseKindTest {

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(new SocketTimeoutException(), ResponseKind.TIMEOUT),
                Arguments.of(new ConnectTimeoutException("slow"), ResponseKind.TIMEOUT),
                Arguments.of(new ConnectException(), ResponseKind.CONNECTION_REFUSED),
                Arguments.of(new UnknownHostException(), ResponseKind.NAME_NOT_RESOLVED),
                Arguments.of(new PrematureChannelClosureException("closed"), ResponseKind.NO_RESPONSE),
                Arguments.of(new SocketException("reset"), ResponseKind.NO_RESPONSE));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void each_failure_of_a_call_has_its_kind(Exception failure, ResponseKind kind) {
        String words = HttpFailures.words(failure, "The endpoint", Duration.ofSeconds(10))
                .orElseThrow();
        assertEquals(kind, ResponseKind.of(null, words), words);
    }

    @Test
    void a_credential_that_is_refused_is_another_kind_than_an_endpoint_that_is_down() {
        String token = "No token for OAuth client 'crm': The token endpoint auth.example.com ";
        assertEquals(ResponseKind.CREDENTIAL_REFUSED, ResponseKind.unsent(token + "answered 401 invalid_client"));
        assertEquals(ResponseKind.TIMEOUT, ResponseKind.unsent(token + "did not answer within 10 s"));
        assertEquals(ResponseKind.NOT_SENT, ResponseKind.unsent(token + "answered 503"));
        assertEquals(
                ResponseKind.CREDENTIAL_REFUSED,
                ResponseKind.unsent("Salesforce refused the login with 400 (invalid_grant): expired"));
    }
}
