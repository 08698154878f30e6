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

    /** Indexes of what the accounts own. */
    private record Index(
            Resources resources,
            Map<WebhookId, Webhook> byId,
            Map<String, Subscriptions> byAccount,
            Map<String, EventCatalog> catalogs,
            Map<String, Map<String, EventType>> checked) {}

    /**
     * @param accounts ids are unique
     * @param resources what they own
     */
    public Config(Collection<Account> accounts, Resources resources) {
        this.accounts = Collections.unmodifiableMap(byId(accounts));
        this.keys = new KeyRing(this.accounts.values());
        this.index = index(resources);
    }

    /** An empty configuration. */
    public static Config empty() {
        return EMPTY;
    }

    /** The accounts by id, in the order of their names. */
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

    /** All webhooks of all accounts, in the order of their names. */
    public List<Webhook> webhooks() {
        return index.resources.of(Webhook.class);
    }

    /** One account's webhooks, in the order of their names. */
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

    private static Map<String, Account> byId(Collection<Account> accounts) {
        Map<String, Account> byId = new LinkedHashMap<>();
        for (Account account : accounts) {
            if (byId.put(account.id(), account) != null) {
                throw new IllegalArgumentException("account '" + account.id() + "' is there twice");
            }
        }
        return byId;
    }

    private static Index index(Resources resources) {
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
        return new Index(resources, byId, subscriptions, catalogs, checked);
    }

    /** Counts only. */
    @Override
    public String toString() {
        return accounts.size() + " accounts, " + index.byId.size() + " webhooks";
    }
}
