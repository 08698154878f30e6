package io.engagementwebhooks.operate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.BeanRepository;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.support.DefaultRegistry;
import org.apache.camel.support.PluginHelper;

/**
 * Checks a set of routes in a scratch context, in which nothing runs and nothing is opened: syntax, options of endpoints,
 * beans that the routes name.
 */
final class RouteCheck {

    private RouteCheck() {}

    static List<String> faults(RouteFiles files, Settings settings) {
        List<String> faults = new ArrayList<>();
        List<String> locations = files.locations();
        if (locations.isEmpty()) {
            faults.add(files + " holds no *.camel.yaml");
        }
        CamelContext scratch = scratch(settings);
        try {
            for (String location : locations) {
                load(scratch, location, faults);
            }
            if (faults.isEmpty()) {
                start(scratch, files, faults);
            }
        } finally {
            scratch.stop();
        }
        return faults;
    }

    private static CamelContext scratch(Settings settings) {
        DefaultCamelContext scratch = new DefaultCamelContext(new DefaultRegistry(new Steps()));
        scratch.getPropertiesComponent().setInitialProperties(settings.properties());
        scratch.setAutoStartup(false);
        scratch.getRegistry().bind("platform-http-engine", new NoServer());
        return scratch;
    }

    private static void load(CamelContext scratch, String location, List<String> faults) {
        try {
            Resource resource = PluginHelper.getResourceLoader(scratch).resolveResource(location);
            PluginHelper.getRoutesLoader(scratch).loadRoutes(resource);
        } catch (Exception e) {
            faults.add(location + ": " + words(e));
        }
    }

    private static void start(CamelContext scratch, RouteFiles files, List<String> faults) {
        try {
            scratch.start();
        } catch (Exception e) {
            faults.add(files + ": " + words(e));
        }
    }

    private static String words(Throwable failure) {
        Throwable cause = failure;
        StringBuilder words = new StringBuilder();
        while (cause != null) {
            String message = cause.getMessage();
            if (message != null && words.indexOf(message) < 0) {
                words.append(words.isEmpty() ? "" : ": ").append(message);
            }
            cause = cause.getCause() == cause ? null : cause.getCause();
        }
        return words.toString();
    }

    /** Stands for the steps that the product binds, so that a name no step has is found. */
    private static final class Steps implements BeanRepository {

        private static final Processor STEP = exchange -> {};

        @Override
        public Object lookupByName(String name) {
            return Wiring.STEPS.contains(name) ? STEP : null;
        }

        @Override
        public <T> T lookupByNameAndType(String name, Class<T> type) {
            Object step = lookupByName(name);
            return type.isInstance(step) ? type.cast(step) : null;
        }

        @Override
        public <T> Map<String, T> findByTypeWithName(Class<T> type) {
            return Map.of();
        }

        @Override
        public <T> Set<T> findByType(Class<T> type) {
            return Set.of();
        }
    }

    private static final class NoServer implements PlatformHttpEngine {
        @Override
        public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
            return new Silent(endpoint, processor);
        }

        @Override
        public int getServerPort() {
            return 0;
        }
    }

    private static final class Silent extends DefaultConsumer implements PlatformHttpConsumer, Consumer {
        Silent(PlatformHttpEndpoint endpoint, Processor processor) {
            super(endpoint, processor);
        }

        @Override
        public PlatformHttpEndpoint getEndpoint() {
            return (PlatformHttpEndpoint) super.getEndpoint();
        }
    }
}
