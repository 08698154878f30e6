package io.engagementwebhooks.bench;

import java.util.Arrays;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;

/** The cost of four steps in a Kamelet, compared to the same steps in a route. */
final class KameletCost {

    private static final int ROUNDS = 9;
    private static final long ROUND_NANOS = 400_000_000L;

    private KameletCost() {}

    public static void main(String[] arguments) throws Exception {
        DefaultCamelContext camel = new DefaultCamelContext();
        try {
            camel.setStreamCaching(false);
            camel.getRegistry().bind("step", (Processor) exchange -> exchange.setProperty("passed", exchange));
            camel.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    routeTemplate("four-action")
                            .from("kamelet:source")
                            .process("step")
                            .process("step")
                            .process("step")
                            .process("step");
                    from("direct:inline")
                            .process("step")
                            .process("step")
                            .process("step")
                            .process("step");
                    from("direct:kamelet").to("kamelet:four-action");
                }
            });
            camel.start();
            double inline = microseconds(camel, "direct:inline");
            double kamelet = microseconds(camel, "direct:kamelet");
            System.out.printf("in the route    %6.2f us%n", inline);
            System.out.printf("by a Kamelet    %6.2f us   adds %.2f%n", kamelet, kamelet - inline);
        } finally {
            camel.stop();
        }
    }

    /** The median of some rounds, after three to warm up. */
    private static double microseconds(CamelContext camel, String uri) throws Exception {
        try (var producer = camel.getEndpoint(uri).createAsyncProducer()) {
            producer.start();
            double[] rounds = new double[ROUNDS];
            for (int round = -3; round < ROUNDS; round++) {
                long start = System.nanoTime();
                long count = 0;
                while (System.nanoTime() - start < ROUND_NANOS) {
                    Exchange exchange = new DefaultExchange(camel);
                    exchange.setProperty("one", "1");
                    exchange.getIn().setBody("body");
                    producer.process(exchange);
                    count++;
                }
                if (round >= 0) {
                    rounds[round] = (System.nanoTime() - start) / 1000.0 / count;
                }
            }
            Arrays.sort(rounds);
            return rounds[ROUNDS / 2];
        }
    }
}
