package io.engagementwebhooks.routes;

import io.engagementwebhooks.operate.Settings;
import io.engagementwebhooks.operate.Wiring;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.AdviceWith;
import org.apache.camel.builder.AdviceWithRouteBuilder;
import org.apache.camel.builder.ExchangeBuilder;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.spi.Registry;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.test.junit5.CamelTestSupport;
import org.apache.camel.test.junit5.TestExecutionConfiguration;
import org.apache.camel.util.function.ThrowingConsumer;

/**
 * One route file by itself, as Camel loads it: each step it may name is there, records that the message came by, and does
 * what a test asks of it. The route starts when the test has advised it.
 */
abstract class RouteAlone extends CamelTestSupport {

    private final String file;
    private final List<String> taken = new CopyOnWriteArrayList<>();
    private final Map<String, Processor> doing = new ConcurrentHashMap<>();

    /** @param file its name in the folder {@code routes} */
    RouteAlone(String file) {
        this.file = file;
    }

    @Override
    public void configureTest(TestExecutionConfiguration configuration) {
        configuration.withUseAdviceWith(true);
    }

    @Override
    protected void bindToRegistry(Registry registry) {
        for (String step : Wiring.STEPS) {
            Processor recorded = exchange -> {
                taken.add(step);
                doing.getOrDefault(step, nothing -> {}).process(exchange);
            };
            registry.bind(step, recorded);
        }
    }

    @Override
    protected RoutesBuilder createRouteBuilder() {
        return new RoutesBuilder() {
            @Override
            public void addRoutesToCamelContext(CamelContext camel) throws Exception {
                Properties settings = Settings.read(Path.of("target"), Map.of(), new Properties())
                        .properties();
                camel.getPropertiesComponent().setInitialProperties(settings);
                PluginHelper.getRoutesLoader(camel)
                        .loadRoutes(PluginHelper.getResourceLoader(camel)
                                .resolveResource("file:" + RouteFile.FOLDER.resolve(file)));
            }

            @Override
            public void addTemplatedRoutesToCamelContext(CamelContext camel) {
                // there are none
            }

            @Override
            public Set<String> updateRoutesToCamelContext(CamelContext camel) {
                throw new UnsupportedOperationException();
            }
        };
    }

    /** Changes a route before it starts. */
    void advise(String route, ThrowingConsumer<AdviceWithRouteBuilder, Exception> change) throws Exception {
        AdviceWith.adviceWith(context, route, false, change);
    }

    /** The endpoint that takes the place of a step. */
    MockEndpoint inPlaceOf(String route, String step) throws Exception {
        advise(route, a -> a.weaveById(step).replace().to("mock:" + step).id(step));
        return getMockEndpoint("mock:" + step);
    }

    /** What a step does besides being recorded. */
    void step(String name, Processor does) {
        doing.put(name, does);
    }

    /** The steps that messages came by, in order. */
    List<String> taken() {
        return taken;
    }

    /** Sends an empty message with properties, {@code name, value, …}. */
    Exchange send(String uri, Object... properties) {
        ExchangeBuilder exchange = ExchangeBuilder.anExchange(context);
        for (int i = 0; i < properties.length; i += 2) {
            exchange.withProperty((String) properties[i], properties[i + 1]);
        }
        return template.send(uri, exchange.build());
    }
}
