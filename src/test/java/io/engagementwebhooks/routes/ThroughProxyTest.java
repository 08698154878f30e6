package io.engagementwebhooks.routes;

import static io.engagementwebhooks.routes.WholeProduct.callEnded;
import static io.engagementwebhooks.routes.WholeProduct.toContentsquare;
import static io.engagementwebhooks.routes.WholeProduct.toSalesforce;
import static io.engagementwebhooks.routes.WholeProduct.webhook;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.DeliveryRow;
import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.testkit.ConnectProxy;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Reply;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * With a proxy, which is a setting and so takes a product of its own, receivers, token endpoints, Salesforce and
 * Contentsquare are reached by it and by no other way.
 */
@Timeout(300)
class ThroughProxyTest {

    private static final List<String> WEBHOOKS = List.of("none", "oauth2", "tasks", "sessions");

    @TempDir
    Path folder;

    @Test
    void everything_goes_through_the_proxy_and_is_shown_to_it_who_we_are() {
        try (WholeProduct whole = new WholeProduct();
                Receiver receiver = new Receiver(got -> new Reply(200));
                ConnectProxy proxy = new ConnectProxy("us:hush-hush")) {
            Set<String> all = authorities(whole, receiver);
            all.forEach(authority ->
                    proxy.leading(authority, Integer.parseInt(authority.substring(authority.indexOf(':') + 1))));
            start(whole, receiver, "http://us:hush-hush@127.0.0.1:" + proxy.port());

            whole.accept(callEnded("e1"));

            WEBHOOKS.forEach(webhook -> whole.await("e1", webhook, DeliveryState.DELIVERED));
            assertEquals(all, new TreeSet<>(proxy.asked()));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Promise 8: our fault is not their attempt. */
    @Test
    void a_proxy_that_refuses_us_uses_up_nobodys_attempts_and_nothing_goes_round_it() {
        try (WholeProduct whole = new WholeProduct();
                Receiver receiver = new Receiver(got -> new Reply(200));
                ConnectProxy proxy = new ConnectProxy("us:hush-hush")) {
            start(whole, receiver, "http://us:another@127.0.0.1:" + proxy.port());

            whole.accept(callEnded("e1"));

            for (String webhook : WEBHOOKS) {
                WholeProduct.await(() -> !whole.delivery("e1", webhook).reason().isEmpty());
                DeliveryRow waiting = whole.delivery("e1", webhook);
                assertEquals(DeliveryState.WAITING, waiting.state(), webhook);
                assertEquals(List.of(), whole.attempts("e1", webhook), webhook + ": " + waiting.reason());
                assertTrue(waiting.reason().contains("the proxy of this installation"), waiting.reason());
            }
            assertEquals(List.of(), receiver.requests());
            assertEquals(0, whole.salesforce.logins());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void start(WholeProduct whole, Receiver receiver, String proxy) {
        whole.start(
                folder,
                webhook("none", receiver.url(), "authentication: {type: none}")
                        + webhook("oauth2", receiver.url(), "authentication: {type: oauth2, client: crm}")
                        + toSalesforce("tasks")
                        + toContentsquare("sessions"),
                "webhooks.egress.proxy=" + proxy);
    }

    private static Set<String> authorities(WholeProduct whole, Receiver receiver) {
        return Stream.of(receiver.url(), whole.tokens.url(), whole.salesforce.url(), whole.contentsquare.tokenUrl())
                .map(URI::getAuthority)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
