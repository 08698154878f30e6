package io.engagementwebhooks.api.definition;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.config.DefinitionReader;
import io.engagementwebhooks.config.read.AccountResources;
import io.engagementwebhooks.config.schema.FieldFault;
import io.engagementwebhooks.config.schema.Placeholders;
import io.engagementwebhooks.store.definition.ResourceName;
import io.engagementwebhooks.webhook.Resource;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.SigningKey;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds webhooks that a change of another resource would make invalid. Thread-safe. */
record BrokenWebhooks(StoredDefinitions made, DefinitionReader reader) {

    /** Limit of named webhooks. */
    private static final int MOST = 5;

    private static final Set<ResourceKind> USED_BY_WEBHOOKS =
            Set.of(ResourceKind.SIGNING_KEY, ResourceKind.OAUTH_CLIENT, ResourceKind.CONNECTION);

    /**
     * An invalid webhook would keep its previous definition until the next start and then be inactive.
     *
     * @param after the changed resource; empty: it is deleted
     * @return why the change is refused; empty: it is not
     */
    Optional<String> refusal(ResourceName changed, ResourceKind kind, Optional<Resource> after) {
        String name = changed.name();
        List<Broken> broken = broken(changed.account(), kind, name, after, MOST + 1);
        if (broken.isEmpty()) {
            return Optional.empty();
        }
        String webhooks = broken.stream()
                .limit(MOST)
                .map(webhook -> "webhook '" + webhook.name() + "': " + webhook.fault())
                .collect(Collectors.joining("; "));
        return Optional.of("this change of " + kind.words() + " '" + name + "' would make webhooks invalid: " + webhooks
                + (broken.size() > MOST ? "; and more webhooks" : "")
                + "; change them first");
    }

    /**
     * A webhook created with the API that would become invalid.
     *
     * @param name its name
     * @param fault the error and the way out
     */
    private record Broken(String name, String fault) {}

    /**
     * Webhooks in effect that a change of a resource would make invalid. Parses only webhooks that use it.
     *
     * @param after the changed resource; empty: it is deleted
     * @param most limit of results
     */
    private List<Broken> broken(String account, ResourceKind kind, String name, Optional<Resource> after, int most) {
        if (!USED_BY_WEBHOOKS.contains(kind)) {
            return List.of();
        }
        AccountResources then = new AccountResources(account);
        List<Resource> others =
                Stream.concat(made.others(account, kind, name), after.stream()).toList();
        others.stream()
                .filter(resource -> resource.kind() != ResourceKind.WEBHOOK)
                .forEach(then::add);
        boolean hasKeys = others.stream().anyMatch(SigningKey.class::isInstance);
        return made.kept(account, ResourceKind.WEBHOOK).stream()
                .filter(kept -> !kept.isOfFile() && kept.resource != null && kept.problem == null)
                .filter(kept -> mayNeed(kept.definition().path("delivery"), kind, name, hasKeys))
                .flatMap(kept -> fault(then, kept).stream())
                .limit(most)
                .toList();
    }

    private static boolean mayNeed(JsonNode delivery, ResourceKind kind, String name, boolean hasKeys) {
        JsonNode authentication = delivery.path("authentication");
        return switch (kind) {
            case OAUTH_CLIENT -> authentication.path("client").asText().equals(name);
            case CONNECTION -> authentication.path("connection").asText().equals(name);
            case SIGNING_KEY -> !hasKeys && delivery.has("signature") || namesKey(delivery.path("signingKeys"), name);
            default -> false;
        };
    }

    private static boolean namesKey(JsonNode keys, String name) {
        for (JsonNode key : keys) {
            if (key.asText().equals(name)) {
                return true;
            }
        }
        return false;
    }

    private Optional<Broken> fault(AccountResources then, StoredDefinition webhook) {
        try {
            reader.readKept(then, ResourceKind.WEBHOOK, webhook.definition(), Placeholders.NONE);
            return Optional.empty();
        } catch (DefinitionReader.Refused e) {
            FieldFault first = StoredDefinitions.first(e);
            return Optional.of(new Broken(webhook.name().name(), first.detail() + " (" + first.wayOut() + ")"));
        }
    }
}
