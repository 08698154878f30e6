package io.engagementwebhooks.api.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.api.ApiRequest;
import io.engagementwebhooks.api.delivery.DeliveryView;
import io.engagementwebhooks.config.read.KeptApiKey;
import io.engagementwebhooks.config.schema.FieldFault;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.definition.ManagedBy;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.Webhook;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The stored definitions, without secrets. Thread-safe. */
public record Definitions(StoredDefinitions made, Supplier<Config> configs) {

    /** The name of the resource that a path names by id or name; an unknown id is returned unchanged. */
    String name(ApiRequest request, ResourceKind kind) {
        return name(request.account(), kind, request.resource());
    }

    /** The name of a resource given by id or name; an unknown id is returned unchanged. */
    String name(String account, ResourceKind kind, String idOrName) {
        if (!kind.isId(idOrName)) {
            return idOrName;
        }
        // of webhooks, which may be many, the configuration has an index
        Optional<String> webhook = kind == ResourceKind.WEBHOOK
                ? configs.get().webhook(account, idOrName).map(Webhook::name)
                : Optional.empty();
        return webhook.or(() -> made.name(account, kind, idOrName)).orElse(idOrName);
    }

    /** The id of a resource; empty: none has this name. */
    public Optional<String> id(String account, ResourceKind kind, String name) {
        return made.kept(account, kind, name).map(StoredDefinition::id);
    }

    public String managedBy(String account, ResourceKind kind, String name) {
        return made.kept(account, kind, name)
                .map(StoredDefinition::managedBy)
                .orElse(ManagedBy.FILE)
                .text();
    }

    /** The definition of a resource. */
    public DefinedView defined(String account, ResourceKind kind, String name) {
        return made.kept(account, kind, name)
                .map(kept -> new DefinedView(
                        kept.managedBy() == ManagedBy.API ? DeliveryView.text(kept.changedAt()) : null,
                        kept.problem(),
                        shown(kind, kept.definition())))
                .orElse(DefinedView.ELSEWHERE);
    }

    /** Bytes of a definition as stored, or 0 if there is none. */
    public int size(String account, ResourceKind kind, String name) {
        return made.kept(account, kind, name).map(StoredDefinition::size).orElse(0);
    }

    /** Changes with the definition. */
    public String version(String account, ResourceKind kind, String name) {
        return made.kept(account, kind, name).map(StoredDefinition::version).orElse("");
    }

    /** A definition with secrets masked. */
    static JsonNode shown(ResourceKind kind, ObjectNode definition) {
        return Masked.shown(kind, plain(definition));
    }

    /** Without internal members; an API key has no secret left. */
    static ObjectNode plain(ObjectNode definition) {
        return definition.deepCopy().without(KeptApiKey.INNER);
    }

    public static ProblemException invalid(List<FieldFault> faults) {
        return new ProblemException(Problem.invalid(faults.stream()
                .map(fault -> new Problem.Field(fault.pointer(), fault.detail(), fault.wayOut(), fault.code()))
                .toList()));
    }

    /** A definition with a merge patch (RFC 7396). */
    static ObjectNode merged(ObjectNode target, ObjectNode patch) {
        ObjectNode merged = target.deepCopy();
        patch.properties().forEach(member -> {
            JsonNode value = member.getValue();
            if (value.isNull()) {
                merged.remove(member.getKey());
            } else if (value instanceof ObjectNode inner) {
                ObjectNode into = merged.get(member.getKey()) instanceof ObjectNode known ? known : merged.objectNode();
                merged.set(member.getKey(), merged(into, inner));
            } else {
                merged.set(member.getKey(), value);
            }
        });
        return merged;
    }
}
