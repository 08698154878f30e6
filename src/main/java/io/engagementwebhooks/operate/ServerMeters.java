package io.engagementwebhooks.operate;

import io.engagementwebhooks.ledger.FileDescriptors;
import io.engagementwebhooks.server.Connections;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;

/** Metrics of the server's connections and of exhausted file descriptors. */
final class ServerMeters {

    private ServerMeters() {}

    /** @param connections empty in an application's own server, which does not count them */
    static void register(Optional<Connections> connections, MeterRegistry meters) {
        connections.ifPresent(known -> register(known, meters));
        FunctionCounter.builder(
                        "webhooks.file.descriptors.exhausted", FileDescriptors.OF_PROCESS, FileDescriptors::failures)
                .description("Connections and files that could not be opened without a free file descriptor")
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
                .description("Limit of concurrent connections")
                .register(meters);
        FunctionCounter.builder("webhooks.server.connections.evicted", connections, Connections::evicted)
                .description("Connections replaced by new ones")
                .register(meters);
        FunctionCounter.builder("webhooks.server.connections.refused", connections, Connections::refused)
                .description("Connections refused at the limit")
                .register(meters);
    }
}
