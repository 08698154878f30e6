package io.engagementwebhooks.operate.routes;

import io.engagementwebhooks.deliver.kamelet.Kamelets;
import io.engagementwebhooks.deliver.step.OwnDestinations;
import io.engagementwebhooks.deliver.step.RouteReach;
import io.engagementwebhooks.operate.Wiring;
import io.engagementwebhooks.operate.log.ScratchContextFilter;
import io.engagementwebhooks.operate.settings.CamelSettingsBinder;
import io.engagementwebhooks.operate.settings.Settings;
import io.engagementwebhooks.webhook.Config;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Endpoint;
import org.apache.camel.MultipleConsumersSupport;
import org.apache.camel.NoSuchBeanException;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.direct.DirectEndpoint;
import org.apache.camel.component.kafka.KafkaClientFactory;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.camel.component.kamelet.KameletComponent;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;
import org.apache.camel.component.quartz.QuartzComponent;
import org.apache.camel.component.salesforce.SalesforceComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.model.rest.RestDefinition;
import org.apache.camel.model.rest.VerbDefinition;
import org.apache.camel.spi.BeanRepository;
import org.apache.camel.spi.NodeIdFactory;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.support.DefaultRegistry;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.util.ObjectHelper;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/**
 * Checks routes and Kamelets in a scratch context, in which no route starts and no step acts. It checks syntax,
 * options of endpoints, properties of Kamelets, placeholders, beans, duplicate ids of routes and steps, missing and
 * duplicate {@code direct:} endpoints, and secrets in routes. Each route is checked separately, so that the fault of
 * one hides no other's.
 */
public final class RouteCheck implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RouteCheck.class);

    /** Camel's message around the failed step. */
    private static final Pattern AT_STEP = Pattern.compile(
            "Failed to create route: .*? at: >>> (.*?) <<< in route: .*? because: (.*)", Pattern.DOTALL);

    private static final Pattern UNKNOWN_KEY = Pattern.compile("Unsupported field: (\\S+)");

    /** Saves half a second: at a stop, Quartz waits for threads that poll every 500 ms. */
    private static final Map<String, Object> NO_THREADS = Map.of(
            "org.quartz.threadPool.class", "org.quartz.simpl.ZeroSizeThreadPool",
            "org.quartz.jobStore.class", "org.quartz.simpl.RAMJobStore");

    private static final String NAMES =
            "known steps: " + sorted(Wiring.STEPS) + "; known clients: " + sorted(Wiring.CLIENTS);

    private final List<String> faults = new ArrayList<>();
    private final List<NamedEndpoint> endpoints = new ArrayList<>();
    private final Map<String, String> fileOfRoute = new HashMap<>();
    private final Map<String, String> placeOfStep = new HashMap<>();
    private final Map<String, String> routeFrom = new HashMap<>();
    private final DefaultCamelContext scratch;
    private final Kamelets kamelets;
    private boolean isIncomplete;

    private RouteCheck(Settings settings) throws Exception {
        kamelets = settings.kamelets();
        scratch = new DefaultCamelContext(new DefaultRegistry(new StandIns()));
        scratch.getPropertiesComponent().setInitialProperties(settings.properties());
        scratch.disableJMX();
        scratch.setAutoStartup(false);
        scratch.setSourceLocationEnabled(true);
        // as in the running context
        scratch.getRestConfiguration().setInlineRoutes(false);
        scratch.getRegistry().bind("platform-http-engine", new NoServer());
        faults.addAll(CamelSettingsBinder.bind(scratch, settings));
        if (scratch.hasComponent("salesforce") instanceof SalesforceComponent salesforce) {
            salesforce.setLazyLogin(true);
        }
        scratch.getComponent("kafka", KafkaComponent.class).setKafkaClientFactory(new NoBroker());
        QuartzComponent quartz = scratch.getComponent("quartz", QuartzComponent.class);
        quartz.setAutoStartScheduler(false);
        quartz.setEnableJmx(false);
        quartz.setProperties(NO_THREADS);
        scratch.getComponent("kamelet", KameletComponent.class)
                .setLocation(settings.text("camel.component.kamelet.location"));
        scratch.start();
    }

    /**
     * All faults of all files, each naming its file, its line and its route.
     *
     * @param config whose custom destinations must have routes that serve their accounts
     */
    public static List<String> faults(RouteFiles files, Config config, Settings settings) {
        try {
            return check(files.read(), files.toString(), config, settings);
        } catch (UncheckedIOException e) {
            return List.of(files + " cannot be read: " + e.getCause());
        }
    }

    /** As {@link #faults(RouteFiles, Config, Settings)}, for files that are read already, without the configuration. */
    static List<String> faults(RouteSet set, String from, Settings settings) {
        return check(set, from, Config.empty(), settings);
    }

    private static List<String> check(RouteSet set, String from, Config config, Settings settings) {
        return ScratchContextFilter.without(() -> checkInScratch(set, from, config, settings));
    }

    private static List<String> checkInScratch(RouteSet set, String from, Config config, Settings settings) {
        try (RouteCheck check = new RouteCheck(settings)) {
            if (set.files().isEmpty()) {
                check.faults.add(from + " holds no *.camel.yaml");
            }
            check.faults.addAll(set.misnamed());
            check.isIncomplete = !set.misnamed().isEmpty();
            set.files().forEach(check::loadBeans);
            new TreeMap<>(set.kamelets()).forEach(check::checkKamelet);
            set.files().forEach(check::checkFile);
            check.checkWhatCamelAccepts(set.kamelets());
            check.checkDirectEndpoints(config);
            return List.copyOf(check.faults);
        } catch (Exception e) {
            return List.of(from + " cannot be checked: " + words(e));
        }
    }

    /** Loads beans first, since routes of every file may use them. A faulty file is reported with its routes. */
    private void loadBeans(RouteSet.Text file) {
        try {
            PluginHelper.getRoutesLoader(scratch)
                    .preParseRoute(ResourceHelper.fromBytes(file.location(), file.bytes()), true);
        } catch (Exception e) {
            LOG.debug("{} has a fault, which is found again", file, e);
        }
    }

    private void checkFile(RouteSet.Text file) {
        check(file, builder -> checkRoutes(file.shown(), builder));
    }

    /** Checks a Kamelet even if no route uses it; routes that use it check the names in its steps. */
    private void checkKamelet(String name, RouteSet.Text file) {
        check(file, builder -> {
            for (RouteTemplateDefinition kamelet :
                    builder.getRouteTemplateCollection().getRouteTemplates()) {
                if (!kamelet.getId().equals(name)) {
                    faults.add(file.place("name", kamelet.getId()) + ": the Kamelet is named '" + kamelet.getId()
                            + "', and this file would hold one named '" + name + "'");
                    return;
                }
                scratch.addRouteTemplateDefinitions(List.of(kamelet));
            }
        });
    }

    /** What is checked of a file that Camel can read. */
    private interface Check {
        void of(RouteBuilder builder) throws Exception;
    }

    private void check(RouteSet.Text file, Check check) {
        endpoints.addAll(NamedEndpoint.in(file));
        try {
            for (RouteBuilder builder : file.builders(scratch)) {
                builder.prepareModel(scratch);
                check.of(builder);
            }
        } catch (Exception e) {
            faults.add(file.shown() + line(file, e) + ": " + words(e));
            isIncomplete = true;
        }
    }

    private void checkRoutes(String file, RouteBuilder builder) throws Exception {
        keepRoutesApart(file);
        for (RouteDefinition route : builder.getRouteCollection().getRoutes()) {
            checkRoute(file, route);
        }
        builder.addTemplatedRoutesToCamelContext(scratch);
    }

    /** Refuses inlined routes: no other route could reach them, and a save of them would change nothing. */
    private void keepRoutesApart(String file) {
        if (scratch.getRestConfiguration().isInlineRoutes()) {
            faults.add(file
                    + ": 'restConfiguration' sets 'inlineRoutes', by which a route that a rest sends to becomes a part"
                    + " of that rest, and no other can send there; leave it out");
            scratch.getRestConfiguration().setInlineRoutes(false);
        }
    }

    private void checkRoute(String file, RouteDefinition route) {
        String place = file + line(route);
        if (!route.hasCustomIdAssigned()) {
            String key = route.getRestDefinition() == null ? "id" : "routeId";
            faults.add(place + ": a route has no id; give it one, such as '" + key
                    + ": deliver-hubspot': JMX, health and the log name it so");
            route.idOrCreate(scratch.getCamelContextExtension().getContextPlugin(NodeIdFactory.class));
        }
        String other = fileOfRoute.putIfAbsent(route.getRouteId(), file);
        if (other != null) {
            faults.add(place + ": route '" + route.getRouteId() + "' is also in " + other
                    + "; the id of a route stands once");
            isIncomplete = true;
            return;
        }
        if (hasStepOfAnother(file, route)) {
            isIncomplete = true;
            return;
        }
        try {
            scratch.addRouteDefinition(route);
            BlockingStepCheck.faults(route).forEach(fault -> faults.add(place + ": " + fault));
            checkEntryEndpoint(place, scratch.getRoute(route.getRouteId()));
        } catch (Exception e) {
            faults.add(file + step(route, e).orElse(line(route)) + ": route '" + route.getRouteId() + "': " + words(e));
            isIncomplete = true;
        }
    }

    private boolean hasStepOfAnother(String file, RouteDefinition route) {
        boolean found = false;
        for (ProcessorDefinition<?> step :
                ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), ProcessorDefinition.class)) {
            String place = file + line(step.getLineNumber());
            String other = step.hasCustomIdAssigned() ? placeOfStep.putIfAbsent(step.getId(), place) : null;
            if (other != null) {
                faults.add(
                        place + ": step '" + step.getId() + "' is also in " + other + "; the id of a step stands once");
                found = true;
            }
        }
        return found;
    }

    /** @param route null if its precondition is false */
    private void checkEntryEndpoint(String place, Route route) {
        if (route == null
                || route.getEndpoint() instanceof MultipleConsumersSupport several
                        && several.isMultipleConsumersSupported()) {
            return;
        }
        String from = withoutOptions(route.getEndpoint());
        String other = routeFrom.putIfAbsent(from, route.getRouteId());
        if (other != null) {
            faults.add(place + ": route '" + route.getRouteId() + "' is from " + from + ", and so is route '" + other
                    + "'; only one can be");
        }
    }

    /** The URI without options for {@code direct:}; options distinguish other endpoints. */
    private static String withoutOptions(Endpoint endpoint) {
        String uri = endpoint.getEndpointUri().replaceFirst("://", ":");
        return endpoint instanceof DirectEndpoint ? uri.replaceFirst("\\?.*", "") : uri;
    }

    private void checkWhatCamelAccepts(Map<String, RouteSet.Text> kamelets) {
        faults.addAll(RouteSecrets.faults(scratch, kamelets, endpoints));
        faults.addAll(RouteOptions.faults(scratch, endpoints));
    }

    private static String line(RouteDefinition route) {
        RestDefinition rest = route.getRestDefinition();
        if (rest != null) {
            return line(lineOfVerb(rest, route));
        }
        return line(route.getInput() == null ? 0 : route.getInput().getLineNumber());
    }

    /** The line of the verb that Camel made the route of. */
    private static int lineOfVerb(RestDefinition rest, RouteDefinition route) {
        return rest.getVerbs().stream()
                .filter(verb -> route.getOutputs().contains(verb.getTo()))
                .mapToInt(RouteCheck::lineOf)
                .findFirst()
                .orElse(rest.getLineNumber());
    }

    /** The line of a verb; Camel counts from 0. */
    private static int lineOf(VerbDefinition verb) {
        return verb.getLineNumber() + 1;
    }

    private static String line(int number) {
        return number < 1 ? "" : ":" + number;
    }

    /** The line of a YAML fault. */
    private static String line(RouteSet.Text file, Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof MarkedYamlEngineException marked
                    && marked.getProblemMark().isPresent()) {
                int line = marked.getProblemMark().get().getLine() + 1;
                Matcher unknown = UNKNOWN_KEY.matcher(String.valueOf(marked.getProblem()));
                return line(unknown.matches() ? lineOfKey(file.text(), line, unknown.group(1)) : line);
            }
        }
        return "";
    }

    /** The line of an unknown key; Camel reports the line of its map. */
    private static int lineOfKey(String text, int from, String key) {
        Pattern stands = Pattern.compile("(^|[\\s{,])[\"']?" + Pattern.quote(key) + "[\"']?\\s*:.*");
        String[] lines = text.split("\n");
        for (int line = from; line <= lines.length; line++) {
            if (stands.matcher(lines[line - 1]).find()) {
                return line;
            }
        }
        return from;
    }

    /** The line of the step that Camel could not create: the first with its text. */
    private static Optional<String> step(RouteDefinition route, Throwable failure) {
        Matcher at = AT_STEP.matcher(String.valueOf(failure.getMessage()));
        if (!at.matches()) {
            return Optional.empty();
        }
        return steps(route.getOutputs())
                .filter(step -> step.toString().equalsIgnoreCase(at.group(1)))
                .findFirst()
                .map(step -> line(within(step, failure).getLineNumber()));
    }

    private static Stream<ProcessorDefinition<?>> steps(List<ProcessorDefinition<?>> outputs) {
        return ProcessorDefinitionHelper.filterTypeInOutputs(outputs, ProcessorDefinition.class).stream()
                .map(step -> (ProcessorDefinition<?>) step);
    }

    /** The nested step that has the missing name, in a step such as {@code doTry}. */
    private static ProcessorDefinition<?> within(ProcessorDefinition<?> step, Throwable failure) {
        NoSuchBeanException noBean = ObjectHelper.getException(NoSuchBeanException.class, failure);
        return noBean == null
                ? step
                : steps(step.getOutputs())
                        .filter(inner -> inner.getOutputs().isEmpty())
                        .filter(inner -> inner.toString().contains(noBean.getName()))
                        .findFirst()
                        .orElse(step);
    }

    /** Finds {@code direct:} endpoints without a route, which would fail only at the first message. */
    private void checkDirectEndpoints(Config config) {
        if (isIncomplete) {
            return; // a route that is missing because of a fault is reported once
        }
        Set<String> taken = scratch.getRoutes().stream()
                .map(route -> withoutOptions(route.getEndpoint()))
                .collect(Collectors.toSet());
        scratch.getEndpoints().stream()
                .filter(DirectEndpoint.class::isInstance)
                .map(RouteCheck::withoutOptions)
                .filter(uri -> !taken.contains(uri))
                .distinct()
                .sorted()
                .forEach(uri -> faults.add(place(uri) + "a step sends to " + uri + ", and no route is from there"));
        faults.addAll(OwnDestinations.faults(scratch, config, kamelets::refusal));
        Map<RouteDefinition, RouteReach> reaches = new LinkedHashMap<>();
        scratch.getRouteDefinitions().forEach(route -> reaches.put(route, RouteReach.of(route, scratch)));
        reaches.forEach((route, reach) -> {
            if (BlockingStepCheck.isEntrance(route) && !isHelper(route, reaches)) {
                checkOutcome(route, reach);
            }
        });
    }

    /** Whether a step of another destination names this route, which thus may be a part of that destination. */
    private static boolean isHelper(RouteDefinition route, Map<RouteDefinition, RouteReach> reaches) {
        String from = route.getInput().getEndpointUri().replaceFirst("\\?.*", "");
        return reaches.entrySet().stream()
                .filter(other -> other.getKey() != route && BlockingStepCheck.isEntrance(other.getKey()))
                .anyMatch(other -> other.getValue().calls(from));
    }

    private void checkOutcome(RouteDefinition route, RouteReach reach) {
        String place = fileOfRoute.getOrDefault(route.getRouteId(), "a template") + line(route) + ": route '"
                + route.getRouteId() + "' ";
        if (reach.isWithoutOutcome(Wiring.STEPS)) {
            faults.add(
                    place + "has neither 'receiver:' nor a step that notes the outcome, so each delivery would count as"
                            + " failed and be repeated; add after the step that sends: - process: {id: note-"
                            + route.getRouteId() + ", ref: noteDelivered}");
        }
        if (reach.isUnsigned()) {
            faults.add(place + "has 'receiver:' without step signRequest, so nothing would be sent; add before it:"
                    + " - process: {id: sign-" + route.getRouteId() + ", ref: signRequest}");
        }
    }

    /** The place of the first step that sends there. */
    private String place(String direct) {
        return endpoints.stream()
                .filter(endpoint -> endpoint.scheme().equals("direct"))
                .filter(endpoint -> direct.equals("direct:" + resolved(endpoint.name())))
                .findFirst()
                .map(endpoint -> endpoint.place() + ": ")
                .orElse("");
    }

    /** Resolves placeholders except properties of Kamelets, which are unknown here. */
    private String resolved(String text) {
        try {
            return scratch.resolvePropertyPlaceholders(text);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    private static String words(Throwable failure) {
        StringBuilder words = new StringBuilder();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = message(cause);
            if (words.indexOf(message) < 0) {
                words.append(words.isEmpty() ? "" : ": ").append(message);
            }
            if (cause instanceof NoSuchBeanException) {
                words.append(" (").append(NAMES).append(")");
            }
        }
        return words.toString().replaceAll("\\s+", " ").trim();
    }

    private static String message(Throwable cause) {
        if (cause instanceof MarkedYamlEngineException marked && marked.getProblem() != null) {
            return marked.getProblem();
        }
        return cause.getMessage() == null ? "" : withoutDecoration(cause.getMessage());
    }

    private static String withoutDecoration(String message) {
        Matcher atStep = AT_STEP.matcher(message);
        return atStep.matches() ? "step " + atStep.group(1) + ": " + atStep.group(2) : message;
    }

    private static String sorted(Set<String> names) {
        return String.join(", ", new TreeSet<>(names));
    }

    @Override
    public void close() {
        scratch.stop();
    }

    /** Substitutes for the product's steps and clients, so that unknown names are found. */
    private static final class StandIns implements BeanRepository {

        private static final Processor STEP = exchange -> {};

        @Override
        public Object lookupByName(String name) {
            return lookupByNameAndType(name, Object.class);
        }

        @Override
        public <T> T lookupByNameAndType(String name, Class<T> type) {
            if (Wiring.STEPS.contains(name)) {
                return type.isInstance(STEP) ? type.cast(STEP) : null;
            }
            if (!Wiring.CLIENTS.contains(name)) {
                return null;
            }
            return type.isInterface() ? type.cast(nothing(type)) : null;
        }

        private static Object nothing(Class<?> type) {
            return Proxy.newProxyInstance(
                    RouteCheck.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> null);
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

    /** Connects to no broker; checks the client's configuration. */
    private static final class NoBroker implements KafkaClientFactory {
        @Override
        public Producer<?, ?> getProducer(Properties options) {
            new ProducerConfig(options);
            return (Producer<?, ?>) StandIns.nothing(Producer.class);
        }

        @Override
        public Consumer<?, ?> getConsumer(Properties options) {
            new ConsumerConfig(options);
            return (Consumer<?, ?>) StandIns.nothing(Consumer.class);
        }

        @Override
        public String getBrokers(KafkaConfiguration configuration) {
            return configuration.getBrokers();
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

    private static final class Silent extends DefaultConsumer implements PlatformHttpConsumer {
        Silent(PlatformHttpEndpoint endpoint, Processor processor) {
            super(endpoint, processor);
        }

        @Override
        public PlatformHttpEndpoint getEndpoint() {
            return (PlatformHttpEndpoint) super.getEndpoint();
        }
    }
}
