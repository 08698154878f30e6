package com.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** An application of Spring Boot that has the artifact on its class path. */
class SpringBootTest {

    @EnableAutoConfiguration
    static class App {

        @Bean
        RouteBuilder own() {
            return new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:own").routeId("own").to("{{own.to}}");
                }
            };
        }
    }

    @Test
    void it_starts_with_its_own_routes_alone_and_knows_the_component_and_stops() {
        try (ConfigurableApplicationContext run = SpringApplication.run(App.class, "--own.to=log:own")) {
            CamelContext camel = run.getBean(CamelContext.class);
            assertEquals(List.of("own"), camel.getRoutes().stream().map(Route::getId).toList());
            assertNotNull(camel.getComponent("contentsquare"));
        }
    }

    @Test
    void a_route_that_needs_the_engine_says_so_at_the_start() {
        Throwable failure =
                assertThrows(Exception.class, () -> SpringApplication.run(App.class, "--own.to=outbox:accept"));
        assertTrue(
                Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
                        .anyMatch(cause -> String.valueOf(cause.getMessage()).contains("outbox: needs the engine")),
                failure::toString);
    }
}
