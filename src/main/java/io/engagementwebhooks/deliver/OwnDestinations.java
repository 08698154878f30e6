package io.engagementwebhooks.deliver;

import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Webhook;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
 * The accounts that may send to each custom destination. Its route may hold the operator's credentials, so it lists the
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
    private volatile Served known = new Served(List.of(), Map.of());
    private Set<String> warnedOf = Set.of();

    /**
     * The accounts that the routes serve.
     *
     * @param byEntrance accounts by entry endpoint; never changed
     */
    private record Served(List<Route> routes, Map<String, Set<String>> byEntrance) {}

    /**
     * @param context with the routes
     * @param config with the accounts
     */
    public OwnDestinations(CamelContext context, Supplier<Config> config) {
        this.context = context;
        this.config = config;
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

    /**
     * Why an account may not send to a destination, for the customer; empty if it may. A missing route and one that
     * serves other accounts give the same text.
     */
    public Optional<String> refusal(String account, String destination) {
        return mayUse(config.get().accounts().size(), account, destination)
                ? Optional.empty()
                : Optional.of("no route sends to destination '" + destination + "' for account '" + account
                        + "': its operator names the account in step '" + ACCOUNTS + "' of a route from "
                        + entrance(destination));
    }

    /**
     * Logs each account that may not send to a destination of its webhooks, once. Does nothing before the routes are
     * started.
     */
    public synchronized void warn(Config current) {
        if (!context.isStarted()) {
            return;
        }
        Set<String> checked = new HashSet<>();
        Set<String> refused = new HashSet<>();
        for (Webhook webhook : current.webhooks()) {
            of(webhook)
                    .filter(own -> checked.add(webhook.account() + ' ' + own))
                    .filter(own -> !mayUse(current.accounts().size(), webhook.account(), own))
                    .filter(own -> refused.add(webhook.account() + ' ' + own))
                    .filter(own -> !warnedOf.contains(webhook.account() + ' ' + own))
                    .ifPresent(own -> LOG.warn(
                            "destination.not-open account={} destination={} webhook={}: nothing is sent; name the account"
                                    + " in step '{}' of the route from {}",
                            webhook.account(),
                            own,
                            webhook.name(),
                            ACCOUNTS,
                            entrance(own)));
        }
        warnedOf = refused;
    }

    /**
     * Whether an account may send to a destination, by the routes of a context.
     * @param accounts the number of accounts
     */
    public static boolean mayUse(CamelContext context, int accounts, String account, String destination) {
        return accounts < 2 || isOpen(served(context.getRoutes(), context), account, destination);
    }

    private boolean mayUse(int accounts, String account, String destination) {
        return accounts < 2 || isOpen(served(), account, destination);
    }

    private static boolean isOpen(Map<String, Set<String>> served, String account, String destination) {
        Set<String> accounts = served.getOrDefault(entrance(destination), Set.of());
        return accounts.contains(ALL) || accounts.contains(account);
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
                byEntrance.computeIfAbsent(from, uri -> new HashSet<>()).addAll(served(route, context));
            }
        }
        return byEntrance;
    }

    static String from(Route route) {
        return withoutOptions(route.getEndpoint().getEndpointUri());
    }

    /** An endpoint URI as route files write it. */
    static String withoutOptions(String endpoint) {
        return endpoint.replaceFirst("\\?.*", "").replaceFirst("://", ":");
    }

    /** Reads the definition, since the property is set only when the route runs. */
    private static Set<String> served(Route route, CamelContext context) {
        RouteDefinition definition = ((ModelCamelContext) context).getRouteDefinition(route.getRouteId());
        return definition == null
                ? Set.of()
                : definition.getOutputs().stream()
                        .filter(SetPropertyDefinition.class::isInstance)
                        .map(SetPropertyDefinition.class::cast)
                        .filter(step -> ACCOUNTS.equals(step.getName()))
                        .map(step -> context.resolvePropertyPlaceholders(
                                step.getExpression().getExpression()))
                        .flatMap(accounts -> Arrays.stream(accounts.split(",")))
                        .map(String::strip)
                        .collect(Collectors.toSet());
    }
}
