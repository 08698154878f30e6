package io.engagementwebhooks.operate.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.junit.jupiter.api.Test;

class HealthChecksTest {

    private static Stream<String> faults(int number) {
        return IntStream.rangeClosed(1, number).mapToObj(each -> "fault " + each);
    }

    @Test
    void a_message_has_the_first_faults_and_the_number_of_the_others() {
        HealthCheckResultBuilder result = HealthCheckResultBuilder.on(null);

        String message = HealthChecks.detail(result, "faults", faults(1_000));

        assertTrue(message.endsWith("; fault 10; and 990 more"), message);
        assertEquals(": fault 1; fault 2", HealthChecks.detail(result, "few", faults(2)));
        assertEquals("", HealthChecks.detail(result, "none", Stream.of()));
    }
}
