package io.engagementwebhooks.deliver.step;

import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.auth.Authentication;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.SetPropertyDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The routes of custom destinations and the accounts that may send to them. Such a route may hold the operator's credentials, so it lists the
 * accounts: by a step {@code setProperty} named {@value #ACCOUNTS} with a constant, {@code acme, beta}, or {@code *}
 * for all. A route without it serves only installations with one account. Thread-safe.
 */
public final class OwnDestinations {

    /** String: the accounts that a destination's route serves. */
    public static final String ACCOUNTS = "webhookAccounts";

    private static final Logger LOG = LoggerFactory.getLogger(OwnDestinations.class);
    private static final String ALL = "*";

    private final CamelContext context;
    private final Supplier<Config> config;
    private final Function<Target.Kamelet, Optional<String>> kamelets;
    private volatile Served known = new Served(List.of(), Map.of());
    private Set<String> warnedOf = Set.of();

    /**
     * The routes of destinations.
     *
     * @param byEntrance accounts by entry endpoint; never changed
     */
    private record Served(List<Route> routes, Map<String, Set<String>> byEntrance) {}

    /**
     * @param context with the routes
     * @param config with the accounts
     * @param kamelets why a webhook may not send to its Kamelet; empty: it may
     */
    public OwnDestinations(
            CamelContext context, Supplier<Config> config, Function<Target.Kamelet, Optional<String>> kamelets) {
        this.context = context;
        this.config = config;
        this.kamelets = kamelets;
    }

    /** The entry endpoint of a destination's route. */
    public static String entrance(String destination) {
        return "direct:deliver-" + destination;
    }

    /** The custom destination of a webhook, if it has one. */
    public static Optional<String> of(Webhook webhook) {
        return webhook.delivery().authentication() instanceof Authentication.Custom custom
                ? Optional.of(custom.destination())
                : Optional.empty();
    }

    /** Why a webhook may not send to its destination, for the customer; empty if it may. */
    public Optional<String> refusal(Webhook webhook) {
        return webhook.delivery().target() instanceof Target.Kamelet kamelet
                ? kamelets.apply(kamelet)
                : of(webhook).flatMap(own -> refusal(webhook.account(), own));
    }

    /**
     * Why an account may not send to the route of a destination; empty if it may. A missing route and one that serves
     * other accounts give the same text.
     */
    public Optional<String> refusal(String account, String destination) {
        return config.get().accounts().size() < 2 || isOpen(served().get(entrance(destination)), account)
                ? Optional.empty()
                : Optional.of("no route sends to destination '" + destination + "' for account '" + account
                        + "': its operator names the account in step '" + ACCOUNTS + "' of a route from "
                        + entrance(destination));
    }

    /** As {@link #warn(Config)}, after a change of the routes. */
    public void warn() {
        warn(config.get());
    }

    /** Logs each fault once, until it is mended. */
    public synchronized void warn(Config current) {
        Set<String> faults = new LinkedHashSet<>(faults(context, current, kamelets));
        faults.stream()
                .filter(fault -> !warnedOf.contains(fault))
                .forEach(fault -> LOG.warn("destination.not-open: {}", fault));
        warnedOf = faults;
    }

    /** The faults of the running routes. */
    public List<String> faults() {
        return faults(context, config.get(), kamelets);
    }

    /**
     * Webhooks whose deliveries wait, since no route serves their account, one for each destination and account; or since
     * they may not send to their Kamelet.
     */
    public static List<String> faults(
            CamelContext context, Config config, Function<Target.Kamelet, Optional<String>> kamelets) {
        if (!context.isStarted()) {
            return List.of();
        }
        Map<String, Set<String>> served = served(context.getRoutes(), context);
        Map<String, String> faults = new LinkedHashMap<>();
        for (Webhook webhook : config.webhooks()) {
            if (webhook.delivery().target() instanceof Target.Kamelet kamelet) {
                kamelets.apply(kamelet)
                        .ifPresent(why -> faults.put(
                                webhook.id().id(),
                                "webhook '" + webhook.name() + "' of account '" + webhook.account()
                                        + "' sends nothing: " + why));
            }
            of(webhook).ifPresent(own -> {
                Set<String> route = served.get(entrance(own));
                if (route == null || config.accounts().size() > 1 && !isOpen(route, webhook.account())) {
                    faults.putIfAbsent(webhook.account() + ' ' + own, fault(webhook, own, route == null));
                }
            });
        }
        return List.copyOf(faults.values());
    }

    private static String fault(Webhook webhook, String destination, boolean isMissing) {
        String from = entrance(destination);
        return "webhook '" + webhook.name() + "' of account '" + webhook.account() + "' sends to destination '"
                + destination + "', and "
                + (isMissing
                        ? "no route is from " + from + "; add one to the routes"
                        : "the route from " + from + " does not serve that account; name it in a step setProperty '"
                                + ACCOUNTS + "' of that route, or take the webhook out");
    }

    /**
     * Whether steps of the user's own may send the deliveries of a webhook, so that their failure may be one of an
     * attempt; true also while the route of its destination is exchanged.
     */
    public boolean maySend(Webhook webhook) {
        return of(webhook)
                .filter(own -> context.getRoutes().stream()
                        .filter(route -> from(route).equals(entrance(own)))
                        .flatMap(route -> definition(route, context).stream())
                        .allMatch(route -> RouteReach.of(route, (ModelCamelContext) context)
                                .maySend()))
                .isPresent();
    }

    /** @param accounts that the route of a destination serves; null if there is none */
    private static boolean isOpen(Set<String> accounts, String account) {
        return accounts != null && (accounts.contains(ALL) || accounts.contains(account));
    }

    /** Cached: called for each delivery, and routes change rarely. */
    private Map<String, Set<String>> served() {
        List<Route> routes = context.getRoutes();
        Served now = known;
        if (!now.routes().equals(routes)) {
            now = new Served(routes, served(routes, context));
            known = now;
        }
        return now.byEntrance();
    }

    private static Map<String, Set<String>> served(List<Route> routes, CamelContext context) {
        Map<String, Set<String>> byEntrance = new HashMap<>();
        for (Route route : routes) {
            String from = from(route);
            if (from.startsWith(entrance(""))) {
                definition(route, context).ifPresent(definition -> byEntrance.put(from, accounts(definition, context)));
            }
        }
        return byEntrance;
    }

    /** The definition of a route; empty if the route was just removed. */
    static Optional<RouteDefinition> definition(Route route, CamelContext context) {
        return Optional.ofNullable(
                route.getRoute() instanceof RouteDefinition definition
                        ? definition
                        : ((ModelCamelContext) context).getRouteDefinition(route.getRouteId()));
    }

    public static String from(Route route) {
        return withoutOptions(route.getEndpoint().getEndpointUri());
    }

    /** An endpoint URI as route files write it. */
    public static String withoutOptions(String endpoint) {
        return endpoint.replaceFirst("\\?.*", "").replaceFirst("://", ":");
    }

    /** Reads the definition, since the property is set only when the route runs. */
    private static Set<String> accounts(RouteDefinition definition, CamelContext context) {
        return definition.getOutputs().stream()
                .filter(SetPropertyDefinition.class::isInstance)
                .map(SetPropertyDefinition.class::cast)
                .filter(step -> ACCOUNTS.equals(step.getName()))
                .map(step ->
                        context.resolvePropertyPlaceholders(step.getExpression().getExpression()))
                .flatMap(accounts -> Arrays.stream(accounts.split(",")))
                .map(String::strip)
                .collect(Collectors.toSet());
    }
}
