package io.engagementwebhooks.operate.jmx;

import io.engagementwebhooks.config.ConfigStatus;
import io.engagementwebhooks.deliver.oauth2.TokenSource;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.webhook.Config;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import javax.management.JMException;
import javax.management.ObjectName;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.ManagementAgent;

/** The MBeans of the product, which Camel's agent removes when the context has stopped. */
public final class ManagementBeans {

    /** The JMX domain of the product. */
    public static final String DOMAIN = "io.engagementwebhooks";

    private final Map<String, Object> beans;

    public ManagementBeans(CamelContext context, Parts parts, Files files) {
        JmxLookup known = new JmxLookup(parts.store(), parts.config(), parts.clock());
        beans = Map.of(
                "Statistics", new Statistics(known, parts.outbox(), parts.meters()),
                "Queues", new Queues(known, parts.outbox()),
                "Webhooks", new WebhookControl(known, parts.outbox()),
                "Deliveries", new DeliveryControl(known, parts.outbox()),
                "Tokens", new TokenControl(known, parts.tokens()),
                "Config", new ConfigControl(files.status(), files.reading(), files.routeFaults()),
                "Rooms", new RoomControl(context));
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

    /** Registers them, unless Camel's JMX is off, when Camel's agent has started. */
    public void register(CamelContext context) {
        ManagementAgent agent = context.getManagementStrategy().getManagementAgent();
        if (agent == null) {
            return;
        }
        beans.forEach((name, bean) -> {
            try {
                agent.register(bean, name(context.getName(), name));
            } catch (JMException e) {
                throw new IllegalStateException(
                        "MBean " + name + " of " + context.getName() + " cannot be registered", e);
            }
        });
    }

    /** The name of an MBean of the product. */
    public static ObjectName name(String context, String name) {
        try {
            return new ObjectName(DOMAIN + ":context=" + ObjectName.quote(context) + ",type=Webhooks,name=" + name);
        } catch (JMException e) {
            throw new IllegalArgumentException(name, e);
        }
    }
}
