package io.engagementwebhooks.webhook;

import io.engagementwebhooks.webhook.auth.KeyRing;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The configuration as one snapshot: accounts with their keys, OAuth clients, connections and webhooks. Use one
 * snapshot per request or delivery.
 *
 * <p>Immutable and thread-safe. The cost of lookups by key, id, and account with event type does not depend on the
 * number of webhooks.
 */
public final class Config {

    private static final Config EMPTY = new Config(List.of(), Resources.of(List.of()));

    private final Map<String, Account> accounts;
    private final KeyRing keys;
    private final Index index;

    /** The resources of the accounts without keys, each type in the order of the file. */
    public static final class Resources {

        private final Map<Class<?>, List<OwnedResource>> byType;

        private Resources(Stream<? extends Resource> all) {
            byType = all.filter(OwnedResource.class::isInstance)
                    .map(OwnedResource.class::cast)
                    .collect(Collectors.groupingBy(Object::getClass, Collectors.toUnmodifiableList()));
        }

        /** Those of a list. Ids of webhooks are unique, and so are names of a type in an account. */
        public static Resources of(List<? extends Resource> all) {
            return new Resources(all.stream());
        }

        /** Those of a type. */
        @SuppressWarnings("unchecked") // each is kept under its own class
        public <T extends OwnedResource> List<T> of(Class<T> type) {
            return (List<T>) byType.getOrDefault(type, List.of());
        }

        public Stream<OwnedResource> all() {
            return byType.values().stream().flatMap(List::stream);
        }
    }

    /** The former name of a webhook of the file ({@code was: old-name}). */
    public record FormerName(String account, String name, String was) {}

    /** Indexes that do not depend on the accounts, shared by {@link #with}. */
    private record Index(
            Resources resources,
            Map<WebhookId, Webhook> byId,
            Map<String, Subscriptions> byAccount,
            Map<String, EventCatalog> catalogs,
            Map<String, Map<String, EventType>> checked,
            List<FormerName> formerNames,
            Map<String, byte[]> definitions,
            Map<String, String> ids) {}

    /**
     * @param accounts ids are unique
     * @param resources what they own
     */
    public Config(Collection<Account> accounts, Resources resources) {
        this(accounts, resources, List.of(), Map.of());
    }

    /**
     * @param accounts ids are unique
     * @param resources what they own
     * @param formerNames former names of webhooks
     * @param definitions definitions as written in the file, as JSON, by {@link #key}
     */
    public Config(
            Collection<Account> accounts,
            Resources resources,
            List<FormerName> formerNames,
            Map<String, byte[]> definitions) {
        this(byId(accounts), index(resources, List.copyOf(formerNames), definitions, Map.of()));
    }

    /** The key of a resource's definition. */
    public static String key(String account, ResourceKind kind, String name) {
        return account + "\n" + kind.text() + "\n" + name;
    }

    /**
     * A resource's definition as written in the file, as JSON with its placeholders. It may contain secrets: redact it.
     */
    public Optional<byte[]> definition(String account, ResourceKind kind, String name) {
        return Optional.ofNullable(index.definitions.get(key(account, kind, name)));
    }

    private Config(Map<String, Account> accounts, Index index) {
        this.accounts = Collections.unmodifiableMap(accounts);
        this.keys = new KeyRing(accounts.values());
        this.index = index;
    }

    /** An empty configuration. */
    public static Config empty() {
        return EMPTY;
    }

    /** The accounts by id, in the order of the file. */
    public Map<String, Account> accounts() {
        return accounts;
    }

    public Optional<Account> account(String id) {
        return Optional.ofNullable(accounts.get(id));
    }

    /** The caller with this key; empty: unknown. The key is hashed once and compared in constant time. */
    public Optional<Caller> caller(String presentedKey) {
        return keys.caller(presentedKey);
    }

    public Optional<Webhook> webhook(WebhookId id) {
        return Optional.ofNullable(index.byId.get(id));
    }

    /** A webhook of an account by its id or its name. */
    public Optional<Webhook> webhook(String account, String idOrName) {
        if (ResourceKind.WEBHOOK.isId(idOrName)) {
            return webhook(new WebhookId(account, idOrName, idOrName));
        }
        return Optional.ofNullable(subscriptions(account).named(idOrName));
    }

    /** The id of a resource of the file; empty if it does not exist or the store has not assigned an id yet. */
    public Optional<String> id(String account, ResourceKind kind, String name) {
        return kind == ResourceKind.WEBHOOK
                ? webhook(account, name).map(webhook -> webhook.id().id())
                : Optional.ofNullable(index.ids.get(key(account, kind, name)));
    }

    /** The name of a resource of the file by its id. */
    public Optional<String> name(String account, ResourceKind kind, String id) {
        if (kind == ResourceKind.WEBHOOK) {
            return webhook(account, id).map(Webhook::name);
        }
        String before = key(account, kind, "");
        return index.ids.entrySet().stream()
                .filter(each -> each.getValue().equals(id) && each.getKey().startsWith(before))
                .map(each -> each.getKey().substring(before.length()))
                .findFirst();
    }

    /** A copy with the ids that the store has assigned. @param ids by {@link #key}, one for each resource */
    public Config identified(Map<String, String> ids) {
        Map<String, String> ofOthers = new HashMap<>(ids);
        Resources all = new Resources(index.resources
                .all()
                .map(resource -> resource instanceof Webhook webhook
                        ? webhook.identified(
                                ofOthers.remove(key(webhook.account(), ResourceKind.WEBHOOK, webhook.name())))
                        : resource));
        return new Config(accounts, index(all, index.formerNames, index.definitions, Map.copyOf(ofOthers)));
    }

    /** The event types that an account knows. */
    public EventCatalog catalog(String account) {
        return index.catalogs.getOrDefault(account, EventCatalog.BUILT_IN);
    }

    /** The event types that an account has defined. */
    public List<EventType> eventTypes(String account) {
        return catalog(account).own();
    }

    /** An event type of the account whose events are checked; null: they are not. */
    public EventType checked(String account, String type) {
        return index.checked.getOrDefault(account, Map.of()).get(type);
    }

    /** All webhooks of all accounts, in the order of the file. */
    public List<Webhook> webhooks() {
        return index.resources.of(Webhook.class);
    }

    /** One account's webhooks, in the order of the file. */
    public List<Webhook> webhooks(String account) {
        return subscriptions(account).webhooks();
    }

    /** The account's webhooks that subscribe to this type, in the order of the file; conditions are not evaluated. */
    public List<Webhook> matching(String account, String eventType) {
        return subscriptions(account).matching(eventType);
    }

    /** The fields of events that any webhook of the account waits for. */
    public Set<String> awaited(String account) {
        return subscriptions(account).awaited();
    }

    private Subscriptions subscriptions(String account) {
        return index.byAccount.getOrDefault(account, Subscriptions.NONE);
    }

    public List<OAuthClient> oauthClients(String account) {
        return owned(OAuthClient.class, account);
    }

    public List<SalesforceConnection> salesforceConnections(String account) {
        return owned(SalesforceConnection.class, account);
    }

    public List<ContentsquareConnection> contentsquareConnections(String account) {
        return owned(ContentsquareConnection.class, account);
    }

    private <T extends OwnedResource> List<T> owned(Class<T> type, String account) {
        return index.resources.of(type).stream()
                .filter(resource -> resource.account().equals(account))
                .toList();
    }

    /** The resources of all accounts. */
    public Resources resources() {
        return index.resources;
    }

    /** Former names of webhooks of the file. */
    public List<FormerName> formerNames() {
        return index.formerNames;
    }

    /**
     * This configuration with another account, such as that of the first start. If the file has an account of that id
     * too, the keys of both are valid, the file's first.
     */
    public Config with(Account account) {
        Map<String, Account> more = new LinkedHashMap<>(accounts);
        more.merge(account.id(), account, Config::merged);
        return new Config(more, index);
    }

    /**
     * Definitions from outside the file.
     *
     * @param apiKeys by account
     * @param signingKeys by account; they sign for its webhooks beside those of the file
     * @param resources names differ from those of the file
     */
    public record Beside(
            Map<String, List<ApiKey>> apiKeys, Map<String, List<SigningKey>> signingKeys, Resources resources) {}

    /** This configuration with definitions from outside the file. */
    public Config with(Beside beside) {
        Map<String, Account> more = new LinkedHashMap<>(accounts);
        more.replaceAll((id, account) -> new Account(
                id,
                joined(account.apiKeys(), beside.apiKeys.getOrDefault(id, List.of())),
                joined(account.signingKeys(), beside.signingKeys.getOrDefault(id, List.of()))));
        Stream<OwnedResource> ofFile = index.resources
                .all()
                .map(resource ->
                        resource instanceof Webhook webhook && beside.signingKeys.containsKey(webhook.account())
                                ? webhook.signedBy(more.get(webhook.account()).signingKeys())
                                : resource);
        Resources all = new Resources(Stream.concat(ofFile, beside.resources.all()));
        return new Config(more, index(all, index.formerNames, index.definitions, index.ids));
    }

    private static <T> List<T> joined(List<T> first, List<T> second) {
        return second.isEmpty()
                ? first
                : Stream.concat(first.stream(), second.stream()).toList();
    }

    private static Account merged(Account file, Account other) {
        return new Account(
                file.id(),
                joined(file.apiKeys(), other.apiKeys()),
                joined(file.signingKeys(), other.signingKeys()).stream()
                        .distinct()
                        .toList());
    }

    private static Map<String, Account> byId(Collection<Account> accounts) {
        Map<String, Account> byId = new LinkedHashMap<>();
        for (Account account : accounts) {
            if (byId.put(account.id(), account) != null) {
                throw new IllegalArgumentException("account '" + account.id() + "' is there twice");
            }
        }
        return byId;
    }

    private static Index index(
            Resources resources,
            List<FormerName> formerNames,
            Map<String, byte[]> definitions,
            Map<String, String> ids) {
        Map<WebhookId, Webhook> byId = new HashMap<>();
        Map<String, List<Webhook>> byAccount = new LinkedHashMap<>();
        for (Webhook webhook : resources.of(Webhook.class)) {
            if (byId.put(webhook.id(), webhook) != null) {
                throw new IllegalArgumentException(webhook + " is there twice");
            }
            byAccount
                    .computeIfAbsent(webhook.account(), account -> new ArrayList<>())
                    .add(webhook);
        }
        Map<String, Subscriptions> subscriptions = new LinkedHashMap<>();
        byAccount.forEach((account, webhooks) -> subscriptions.put(account, new Subscriptions(webhooks)));
        Map<String, List<EventType>> types =
                resources.of(EventType.class).stream().collect(Collectors.groupingBy(EventType::account));
        Map<String, EventCatalog> catalogs = new HashMap<>();
        types.forEach((account, own) -> catalogs.put(account, EventCatalog.with(own)));
        Map<String, Map<String, EventType>> checked = resources.of(EventType.class).stream()
                .filter(type -> type.check() != EventType.Check.OFF)
                .collect(Collectors.groupingBy(
                        EventType::account, Collectors.toMap(EventType::type, Function.identity())));
        // a HashMap compares hashes before keys, which are often not in the processor's cache
        return new Index(resources, byId, subscriptions, catalogs, checked, formerNames, definitions, ids);
    }

    /** Counts only. */
    @Override
    public String toString() {
        return accounts.size() + " accounts, " + index.byId.size() + " webhooks";
    }
}
