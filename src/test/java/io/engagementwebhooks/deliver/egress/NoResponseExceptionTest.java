package io.engagementwebhooks.deliver.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Our texts for the exceptions of both transports. */
class NoResponseExceptionTest {

    private static Optional<String> words(IOException failure) {
        return HttpFailures.words(NoResponseException.of(failure), "The endpoint", Duration.ofSeconds(1));
    }

    @Test
    void a_reset_during_the_connect_is_not_reported_as_refused() {
        assertEquals(
                Optional.of("The endpoint reset the connection"),
                words(new ConnectException("finishConnect(..) failed with error(-104): Connection reset by peer")));
        assertEquals(
                Optional.of("The endpoint reset the connection"), words(new IOException("Connection reset by peer")));
        assertEquals(
                Optional.of("The endpoint refused the connection"),
                words(new ConnectException("finishConnect(..) failed with error(-111): Connection refused")));
    }
}
