package io.engagementwebhooks.api.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.config.DefinitionReader;
import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.config.read.AccountResources;
import io.engagementwebhooks.config.schema.FieldFault;
import io.engagementwebhooks.store.definition.DefinitionRow;
import io.engagementwebhooks.store.definition.DefinitionStore.Changed;
import io.engagementwebhooks.store.definition.ResourceName;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Resource;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.auth.Authentication;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Definitions created with the API, merged with those of the configuration file. Definitions of the API may refer to
 * those of the file. If both have one with the same name, the file's is in effect and the other is inactive.
 *
 * <p>Reading is thread-safe; {@link #apply} and changes are called by one thread at a time.
 */
public final class ApiDefinitions implements UnaryOperator<Config> {

    private static final Logger LOG = LoggerFactory.getLogger(ApiDefinitions.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Webhooks come last, because they refer to the others. */
    private static final List<ResourceKind> ORDER = List.of(
            ResourceKind.EVENT_TYPE,
            ResourceKind.SIGNING_KEY,
            ResourceKind.OAUTH_CLIENT,
            ResourceKind.CONNECTION,
            ResourceKind.API_KEY,
            ResourceKind.WEBHOOK);

    private static final Set<ResourceKind> USED_BY_WEBHOOKS =
            Set.of(ResourceKind.SIGNING_KEY, ResourceKind.OAUTH_CLIENT, ResourceKind.CONNECTION);

    private final DefinitionReader reader;
    private final Vault vault;
    private volatile Map<String, Map<ResourceName, Kept>> byAccount = Map.of();

    /** @param rows all rows of the store */
    public ApiDefinitions(DefinitionReader reader, Vault vault, List<DefinitionRow> rows) {
        this.reader = reader;
        this.vault = vault;
        Map<String, Map<ResourceName, Kept>> all = new HashMap<>();
        rows.forEach(row -> all.computeIfAbsent(row.name().account(), account -> new TreeMap<>(ORDER_OF_NAMES))
                .put(row.name(), new Kept(row, opened(row))));
        byAccount = all;
    }

    private static final Comparator<ResourceName> ORDER_OF_NAMES =
            Comparator.comparing(ResourceName::kind).thenComparing(ResourceName::name);

    /** A stored definition. */
    public static final class Kept {
        private final DefinitionRow row;
        private final ObjectNode definition;
        private volatile Resource resource;
        private volatile String problem;

        Kept(DefinitionRow row, ObjectNode definition) {
            this.row = row;
            this.definition = definition;
        }

        public String id() {
            return row.id();
        }

        ResourceName name() {
            return row.name();
        }

        String version() {
            return row.version();
        }

        Instant changedAt() {
            return row.changedAt();
        }

        /** Bytes as stored. */
        int size() {
            return row.sealed().length;
        }

        /** With secrets: mask it before showing it. */
        ObjectNode definition() {
            return definition;
        }

        /** Whether it is not in effect at all. */
        public boolean isResting() {
            return resource == null;
        }

        /** Why it is not in effect as defined, or null. */
        String problem() {
            return problem;
        }

        @Override
        public String toString() {
            return row.name().toString();
        }
    }

    /** The definition, with the name by which the store finds it. */
    private ObjectNode opened(DefinitionRow row) {
        try {
            ObjectNode definition = (ObjectNode) JSON.readTree(vault.unseal(row.sealed()));
            String key = ResourceKind.of(row.name().kind()).nameKey();
            return definition.put(key, row.name().name());
        } catch (IOException e) {
            throw new UncheckedIOException("a definition in the store is damaged: " + row.name(), e);
        }
    }

    /** A row with a sealed definition. */
    DefinitionRow sealed(String id, ResourceName name, String version, ObjectNode definition, Instant now) {
        try {
            return new DefinitionRow(id, name, version, vault.seal(JSON.writeValueAsBytes(definition)), now);
        } catch (IOException e) {
            throw new IllegalStateException("a tree is always written", e);
        }
    }

    /** A definition; empty: the API created none with this name. */
    public Optional<Kept> kept(String account, ResourceKind kind, String name) {
        return Optional.ofNullable(
                byAccount.getOrDefault(account, Map.of()).get(new ResourceName(account, kind.text(), name)));
    }

    /** All of an account and a kind. */
    List<Kept> kept(String account, ResourceKind kind) {
        return byAccount.getOrDefault(account, Map.of()).values().stream()
                .filter(kept -> kept.row.name().kind().equals(kind.text()))
                .toList();
    }

    /** The name of a resource by its id. */
    Optional<String> name(String account, ResourceKind kind, String id) {
        return byAccount.getOrDefault(account, Map.of()).values().stream()
                .filter(kept -> kept.id().equals(id) && kept.name().kind().equals(kind.text()))
                .map(kept -> kept.name().name())
                .findFirst();
    }

    /** Whether memory has the same version as the store. */
    boolean holds(Changed change) {
        Map<ResourceName, Kept> all = byAccount.getOrDefault(change.name().account(), Map.of());
        if (change.row().isEmpty()) {
            // by id: it may be known under its previous name
            return all.values().stream().noneMatch(kept -> kept.id().equals(change.id()));
        }
        Kept kept = all.get(change.name());
        return kept != null
                && kept.id().equals(change.id())
                && kept.version().equals(change.row().get().version())
                && Arrays.equals(kept.row.sealed(), change.row().get().sealed());
    }

    /** Applies committed changes. A renamed resource is known by its new name only. */
    void changed(List<Changed> changes) {
        Map<String, Map<ResourceName, Kept>> all = new HashMap<>(byAccount);
        Set<String> ids = changes.stream().map(Changed::id).collect(Collectors.toSet());
        changes.stream().map(change -> change.name().account()).distinct().forEach(account -> {
            Map<ResourceName, Kept> ofAccount = new TreeMap<>(ORDER_OF_NAMES);
            ofAccount.putAll(all.getOrDefault(account, Map.of()));
            ofAccount.values().removeIf(kept -> ids.contains(kept.id()));
            all.put(account, ofAccount);
        });
        changes.forEach(change -> change.row()
                .ifPresent(row -> all.get(row.name().account()).put(row.name(), new Kept(row, opened(row)))));
        byAccount = all;
    }

    /** Resources of an account without one of them. @param file definitions of the file */
    AccountResources resources(Config file, String account, ResourceKind withoutKind, String without) {
        AccountResources resources = new AccountResources(account, without);
        ofFile(file, account).forEach(resources::add);
        for (Kept kept : byAccount.getOrDefault(account, Map.of()).values()) {
            boolean isItself = kept.row.name().kind().equals(withoutKind.text())
                    && kept.row.name().name().equals(without);
            if (!isItself && kept.resource != null) {
                resources.add(kept.resource);
            }
        }
        if (withoutKind == ResourceKind.SIGNING_KEY) {
            resources.free(without);
        }
        return resources;
    }

    /**
     * A webhook created with the API that would become invalid.
     *
     * @param name its name
     * @param fault the error and the way out
     */
    record Broken(String name, String fault) {}

    /**
     * Webhooks in effect that a change of a resource would make invalid. Parses only webhooks that use it.
     *
     * @param file definitions of the file
     * @param after the changed resource; empty: it is deleted
     * @param most limit of results
     */
    List<Broken> broken(
            Config file, String account, ResourceKind kind, String name, Optional<Resource> after, int most) {
        if (!USED_BY_WEBHOOKS.contains(kind)) {
            return List.of();
        }
        AccountResources then = new AccountResources(account);
        List<Resource> others = new ArrayList<>(ofFile(file, account));
        byAccount.getOrDefault(account, Map.of()).values().stream()
                .filter(kept -> kept.resource != null)
                .filter(kept -> !kept.row.name().kind().equals(kind.text())
                        || !kept.row.name().name().equals(name))
                .forEach(kept -> others.add(kept.resource));
        after.ifPresent(others::add);
        others.stream()
                .filter(resource -> resource.kind() != ResourceKind.WEBHOOK)
                .forEach(then::add);
        boolean hasKeys = others.stream().anyMatch(SigningKey.class::isInstance);
        return kept(account, ResourceKind.WEBHOOK).stream()
                .filter(kept -> kept.resource != null && kept.problem == null)
                .filter(kept -> mayNeed(kept.definition.path("delivery"), kind, name, hasKeys))
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

    private Optional<Broken> fault(AccountResources then, Kept webhook) {
        try {
            reader.readKept(then, ResourceKind.WEBHOOK, webhook.definition);
            return Optional.empty();
        } catch (DefinitionReader.Refused e) {
            FieldFault first = first(e);
            return Optional.of(new Broken(webhook.row.name().name(), first.detail() + " (" + first.wayOut() + ")"));
        }
    }

    private static FieldFault first(DefinitionReader.Refused e) {
        return e.faults().isEmpty()
                ? new FieldFault("", "it cannot be read", "save it again")
                : e.faults().get(0);
    }

    private static List<Resource> ofFile(Config file, String account) {
        return ORDER.stream().flatMap(kind -> ofFile(file, account, kind)).toList();
    }

    /** The resources of a kind that the file defines. */
    static Stream<Resource> ofFile(Config file, String account, ResourceKind kind) {
        List<? extends Resource> resources =
                switch (kind) {
                    case API_KEY -> file.account(account).map(Account::apiKeys).orElse(List.of());
                    case SIGNING_KEY ->
                        file.account(account).map(Account::signingKeys).orElse(List.of());
                    case OAUTH_CLIENT -> file.oauthClients(account);
                    case CONNECTION ->
                        Stream.concat(
                                        file.salesforceConnections(account).stream(),
                                        file.contentsquareConnections(account).stream())
                                .toList();
                    case EVENT_TYPE -> file.eventTypes(account);
                    case WEBHOOK -> file.webhooks(account);
                };
        return resources.stream().map(Resource.class::cast);
    }

    @Override
    public Config apply(Config file) {
        Map<String, List<Resource>> gathered = new HashMap<>();
        byAccount.forEach((account, kept) -> {
            if (file.account(account).isPresent() && !kept.isEmpty()) {
                gathered.put(account, gathered(file, account, kept));
            }
        });
        boolean isEmpty = gathered.values().stream().allMatch(List::isEmpty);
        return isEmpty ? file : file.with(beside(gathered));
    }

    private static Config.Beside beside(Map<String, List<Resource>> gathered) {
        return new Config.Beside(
                keys(gathered, ApiKey.class),
                keys(gathered, SigningKey.class),
                Config.Resources.of(
                        gathered.values().stream().flatMap(List::stream).toList()));
    }

    private static <T extends Resource> Map<String, List<T>> keys(Map<String, List<Resource>> gathered, Class<T> type) {
        Map<String, List<T>> keys = new HashMap<>();
        gathered.forEach((account, all) -> keys.put(
                account, all.stream().filter(type::isInstance).map(type::cast).toList()));
        keys.values().removeIf(List::isEmpty);
        return keys;
    }

    private List<Resource> gathered(Config file, String account, Map<ResourceName, Kept> all) {
        List<Resource> gathered = new ArrayList<>();
        AccountResources resources = new AccountResources(account);
        Map<String, Resource> known = new HashMap<>();
        ofFile(file, account).forEach(resource -> {
            resources.add(resource);
            known.put(resource.kind().text() + "\n" + resource.name(), resource);
        });
        Set<String> ids = file.webhooks(account).stream()
                .map(webhook -> webhook.id().id())
                .collect(Collectors.toSet());
        List<SigningKey> signingKeys =
                new ArrayList<>(file.account(account).map(Account::signingKeys).orElse(List.of()));
        for (ResourceKind kind : ORDER) {
            for (Kept kept : all.values()) {
                if (!kept.row.name().kind().equals(kind.text())) {
                    continue;
                }
                if (known.containsKey(kind.text() + "\n" + kept.row.name().name())) {
                    kept.resource = null;
                    reportProblem(kept, "the configuration file has one with this name, which is in effect instead");
                    continue;
                }
                if (kind == ResourceKind.WEBHOOK && ids.contains(kept.id())) {
                    kept.resource = null;
                    reportProblem(kept, "the configuration file has it under another name, which is in effect instead");
                    continue;
                }
                read(resources, known, kind, kept);
                if (kept.resource instanceof Webhook webhook) {
                    kept.resource = webhook.signedBy(signingKeys);
                } else if (kept.resource instanceof SigningKey key) {
                    signingKeys.add(key);
                }
                if (kept.resource != null) {
                    resources.add(kept.resource);
                    known.put(kind.text() + "\n" + kept.resource.name(), kept.resource);
                    gathered.add(kept.resource);
                }
            }
        }
        return gathered;
    }

    private void read(AccountResources resources, Map<String, Resource> known, ResourceKind kind, Kept kept) {
        if (kept.resource != null && kept.problem == null && isAsItWas(known, kept)) {
            return;
        }
        try {
            kept.resource = kind == ResourceKind.API_KEY
                    ? DefinitionReader.keptKey(kept.definition)
                    : identified(reader.readKept(resources, kind, kept.definition), kept.id());
            kept.problem = null;
        } catch (DefinitionReader.Refused e) {
            FieldFault first = first(e);
            reportProblem(
                    kept,
                    first.detail() + " (" + first.wayOut() + "); "
                            + (kept.resource == null
                                    ? "it is not in effect"
                                    : "the previous definition stays in effect"));
        }
    }

    private static void reportProblem(Kept kept, String problem) {
        if (!problem.equals(kept.problem)) {
            LOG.error("definition.not-active {}: {}", kept, problem);
        }
        kept.problem = problem;
    }

    /** A webhook with its id in the store. */
    static Resource identified(Resource resource, String id) {
        return resource instanceof Webhook webhook ? webhook.identified(id) : resource;
    }

    /** Whether the resources it refers to are unchanged. */
    private static boolean isAsItWas(Map<String, Resource> known, Kept kept) {
        if (!(kept.resource instanceof Webhook webhook)) {
            return true;
        }
        Authentication authentication = webhook.delivery().authentication();
        Resource referred = null;
        if (authentication.credentials() instanceof Authentication.OAuth2 oauth2) {
            referred = oauth2.client();
        } else if (authentication instanceof Authentication.Salesforce salesforce) {
            referred = salesforce.connection();
        } else if (authentication instanceof Authentication.Contentsquare contentsquare) {
            referred = contentsquare.connection();
        }
        JsonNode delivery = kept.definition.path("delivery");
        boolean namesKeys = delivery.path("signingKeys").size() > 0
                || delivery.path("signing").size() > 0;
        return !namesKeys
                && (referred == null
                        || referred.equals(known.get(referred.kind().text() + "\n" + referred.name())));
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
            case CONNECTION ->
                UsedBy.connection(authentication).filter(name::equals).isPresent();
            case SIGNING_KEY -> webhook.delivery().target().signing().names(name);
            default -> false;
        };
    }

    /** A definition as JSON. */
    static ObjectNode parsed(byte[] json) {
        try {
            return (ObjectNode) JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException("a definition is always JSON", e);
        }
    }

    /** Shows counts only. */
    @Override
    public String toString() {
        return byAccount.values().stream().mapToInt(Map::size).sum() + " things made by the API";
    }
}
