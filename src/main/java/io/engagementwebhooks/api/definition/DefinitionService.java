package io.engagementwebhooks.api.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.ulid.UlidCreator;
import io.engagementwebhooks.api.Answered;
import io.engagementwebhooks.api.ApiRequest;
import io.engagementwebhooks.api.ApiStep;
import io.engagementwebhooks.api.AuditLog;
import io.engagementwebhooks.api.SettingView;
import io.engagementwebhooks.config.DefinitionReader;
import io.engagementwebhooks.config.read.AccountResources;
import io.engagementwebhooks.config.read.KeptApiKey;
import io.engagementwebhooks.deliver.step.OwnDestinations;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.definition.AuditEntry;
import io.engagementwebhooks.store.definition.DefinitionRow;
import io.engagementwebhooks.store.definition.DefinitionStore.Change;
import io.engagementwebhooks.store.definition.IdentityStore;
import io.engagementwebhooks.store.definition.ManagedBy;
import io.engagementwebhooks.store.definition.ResourceName;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.EventCatalog;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.Resource;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.Webhook;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.camel.Processor;

/**
 * Creates, changes and deletes definitions with the API. Each change is validated by the rules of the configuration
 * file, committed with its audit entry, and in effect before the response. Definitions of the file are read-only here.
 * Thread-safe; one change at a time.
 */
public final class DefinitionService {

    /** Limit of changed members named in the audit log. */
    private static final int MOST_MEMBERS = 20;

    private final StoredDefinitions made;
    private final DefinitionReader reader;
    private final DefinitionChanges changes;
    private final IdentityStore identities;
    private final Definitions definitions;
    private final Supplier<Config> configs;
    private final OwnDestinations destinations;
    private final AuditLog auditLog;
    private final NewKeys newKeys;
    private final Clock clock;

    public DefinitionService(
            DefinitionChanges changes,
            DefinitionReader reader,
            IdentityStore identities,
            Supplier<Config> configs,
            OwnDestinations destinations,
            AuditLog auditLog,
            NewKeys newKeys,
            Clock clock) {
        this.changes = changes;
        this.made = changes.made();
        this.reader = reader;
        this.identities = identities;
        this.definitions = new Definitions(made, configs);
        this.configs = configs;
        this.destinations = destinations;
        this.auditLog = auditLog;
        this.newKeys = newKeys;
        this.clock = clock;
    }

    /** Shows a resource of an account by its name. */
    public interface View {
        Object of(String account, String name);
    }

    /** {@code GET /v1/<kind>/{id or name}}. */
    public Processor show(ResourceKind kind, View view) {
        return ApiStep.ok(request -> {
            String name = definitions.name(request, kind);
            return Answered.ok(definitions.version(request.account(), kind, name), view.of(request.account(), name));
        });
    }

    /** A step that changes definitions, one request at a time. */
    private Processor changeStep(Function<ApiRequest, Answered> change) {
        return ApiStep.ok(request -> changes.exclusively(() -> {
            changes.activate(); // the caller may have changed it at another instance a moment ago
            return change.apply(request);
        }));
    }

    /** {@code POST /v1/<kind>}. */
    public Processor create(ResourceKind kind, View view) {
        return changeStep(request -> {
            DefinitionDraft draft = draft(kind);
            ObjectNode definition = draft.meant(request.definition(), null);
            Map<String, Object> once = newKeys.complete(kind, definition, draft.faults());
            Resource resource = draft.read(request, definition, "");
            DefinitionRow row = row(assigned(request, kind, resource), resource, definition);
            write(
                    List.of(Change.create(row)),
                    List.of(auditLog.entry(request, "created", kind.text(), resource.name(), null)));
            Object shown = with(once, view.of(request.account(), resource.name()));
            return Answered.created(location(kind, resource.name()), row.version(), shown);
        });
    }

    /** A view with a new key or secret. @param once empty: the kind has none */
    private static Object with(Map<String, Object> once, Object view) {
        return once.isEmpty() ? view : ((SettingView.OfKey) view).revealing(once);
    }

    /** {@code PUT /v1/<kind>/{name}}: replaces the whole definition. */
    public Processor replace(ResourceKind kind, View view) {
        return changeStep(request -> {
            StoredDefinition kept = toChange(request, kind);
            ObjectNode given = request.definition().deepCopy();
            if (!given.has(kind.nameKey())) {
                given.put(kind.nameKey(), kept.name().name());
            }
            return change(request, kind, kept, given, view);
        });
    }

    /** {@code PATCH /v1/<kind>/{name}}: a merge patch (RFC 7396) of the definition as shown. */
    public Processor patch(ResourceKind kind, View view) {
        return changeStep(request -> {
            StoredDefinition kept = toChange(request, kind);
            ObjectNode shown = (ObjectNode) Definitions.shown(kind, kept.definition());
            return change(request, kind, kept, Definitions.merged(shown, request.definition()), view);
        });
    }

    private Answered change(ApiRequest request, ResourceKind kind, StoredDefinition kept, ObjectNode given, View view) {
        String name = kept.name().name();
        DefinitionDraft draft = draft(kind);
        ObjectNode before = Definitions.plain(kept.definition());
        ObjectNode definition = draft.meant(given, before);
        boolean renamed = !definition.path(kind.nameKey()).asText().equals(name);
        if (renamed && kind != ResourceKind.WEBHOOK) {
            draft.fault(
                    "/" + kind.nameKey(), "'" + kind.nameKey() + "' cannot be changed", "create another one", "fixed");
        }
        if (kind == ResourceKind.API_KEY) {
            newKeys.forCheck(definition, draft.faults());
        }
        Resource resource = draft.read(request, definition, name);
        if (resource instanceof ApiKey read) {
            ApiKey key = new ApiKey(
                    read.name(), read.role(), KeptApiKey.read(kept.definition()).sha256(), read.until());
            refuseLockingOut(request, key);
            resource = key;
        }
        refuseBreaking(kept.name(), kind, Optional.of(resource));
        DefinitionRow row = row(
                new Identity(kept.id(), new ResourceName(request.account(), kind.text(), resource.name())),
                resource,
                definition);
        // a key is not changed: a placeholder stands in for it while its definition is validated
        List<String> members = Masked.changed(before, Definitions.plain(keptOf(resource, definition)));
        String detail = String.join(", ", members.subList(0, Math.min(members.size(), MOST_MEMBERS)))
                + (members.size() > MOST_MEMBERS ? " and " + (members.size() - MOST_MEMBERS) + " more" : "");
        write(
                List.of(Change.update(kept.name(), kept.version(), row)),
                List.of(auditLog.entry(request, "updated", kind.text(), name, detail)));
        return Answered.ok(row.version(), view.of(request.account(), resource.name()));
    }

    /** {@code DELETE /v1/<kind>/{name}}. */
    public Processor delete(ResourceKind kind) {
        return changeStep(request -> {
            StoredDefinition kept = toChange(request, kind);
            String name = kept.name().name();
            List<String> users = UsedBy.users(configs.get(), request.account(), kind, name);
            if (!users.isEmpty()) {
                throw conflict(
                        "in-use",
                        kind.words() + " '" + name + "' is used by " + named(users)
                                + "; change them to use another one first");
            }
            refuseBreaking(kept.name(), kind, Optional.empty());
            if (kind == ResourceKind.API_KEY && request.caller().key().name().equals(name)) {
                throw conflict("own-key", "this is the key that you call with; delete it with another key");
            }
            write(
                    List.of(Change.remove(kept.name(), kept.version())),
                    List.of(auditLog.entry(request, "deleted", kind.text(), name, null)));
            return Answered.nothing();
        });
    }

    /**
     * {@code POST /v1/signing-keys/{id}/rotate}: a new key signs from now on; the old key signs beside it for a while.
     */
    public Processor rotate(View view) {
        return changeStep(request -> {
            ResourceKind kind = ResourceKind.SIGNING_KEY;
            StoredDefinition kept = toChange(request, kind);
            String name = kept.name().name();
            refuseNamed(kept.name());
            JsonNode asked = request.body(Set.of("id", "grace"));
            DefinitionDraft draft = draft(kind);
            Instant until = clock.instant().plus(draft.grace(asked.path("grace")));
            ObjectNode fresh = kept.definition().objectNode();
            fresh.put("id", asked.path("id").asText(SigningKeys.nextId(name)));
            fresh.put("scheme", kept.definition().has("privateKey") ? "v1a" : "v1");
            Map<String, Object> once = newKeys.complete(kind, fresh, draft.faults());
            Resource resource = draft.read(request, fresh, "");
            ObjectNode old = kept.definition().deepCopy();
            boolean endsBefore =
                    old.path("until").isTextual() && SigningKeys.endOf(old).isBefore(until);
            if (!endsBefore) {
                old.put("until", until.toString());
            }
            Resource ending = draft.read(request, old, name);
            DefinitionRow freshRow = row(assigned(request, kind, resource), resource, fresh);
            DefinitionRow oldRow = row(new Identity(kept.id(), kept.name()), ending, old);
            write(
                    List.of(Change.create(freshRow), Change.update(kept.name(), kept.version(), oldRow)),
                    List.of(auditLog.entry(request, "rotated", kind.text(), name, "by " + resource.name())));
            Object shown = with(once, view.of(request.account(), resource.name()));
            return Answered.created(location(kind, resource.name()), freshRow.version(), shown);
        });
    }

    /** Webhooks that name their keys would not sign with the new key, and with none when the old key has ended. */
    private void refuseNamed(ResourceName key) {
        List<String> users = UsedBy.users(configs.get(), key.account(), ResourceKind.SIGNING_KEY, key.name());
        if (!users.isEmpty()) {
            throw conflict(
                    "in-use",
                    "signing key '" + key.name() + "' is named by " + named(users)
                            + ", which would not sign with the new one; create another key, name both keys in these webhooks, and give this"
                            + " one an 'until'");
        }
    }

    /** @param after the changed resource; empty: it is deleted */
    private void refuseBreaking(ResourceName changed, ResourceKind kind, Optional<Resource> after) {
        new BrokenWebhooks(made, reader).refusal(changed, kind, after).ifPresent(why -> {
            throw conflict("in-use", why);
        });
    }

    /** The first names, and how many more. */
    private static String named(List<String> webhooks) {
        return String.join(
                        ", ",
                        webhooks.stream()
                                .limit(5)
                                .map(webhook -> "'" + webhook + "'")
                                .toList())
                + (webhooks.size() > 5 ? " and " + (webhooks.size() - 5) + " more webhooks" : "");
    }

    /**
     * A webhook as if a definition were saved. Nothing is saved.
     *
     * @param idOrName of the edited webhook, for masked values; an unknown one is new
     */
    public Webhook draft(ApiRequest request, String idOrName, ObjectNode given) {
        DefinitionDraft draft = draft(ResourceKind.WEBHOOK);
        String name = definitions.name(request.account(), ResourceKind.WEBHOOK, idOrName);
        if (ResourceKind.WEBHOOK.isId(name)) {
            throw new ProblemException(Problem.notFound("there is no webhook '" + name + "'"));
        }
        Optional<StoredDefinition> kept = made.ofApi(request.account(), ResourceKind.WEBHOOK, name);
        ObjectNode before =
                kept.map(known -> Definitions.plain(known.definition())).orElse(null);
        ObjectNode named = given.deepCopy();
        if (!named.has("name")) {
            named.put("name", name.isEmpty() ? "draft" : name);
        }
        String itself = before == null ? "" : name;
        ObjectNode definition = draft.meant(named, before);
        AccountResources resources = made.resources(request.account(), ResourceKind.WEBHOOK, itself)
                .freeWebhook(definition.path("name").asText());
        Webhook read = (Webhook) draft.read(resources, definition);
        return kept.map(known -> read.identified(known.id())).orElse(read);
    }

    /**
     * An OAuth client as if a definition were saved. Nothing is saved.
     *
     * @param idOrName of the edited client, for masked values; empty: a new client
     */
    OAuthClient draftClient(ApiRequest request, String idOrName, ObjectNode given) {
        ResourceKind kind = ResourceKind.OAUTH_CLIENT;
        String name = definitions.name(request.account(), kind, idOrName);
        Optional<StoredDefinition> kept = made.ofApi(request.account(), kind, name);
        if (!idOrName.isEmpty() && kept.isEmpty()) {
            throw new ProblemException(
                    Problem.notFound("this account has no OAuth client of that name or id that the API made"));
        }
        DefinitionDraft draft = draft(kind);
        ObjectNode definition = draft.meant(
                given.deepCopy(),
                kept.map(known -> Definitions.plain(known.definition())).orElse(null));
        AccountResources resources = made.resources(request.account(), kind, kept.isPresent() ? name : "");
        return (OAuthClient) draft.read(resources, definition);
    }

    private DefinitionDraft draft(ResourceKind kind) {
        return new DefinitionDraft(kind, made, reader, destinations);
    }

    private StoredDefinition toChange(ApiRequest request, ResourceKind kind) {
        String name = definitions.name(request, kind);
        Optional<StoredDefinition> known = made.kept(request.account(), kind, name);
        if (known.filter(kept -> kept.managedBy() == ManagedBy.FILE).isPresent()) {
            throw conflict(
                    "managed-by-file",
                    kind.words() + " '" + name + "' is defined in the configuration file of this installation;"
                            + " change it there, or create one with another name here");
        }
        if (kind == ResourceKind.EVENT_TYPE && EventCatalog.BUILT_IN.type(name).isPresent()) {
            throw conflict("built-in", "event type '" + name + "' is built in; define one of another name here");
        }
        StoredDefinition kept = known.orElseThrow(() ->
                new ProblemException(Problem.notFound("this account has no " + kind.words() + " of that name or id")));
        request.mustMatch(kept.version());
        return kept;
    }

    private static ObjectNode keptOf(Resource resource, ObjectNode definition) {
        return resource instanceof ApiKey key ? KeptApiKey.of(definition, key) : definition;
    }

    /** The id and name of a resource. */
    private record Identity(String id, ResourceName name) {}

    /** The identity of a new resource. A name that existed before keeps its id. */
    private Identity assigned(ApiRequest request, ResourceKind kind, Resource resource) {
        ResourceName name = new ResourceName(request.account(), kind.text(), resource.name());
        String id = identities
                .assign(List.of(name), Map.of())
                .toCompletableFuture()
                .join()
                .get(name);
        return new Identity(id, name);
    }

    private DefinitionRow row(Identity identity, Resource resource, ObjectNode definition) {
        return made.sealing()
                .sealed(
                        identity.id(),
                        identity.name(),
                        UlidCreator.getMonotonicUlid(clock.millis()).toString(),
                        keptOf(resource, definition),
                        clock.instant());
    }

    private void refuseLockingOut(ApiRequest request, ApiKey changed) {
        boolean own = request.caller().key().name().equals(changed.name());
        if (own && (!changed.role().mayChange() || changed.hasEnded(clock.instant()))) {
            throw conflict("own-key", "this is the key that you call with; take its rights away with another key");
        }
    }

    private void write(List<Change> all, List<AuditEntry> audit) {
        if (!changes.write(all, audit)) {
            throw new ProblemException(Problem.editConflict("another request is changing this now; read it again"));
        }
    }

    private static String location(ResourceKind kind, String name) {
        return "/v1/" + kind.text() + "s/"
                + URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static ProblemException conflict(String code, String detail) {
        return new ProblemException(Problem.conflict(code, detail));
    }
}
