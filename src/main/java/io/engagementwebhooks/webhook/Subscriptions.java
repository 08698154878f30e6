package io.engagementwebhooks.webhook;

import java.util.ArrayList;
import java.util.Collections;
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
    private final Map<String, Subscribers> exact = new HashMap<>();
    private final Map<String, Subscribers> prefixes = new HashMap<>();
    private final Subscribers all = new Subscribers();

    /** Webhooks with the same subscription, in the order of the configuration, and their positions in it. */
    private static final class Subscribers {

        private final List<Integer> places = new ArrayList<>(1);
        private final List<Webhook> webhooks = new ArrayList<>(1);
        private final List<Webhook> view = Collections.unmodifiableList(webhooks);

        void add(int place, Webhook webhook) {
            boolean again = !places.isEmpty() && places.get(places.size() - 1) == place;
            if (!again) {
                places.add(place);
                webhooks.add(webhook);
            }
        }
    }

    /** @param webhooks in the order of the configuration, which {@link #matching} keeps */
    Subscriptions(List<Webhook> webhooks) {
        this.webhooks = List.copyOf(webhooks);
        this.byName = webhooks.stream().collect(Collectors.toUnmodifiableMap(Webhook::name, webhook -> webhook));
        this.awaited = webhooks.stream()
                .flatMap(webhook -> webhook.delivery().waitFor().stream())
                .map(WaitFor::field)
                .collect(Collectors.toUnmodifiableSet());
        for (int place = 0; place < webhooks.size(); place++) {
            for (String pattern : webhooks.get(place).events().patterns()) {
                subscribers(pattern).add(place, webhooks.get(place));
            }
        }
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
        return found.size() == 1 ? found.get(0).view : merged(found);
    }

    private List<Webhook> merged(List<Subscribers> found) {
        return found.stream()
                .flatMap(subscribers -> subscribers.places.stream())
                .sorted()
                .distinct()
                .map(webhooks::get)
                .toList();
    }

    private List<Subscribers> found(String type) {
        List<Subscribers> found = new ArrayList<>(3);
        addIfAny(exact.get(type), found);
        for (int dot = type.indexOf('.'); dot >= 0; dot = type.indexOf('.', dot + 1)) {
            addIfAny(prefixes.get(type.substring(0, dot + 1)), found);
        }
        addIfAny(all, found);
        return found;
    }

    private Subscribers subscribers(String pattern) {
        if (pattern.equals("*")) {
            return all;
        }
        return pattern.endsWith(".*")
                ? prefixes.computeIfAbsent(pattern.substring(0, pattern.length() - 1), prefix -> new Subscribers())
                : exact.computeIfAbsent(pattern, type -> new Subscribers());
    }

    private static void addIfAny(Subscribers subscribers, List<Subscribers> to) {
        if (subscribers != null && !subscribers.webhooks.isEmpty()) {
            to.add(subscribers);
        }
    }
}
