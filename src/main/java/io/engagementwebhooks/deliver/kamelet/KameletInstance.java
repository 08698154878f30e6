package io.engagementwebhooks.deliver.kamelet;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.StartupSummaryLevel;
import org.apache.camel.component.kamelet.KameletComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.errorhandler.NoErrorHandlerDefinition;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;

/**
 * A Kamelet in its own Camel context, started when it is first used: JMX, route dumps and the product's beans are out
 * of its reach, and its values are in no list of the product. Thread-safe.
 */
final class KameletInstance {

    private static final String ROUTE = "send";
    private static final int STOP_SECONDS = 1;

    private final String uri;
    private final Function<Supplier<CamelContext>, CamelContext> quietly;
    private final ReentrantLock starting = new ReentrantLock();
    private CamelContext context;
    private ProducerTemplate producer;
    private long lastUsed;

    /** When the deliveries that use it should have ended. */
    private final List<Long> limits = new ArrayList<>();

    /** @param quietly runs the start without log lines, which hold the values of options */
    KameletInstance(String kamelet, Function<Supplier<CamelContext>, CamelContext> quietly) {
        this.uri = "kamelet:" + kamelet + "/" + ROUTE;
        this.quietly = quietly;
    }

    /**
     * Starts it, unless it runs.
     *
     * @throws RuntimeCamelException if its component, its properties or its beans have a fault; the next call starts it again
     */
    void start(KameletDefinition definition, Kamelets.Values values) throws InterruptedException {
        starting.lockInterruptibly();
        try {
            if (context == null) {
                context = quietly.apply(() -> started(definition, values));
                producer = context.createProducerTemplate();
            }
        } finally {
            starting.unlock();
        }
    }

    private CamelContext started(KameletDefinition definition, Kamelets.Values values) {
        CamelContext made = new DefaultCamelContext();
        made.getCamelContextExtension().setName(definition.name());
        made.disableJMX();
        // the default one logs the exception, which may hold credentials
        made.getCamelContextExtension().setErrorHandlerFactory(new NoErrorHandlerDefinition());
        made.setStartupSummaryLevel(StartupSummaryLevel.Off);
        made.getShutdownStrategy().setTimeout(STOP_SECONDS);
        values.beans().forEach(made.getRegistry()::bind);
        try {
            made.getComponent("kamelet", KameletComponent.class)
                    .setRouteProperties(new HashMap<>(Map.of(ROUTE, values.properties())));
            PluginHelper.getRoutesLoader(made)
                    .loadRoutes(ResourceHelper.fromBytes(definition.name() + ".kamelet.yaml", definition.yaml()));
            made.start();
            made.getEndpoint(uri);
            return made;
        } catch (Exception e) {
            made.stop();
            throw new RuntimeCamelException(e);
        }
    }

    /** Sends a message, on this thread, after the start. @return the exchange, with its exception if it failed */
    Exchange send(Processor message) {
        return producer.send(uri, message);
    }

    /** @param limit when the delivery must have ended, as {@link System#nanoTime()} */
    synchronized void acquire(long limit) {
        limits.add(limit);
    }

    synchronized void release(long limit, long now) {
        limits.remove((Object) limit);
        lastUsed = now;
    }

    synchronized boolean isUsed() {
        return !limits.isEmpty();
    }

    /** Whether a delivery has ignored its interrupt. */
    synchronized boolean hangs(long now) {
        return limits.stream().anyMatch(limit -> limit - now < 0);
    }

    /** Whether no delivery uses it but such that have ignored their interrupt. */
    synchronized boolean isOfNoUse(long now) {
        return limits.stream().allMatch(limit -> limit - now < 0);
    }

    /** When its last user left it, as {@link System#nanoTime()}. */
    synchronized long lastUsed() {
        return lastUsed;
    }

    /** Closes its connections, which ends deliveries that wait for a server. It may block. @return false: it is starting */
    boolean stop() {
        boolean isMine = starting.tryLock();
        if (isMine) {
            try {
                if (context != null) {
                    context.stop();
                }
            } finally {
                starting.unlock();
            }
        }
        return isMine;
    }
}
