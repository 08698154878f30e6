package io.engagementwebhooks.api.definition;

import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.ResourceKind;
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

    /** Webhooks, of the API or the file, that use a resource. @param config the active configuration */
    static List<String> users(Config config, String account, ResourceKind kind, String name) {
        return config.webhooks(account).stream()
                .filter(webhook -> refers(webhook, kind, name))
                .map(Webhook::name)
                .toList();
    }

    private static boolean refers(Webhook webhook, ResourceKind kind, String name) {
        Authentication authentication = webhook.delivery().authentication();
        return switch (kind) {
            case OAUTH_CLIENT ->
                authentication.credentials() instanceof Authentication.OAuth2 oauth2
                        && oauth2.client().name().equals(name);
            case CONNECTION -> connection(authentication).filter(name::equals).isPresent();
            case SIGNING_KEY -> webhook.delivery().target().signing().names(name);
            default -> false;
        };
    }
}
