package io.engagementwebhooks.webhook;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Index of an account's webhooks by event type: exact types, prefixes up to a dot, and all. A lookup costs one map
 * access per dot in the type, whatever the number of webhooks. Immutable and thread-safe.
 */
final class Subscriptions {

    /** Of an account without webhooks. */
    static final Subscriptions NONE = new Subscriptions(List.of());

    private final List<Webhook> webhooks;
    private final Map<String, Webhook> byName;
    private final Set<String> awaited;

    /** By pattern: a type, a prefix with its {@code .*}, or {@code *}. */
    private final Map<String, Subscribers> byPattern;

    /**
     * Webhooks with the same subscription.
     *
     * @param places their positions in the configuration, ascending
     * @param webhooks in that order
     */
    private record Subscribers(int[] places, List<Webhook> webhooks) {}

    /** @param webhooks in the order of the configuration, which {@link #matching} keeps */
    Subscriptions(List<Webhook> webhooks) {
        this.webhooks = List.copyOf(webhooks);
        this.byName = webhooks.stream().collect(Collectors.toUnmodifiableMap(Webhook::name, webhook -> webhook));
        this.awaited = webhooks.stream()
                .flatMap(webhook -> webhook.delivery().waitFor().stream())
                .map(WaitFor::field)
                .collect(Collectors.toUnmodifiableSet());
        Map<String, List<Integer>> places = new HashMap<>();
        for (int place = 0; place < webhooks.size(); place++) {
            for (String pattern : Set.copyOf(webhooks.get(place).events().patterns())) {
                places.computeIfAbsent(pattern, first -> new ArrayList<>(1)).add(place);
            }
        }
        // a HashMap, as in Config
        this.byPattern = places.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, of -> subscribers(of.getValue())));
    }

    private Subscribers subscribers(List<Integer> places) {
        return new Subscribers(
                places.stream().mapToInt(place -> place).toArray(),
                places.stream().map(webhooks::get).toList());
    }

    List<Webhook> webhooks() {
        return webhooks;
    }

    /** The webhook of this name, or null. */
    Webhook named(String name) {
        return byName.get(name);
    }

    /** The fields that webhooks wait for. */
    Set<String> awaited() {
        return awaited;
    }

    List<Webhook> matching(String type) {
        List<Subscribers> found = found(type);
        if (found.isEmpty()) {
            return List.of();
        }
        return found.size() == 1 ? found.get(0).webhooks : merged(found);
    }

    private List<Webhook> merged(List<Subscribers> found) {
        return found.stream()
                .flatMapToInt(subscribers -> Arrays.stream(subscribers.places))
                .sorted()
                .distinct()
                .mapToObj(webhooks::get)
                .toList();
    }

    private List<Subscribers> found(String type) {
        List<Subscribers> found = new ArrayList<>(3);
        addIfAny(type, found);
        for (int dot = type.indexOf('.'); dot >= 0; dot = type.indexOf('.', dot + 1)) {
            addIfAny(type.substring(0, dot + 1) + "*", found);
        }
        addIfAny("*", found);
        return found;
    }

    private void addIfAny(String pattern, List<Subscribers> to) {
        Subscribers subscribers = byPattern.get(pattern);
        if (subscribers != null) {
            to.add(subscribers);
        }
    }
}
