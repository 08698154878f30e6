package io.engagementwebhooks.operate.jmx;

import io.engagementwebhooks.deliver.oauth2.TokenSource;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.config.ConfigStatus;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.camel.CamelContext;

/** Registers the MBeans of the product while it runs. */
public final class ManagementBeans implements AutoCloseable {

    /** The JMX domain of the product. */
    public static final String DOMAIN = "io.engagementwebhooks";

    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    private final List<ObjectName> registered = new ArrayList<>();
    private final CamelContext context;

    /** @param context whose name distinguishes several products in one process */
    public ManagementBeans(CamelContext context) {
        this.context = context;
    }

    /** The parts that the MBeans use. */
    public record Parts(
            Store store,
            Outbox outbox,
            Supplier<Config> config,
            TokenSource tokens,
            MeterRegistry meters,
            Clock clock) {}

    /** The status of the configuration file, and its reload. */
    public record Files(Supplier<ConfigStatus> status, Runnable reading, Supplier<List<String>> routeFaults) {}

    /** @throws IllegalStateException if another product of this name is registered in this process */
    public void register(Parts parts, Files files) {
        JmxLookup known = new JmxLookup(parts.store(), parts.config(), parts.clock());
        register("Statistics", new StatisticsBean(known, parts.outbox(), parts.meters()), Statistics.class);
        register("Queues", new QueuesBean(known, parts.outbox()), Queues.class);
        register("Webhooks", new WebhookControlBean(known, parts.outbox()), WebhookControl.class);
        register("Deliveries", new DeliveryControlBean(known, parts.outbox()), DeliveryControl.class);
        register("Tokens", new TokenControlBean(known, parts.tokens()), TokenControl.class);
        register(
                "Config",
                new ConfigControlBean(files.status(), files.reading(), files.routeFaults()),
                ConfigControl.class);
        register("Rooms", new RoomControlBean(context), RoomControl.class);
    }

    private <T> void register(String name, T bean, Class<T> face) {
        try {
            ObjectName full = name(context.getName(), name);
            server.registerMBean(new DescribedBean(bean, face), full);
            registered.add(full);
        } catch (JMException e) {
            throw new IllegalStateException("MBean " + name + " of " + context.getName() + " cannot be registered", e);
        }
    }

    /** The name of an MBean of the product. */
    public static ObjectName name(String context, String name) {
        try {
            return new ObjectName(DOMAIN + ":context=" + ObjectName.quote(context) + ",type=Webhooks,name=" + name);
        } catch (JMException e) {
            throw new IllegalArgumentException(name, e);
        }
    }

    @Override
    public void close() {
        for (ObjectName name : registered) {
            try {
                server.unregisterMBean(name);
            } catch (InstanceNotFoundException e) {
                // unregistered by another thread
            } catch (JMException e) {
                throw new IllegalStateException("MBean " + name + " cannot be taken away", e);
            }
        }
        registered.clear();
    }
}
