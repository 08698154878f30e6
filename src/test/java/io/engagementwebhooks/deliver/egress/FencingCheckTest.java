package io.engagementwebhooks.deliver.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.deliver.FencingCheck;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.request.RequestBuilding;
import io.engagementwebhooks.deliver.request.RequestSigning;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.ReceiverStep;
import io.engagementwebhooks.testkit.SampleDelivery;
import java.net.InetAddress;
import java.net.URI;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

/** Semantics 19: ownership is checked right before the first byte, even after a slow connect. */
class FencingCheckTest {

    private final AtomicBoolean mine = new AtomicBoolean(true);

    @Test
    void a_delivery_lost_during_the_connect_is_not_sent() throws Exception {
        EgressRules rules = new EgressRules(EgressSettings.of("127.0.0.0/8", "", ""));
        SystemNames.Lookup slow = name -> {
            mine.set(false);
            return new InetAddress[] {InetAddress.getLoopbackAddress()};
        };
        try (DefaultCamelContext camel = new DefaultCamelContext();
                Receiver receiver = new Receiver(got -> new Receiver.Reply(200));
                EgressClient egress = new EgressClient(
                        rules, "1", Clock.systemUTC(), new NameResolver(new SystemNames(slow), Clock.systemUTC()))) {
            camel.getRegistry()
                    .bind(
                            "receiverCalls",
                            ReceiverStep.by(egress, new FencingCheck(delivery -> mine.get(), Clock.systemUTC())));
            camel.start();
            URI url = URI.create("http://localhost:" + receiver.url().getPort() + "/");
            Exchange exchange = new DefaultExchange(camel);
            exchange.getMessage().setBody(new SampleDelivery(url).delivery());
            new RequestBuilding(Clock.systemUTC(), AttemptTracing.PROPAGATE_ONLY).process(exchange);
            new RequestSigning(Clock.systemUTC()).process(exchange);
            camel.createProducerTemplate().send("receiver:webhook", exchange);
            assertEquals(NothingSentException.class, exchange.getException().getClass());
            assertEquals(0, receiver.requests().size());
        }
    }
}
