package io.engagementwebhooks.operate;

import io.engagementwebhooks.ledger.FileDescriptors;
import io.engagementwebhooks.server.Connections;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;

/** What the server's connections are and were, and how often file descriptors ran out, as metrics. */
final class ServerMeters {

    private ServerMeters() {}

    /** @param connections empty: the server is that of a main that is not ours, which counts none */
    static void register(Optional<Connections> connections, MeterRegistry meters) {
        connections.ifPresent(known -> register(known, meters));
        FunctionCounter.builder(
                        "webhooks.file.descriptors.exhausted", FileDescriptors.OF_PROCESS, FileDescriptors::failures)
                .description("Connections and files that could not be opened for want of a file descriptor")
                .register(meters);
    }

    private static void register(Connections connections, MeterRegistry meters) {
        Gauge.builder("webhooks.server.connections", connections, Connections::authenticated)
                .description(
                        "Open connections to the API and the console, without those being closed, by whether a caller has shown a key")
                .tag("caller", "known")
                .register(meters);
        Gauge.builder("webhooks.server.connections", connections, Connections::unauthenticated)
                .description(
                        "Open connections to the API and the console, without those being closed, by whether a caller has shown a key")
                .tag("caller", "unknown")
                .register(meters);
        Gauge.builder("webhooks.server.connections.limit", connections, Connections::limit)
                .description("Connections that there may be at a time")
                .register(meters);
        FunctionCounter.builder("webhooks.server.connections.evicted", connections, Connections::evicted)
                .description("Connections that were closed to make room for another")
                .register(meters);
        FunctionCounter.builder("webhooks.server.connections.refused", connections, Connections::refused)
                .description("Connections that were not taken for want of room")
                .register(meters);
    }
}
