package io.engagementwebhooks.routes;

import static io.engagementwebhooks.routes.WholeProduct.callEnded;
import static io.engagementwebhooks.routes.WholeProduct.toSalesforce;
import static io.engagementwebhooks.routes.WholeProduct.webhook;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.egress.RawReceiver;
import io.engagementwebhooks.store.query.DeliveryRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.ConnectProxy;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * With a proxy, which is a setting and so takes a separate product, receivers and Salesforce are reached by it and by no other way.
 * Token endpoints and Contentsquare are called by the client that receivers are.
 */
@Timeout(300)
class ThroughProxyTest {

    @TempDir
    Path folder;

    private final Certificates certificates;

    ThroughProxyTest() throws Exception {
        certificates = new Certificates();
    }

    /** Semantics 29: plain http, which is allowed on loopback, goes to the org directly. */
    @Test
    void https_goes_through_the_proxy_and_is_shown_to_it_who_we_are() throws Exception {
        try (WholeProduct whole = new WholeProduct();
                RawReceiver receiver = receiver();
                ConnectProxy proxy = new ConnectProxy("us:hush-hush")) {
            proxy.leading("receiver.example:443", receiver.port());
            start(whole, "http://us:hush-hush@127.0.0.1:" + proxy.port());

            whole.accept(callEnded("e1"));

            List.of("secure", "tasks").forEach(webhook -> whole.await("e1", webhook, DeliveryState.DELIVERED));
            assertEquals(Set.of("receiver.example:443"), Set.copyOf(proxy.asked()));
        }
    }

    /** Promise 8: our fault is not their attempt. */
    @Test
    void a_proxy_that_refuses_us_uses_up_nobodys_attempts_and_nothing_goes_round_it() throws Exception {
        try (WholeProduct whole = new WholeProduct();
                RawReceiver receiver = receiver();
                ConnectProxy proxy = new ConnectProxy("us:hush-hush")) {
            start(whole, "http://us:another@127.0.0.1:" + proxy.port());

            whole.accept(callEnded("e1"));

            WholeProduct.await(() -> !whole.delivery("e1", "secure").reason().isEmpty());
            DeliveryRow waiting = whole.delivery("e1", "secure");
            assertEquals(DeliveryState.WAITING, waiting.state());
            assertEquals(List.of(), whole.attempts("e1", "secure"), waiting.reason());
            assertTrue(waiting.reason().contains("the proxy of this installation"), waiting.reason());
            assertEquals(0, receiver.connections());
        }
    }

    private RawReceiver receiver() throws Exception {
        return new RawReceiver(
                RawReceiver.answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
                certificates.server("receiver.example", 30));
    }

    private void start(WholeProduct whole, String proxy) throws IOException {
        Path ca = Files.writeString(folder.resolve("ca.pem"), certificates.pem());
        whole.start(
                folder,
                webhook(
                                "secure",
                                URI.create("https://receiver.example/"),
                                "authentication: {type: none}, tls: {ca: \"{{file:" + ca + "}}\"}")
                        + toSalesforce("tasks"),
                "webhooks.egress.proxy=" + proxy);
    }
}
