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
 * Which accounts may send to a destination of the operator's own. Its route may hold credentials of the operator, so the
 * route names its accounts: by a step {@code setProperty} of the name {@value #ACCOUNTS} with a constant, {@code acme, beta},
 * or {@code *} for all. A route without it serves an installation with one account, and no account where there are more.
 * Thread-safe.
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
     * Which accounts the routes serve.
     *
     * @param byEntrance never changed
     */
    private record Served(List<Route> routes, Map<String, Set<String>> byEntrance) {}

    /**
     * @param context has the routes
     * @param config the accounts
     */
    public OwnDestinations(CamelContext context, Supplier<Config> config) {
        this.context = context;
        this.config = config;
    }

    /** Where the deliver room hands deliveries of a destination over. */
    public static String entrance(String destination) {
        return "direct:deliver-" + destination;
    }

    /** The destination of a webhook that has one of the operator's own. */
    public static Optional<String> of(Webhook webhook) {
        return webhook.delivery().authentication() instanceof Authentication.Custom custom
                ? Optional.of(custom.destination())
                : Optional.empty();
    }

    /**
     * Why an account may not send to a destination, in words for the customer; empty: it may. A route that is missing and
     * one that serves other accounts get the same text.
     */
    public Optional<String> refusal(String account, String destination) {
        return mayUse(config.get().accounts().size(), account, destination)
                ? Optional.empty()
                : Optional.of("no route sends to destination '" + destination + "' for account '" + account
                        + "': its operator names the account in step '" + ACCOUNTS + "' of a route from "
                        + entrance(destination));
    }

    /** Warns of accounts that may not send to a destination of their webhooks, once of each. When the routes are there. */
    public synchronized void warn(Config current) {
        if (!context.isStarted()) {
            return;
        }
        Set<String> looked = new HashSet<>();
        Set<String> found = new HashSet<>();
        for (Webhook webhook : current.webhooks()) {
            of(webhook)
                    .filter(own -> looked.add(webhook.account() + ' ' + own))
                    .filter(own -> !mayUse(current.accounts().size(), webhook.account(), own))
                    .filter(own -> found.add(webhook.account() + ' ' + own))
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
        warnedOf = found;
    }

    /** As {@link #refusal}, by the routes of a context. @param accounts how many there are */
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

    /** It is asked for each delivery, and routes change rarely. */
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

    private static String from(Route route) {
        return route.getEndpoint().getEndpointUri().replaceFirst("\\?.*", "").replaceFirst("://", ":");
    }

    /** Read from the definition, which exists as long as the route. */
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
