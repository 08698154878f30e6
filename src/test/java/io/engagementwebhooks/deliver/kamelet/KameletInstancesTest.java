package io.engagementwebhooks.deliver.kamelet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.auth.Secret;
import io.engagementwebhooks.webhook.signing.Signing;
import io.engagementwebhooks.webhook.template.Body;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which deliveries share a running Kamelet, and when it ends (semantics 50). */
@Timeout(60)
class KameletInstancesTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final AtomicLong nanos = new AtomicLong();
    private final List<CamelContext> contexts = new ArrayList<>();

    @AutoClose
    private final KameletInstances instances = new KameletInstances(nanos::get, this::started);

    private CamelContext started(Supplier<CamelContext> start) {
        CamelContext context = start.get();
        contexts.add(context);
        return context;
    }

    private static Kamelets.Allowed allowed(String uri) {
        String yaml =
                """
                metadata: {name: x-sink, labels: {camel.apache.org/kamelet.type: sink}}
                spec:
                  definition: {type: object, title: X, properties: {where: {type: string}}}
                  template: {from: {uri: "kamelet:source", steps: [{to: "%s"}]}}
                """
                        .formatted(uri);
        KameletDefinition definition = KameletDefinition.parse("x-sink", yaml.getBytes(StandardCharsets.UTF_8));
        return new Kamelets.Allowed(definition, Map.of(), Set.of("where"));
    }

    private static Target.Kamelet target(String where) {
        URI url = URI.create("kamelet:x-sink");
        return new Target.Kamelet(
                "x-sink",
                Map.of("where", Secret.of(where)),
                new Target.Http(url, "POST", new Body.WholeEvent(), Map.of(), Signing.NONE));
    }

    private KameletInstance used(String where) {
        return instances.use(target(where), allowed("mock:{{where}}"), TIMEOUT, instance -> instance);
    }

    @Test
    void the_same_properties_share_an_instance_and_others_do_not() {
        KameletInstance first = used("a");
        assertSame(first, used("a"));
        assertNotSame(first, used("b"));
        assertEquals(2, instances.running());
    }

    @Test
    void an_instance_ends_when_nothing_used_it_for_ten_minutes() {
        used("a");
        nanos.addAndGet(TimeUnit.MINUTES.toNanos(6));
        used("b");
        nanos.addAndGet(TimeUnit.MINUTES.toNanos(5));
        instances.stopUnused();
        assertEquals(1, instances.running());

        instances.use(target("b"), allowed("mock:{{where}}"), Duration.ofHours(1), instance -> {
            nanos.addAndGet(TimeUnit.MINUTES.toNanos(11));
            instances.stopUnused();
            assertEquals(1, instances.running(), "it is in use");
            return null;
        });
    }

    @Test
    void an_instance_that_holds_a_delivery_beyond_its_time_is_replaced_and_ends_when_no_other_delivery_uses_it() {
        instances.use(target("a"), allowed("mock:{{where}}"), Duration.ofHours(1), other -> {
            instances.use(target("a"), allowed("mock:{{where}}"), TIMEOUT, hanging -> {
                assertSame(other, hanging);
                nanos.addAndGet(TimeUnit.SECONDS.toNanos(6));
                instances.stopUnused();
                assertSame(hanging, used("a"), "its thread is only just interrupted");

                nanos.addAndGet(TimeUnit.SECONDS.toNanos(2));
                instances.stopUnused();
                assertNotSame(hanging, used("a"));
                assertTrue(contexts.get(0).isStarted(), "the other delivery may still end");
                return null;
            });
            instances.stopUnused();
            assertTrue(contexts.get(0).isStarted());
            nanos.addAndGet(TimeUnit.HOURS.toNanos(1));
            instances.stopUnused();
            assertTrue(contexts.get(0).isStopped());
            return null;
        });
    }

    @Test
    void of_too_many_the_one_that_is_idle_for_the_longest_time_ends() {
        for (int i = 0; i < KameletInstances.MOST; i++) {
            nanos.incrementAndGet();
            used("n" + i);
        }
        KameletInstance last = used("n" + (KameletInstances.MOST - 1));
        used("one more");
        assertEquals(KameletInstances.MOST, instances.running());
        assertSame(last, used("n" + (KameletInstances.MOST - 1)));
    }

    @Test
    void a_kamelet_that_cannot_start_is_tried_again_at_the_next_delivery() {
        KameletFault fault = assertThrows(
                KameletFault.class,
                () -> instances.use(target("a"), allowed("nosuch:{{where}}"), TIMEOUT, instance -> instance));
        assertTrue(fault.isLasting());
        assertTrue(fault.getMessage().startsWith("Kamelet x-sink cannot start ("), fault.getMessage());

        used("a");
    }
}
