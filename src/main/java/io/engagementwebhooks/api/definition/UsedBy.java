package io.engagementwebhooks.api.definition;

import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.auth.Authentication;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The webhooks that use an OAuth client or a connection.
 *
 * @param count their number
 * @param webhooks the first of them, by name
 */
public record UsedBy(int count, List<User> webhooks) {

    private static final int SHOWN = 20;

    /** A webhook by its id and its name. */
    public record User(String id, String name) {}

    /** The name of the connection of an authentication. */
    static Optional<String> connection(Authentication authentication) {
        if (authentication instanceof Authentication.Salesforce salesforce) {
            return Optional.of(salesforce.connection().name());
        }
        return authentication instanceof Authentication.Contentsquare contentsquare
                ? Optional.of(contentsquare.connection().name())
                : Optional.empty();
    }

    private static UsedBy of(List<Webhook> users) {
        return new UsedBy(
                users.size(),
                users.stream()
                        .sorted(Comparator.comparing(Webhook::name))
                        .limit(SHOWN)
                        .map(webhook -> new User(webhook.id().id(), webhook.name()))
                        .toList());
    }

    /** Webhooks by the client or connection they use, indexed once. */
    static final class Index {

        private final Map<String, List<Webhook>> clients = new HashMap<>();
        private final Map<String, List<Webhook>> connections = new HashMap<>();

        /** @param webhooks of one account */
        Index(Collection<Webhook> webhooks) {
            for (Webhook webhook : webhooks) {
                Authentication authentication = webhook.delivery().authentication();
                if (authentication.credentials() instanceof Authentication.OAuth2 oauth2) {
                    add(clients, oauth2.client().name(), webhook);
                }
                connection(authentication).ifPresent(name -> add(connections, name, webhook));
            }
        }

        private static void add(Map<String, List<Webhook>> to, String name, Webhook webhook) {
            to.computeIfAbsent(name, n -> new ArrayList<>(1)).add(webhook);
        }

        UsedBy ofClient(String name) {
            return UsedBy.of(clients.getOrDefault(name, List.of()));
        }

        UsedBy ofConnection(String name) {
            return UsedBy.of(connections.getOrDefault(name, List.of()));
        }
    }
}
