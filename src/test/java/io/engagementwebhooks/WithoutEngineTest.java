package io.engagementwebhooks;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An application that has the artifact on its class path and does not embed the engine. */
class WithoutEngineTest {

    @AutoClose
    private final DefaultCamelContext camel = new DefaultCamelContext();

    @ParameterizedTest
    @CsvSource({
        "direct:in, outbox:accept, outbox:",
        "outbox:due, log:out, outbox:",
        "direct:in, receiver:webhook, receiver:",
    })
    void components_of_the_engine_say_at_the_start_that_they_need_it(String from, String to, String component)
            throws Exception {
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from(from).to(to);
            }
        });

        Throwable failure = assertThrows(Exception.class, camel::start);

        assertTrue(
                Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
                        .anyMatch(cause ->
                                String.valueOf(cause.getMessage()).startsWith(component + " needs the engine")),
                failure::toString);
    }
}
