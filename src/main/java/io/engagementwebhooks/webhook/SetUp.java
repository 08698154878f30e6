package io.engagementwebhooks.webhook;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Everything that is set up, as one snapshot: accounts with their keys, OAuth clients, connections and webhooks. Whoever
 * works with it for one request or one delivery takes one snapshot and stays with it.
 *
 * <p>Immutable and thread-safe. Lookups by key, id, and account with event type do not depend on how many webhooks there
 * are.
 */
public final class SetUp {

    private static final SetUp EMPTY =
            new SetUp(List.of(), new Things(List.of(), List.of(), List.of(), List.of()), Map.of());

    private final Map<String, Account> accounts;
    private final KeyRing keys;
    private final Index index;

    /**
     * What the accounts own.
     *
     * @param oauthClients in the order of the file
     * @param salesforce connections to Salesforce orgs
     * @param contentsquare connections to Contentsquare projects
     * @param webhooks in the order of the file; ids are unique
     */
    public record Things(
            List<OAuthClient> oauthClients,
            List<SalesforceConnection> salesforce,
            List<ContentsquareConnection> contentsquare,
            List<Webhook> webhooks) {

        public Things {
            oauthClients = List.copyOf(oauthClients);
            salesforce = List.copyOf(salesforce);
            contentsquare = List.copyOf(contentsquare);
            webhooks = List.copyOf(webhooks);
        }
    }

    /** What does not change with the accounts, and is shared by {@link #with}. */
    private record Index(
            Things things,
            Map<WebhookId, Webhook> byId,
            Map<String, Subscriptions> byAccount,
            Map<WebhookId, WebhookId> renames,
            Map<String, byte[]> definitions) {}

    /**
     * @param accounts ids are unique
     * @param things what they own
     * @param renames webhooks' former ids to what they are called now
     */
    public SetUp(Collection<Account> accounts, Things things, Map<WebhookId, WebhookId> renames) {
        this(accounts, things, renames, Map.of());
    }

    /** As above. @param definitions how things stand in the file, as JSON, by {@link #key} */
    public SetUp(
            Collection<Account> accounts,
            Things things,
            Map<WebhookId, WebhookId> renames,
            Map<String, byte[]> definitions) {
        this(byId(accounts), index(things, renames, definitions));
    }

    /** What the definition of a thing of the file is kept by. */
    public static String key(String account, ThingKind kind, String name) {
        return account + "\n" + kind.text() + "\n" + name;
    }

    /** How a thing stands in the file, as JSON with placeholders as they stand; it may hold secrets, so mask it. */
    public Optional<byte[]> definition(String account, ThingKind kind, String name) {
        return Optional.ofNullable(index.definitions.get(key(account, kind, name)));
    }

    private SetUp(Map<String, Account> accounts, Index index) {
        this.accounts = Collections.unmodifiableMap(accounts);
        this.keys = new KeyRing(accounts.values());
        this.index = index;
    }

    /** Nothing at all. */
    public static SetUp empty() {
        return EMPTY;
    }

    /** The accounts by id, in the order of the file. */
    public Map<String, Account> accounts() {
        return accounts;
    }

    public Optional<Account> account(String id) {
        return Optional.ofNullable(accounts.get(id));
    }

    /** Who presents this key; empty: nobody we know. The key is hashed once and compared in constant time. */
    public Optional<Caller> caller(String presentedKey) {
        return keys.caller(presentedKey);
    }

    public Optional<Webhook> webhook(WebhookId id) {
        return Optional.ofNullable(index.byId.get(id));
    }

    /** All webhooks of all accounts, in the order of the file. */
    public List<Webhook> webhooks() {
        return index.things.webhooks();
    }

    /** One account's webhooks, in the order of the file. */
    public List<Webhook> webhooks(String account) {
        Subscriptions subscriptions = index.byAccount.get(account);
        return subscriptions == null ? List.of() : subscriptions.webhooks();
    }

    /** The account's webhooks that ask for this type, in the order of the file; conditions are not judged here. */
    public List<Webhook> matching(String account, String eventType) {
        Subscriptions subscriptions = index.byAccount.get(account);
        return subscriptions == null ? List.of() : subscriptions.matching(eventType);
    }

    /** The fields of events that any webhook of the account waits for. */
    public Set<String> awaited(String account) {
        Subscriptions subscriptions = index.byAccount.get(account);
        return subscriptions == null ? Set.of() : subscriptions.awaited();
    }

    public List<OAuthClient> oauthClients(String account) {
        return index.things.oauthClients().stream()
                .filter(client -> client.account().equals(account))
                .toList();
    }

    public List<SalesforceConnection> salesforceConnections(String account) {
        return index.things.salesforce().stream()
                .filter(connection -> connection.account().equals(account))
                .toList();
    }

    public List<ContentsquareConnection> contentsquareConnections(String account) {
        return index.things.contentsquare().stream()
                .filter(connection -> connection.account().equals(account))
                .toList();
    }

    /** What the accounts own, of all accounts. */
    public Things things() {
        return index.things;
    }

    /**
     * Webhooks' former ids to what they are called now ({@code was: old-name}); state and deliveries move with them. A name
     * that another webhook has by now is nobody's former one. Of a webhook's former ids the latest comes first: its state is
     * under that one.
     */
    public Map<WebhookId, WebhookId> renames() {
        return index.renames;
    }

    /**
     * This set-up and one account from elsewhere, such as the one made at the first start. If the file has an account of
     * that id too, the keys of both are good, the file's first.
     */
    public SetUp with(Account account) {
        Map<String, Account> more = new LinkedHashMap<>(accounts);
        more.merge(account.id(), account, SetUp::merged);
        return new SetUp(more, index);
    }

    /**
     * What was set up elsewhere, beside the file.
     *
     * @param apiKeys by account
     * @param signingKeys by account; they sign for its webhooks beside those of the file
     * @param things names differ from those of the file
     * @param resting webhooks that are in no effect now, and keep their names
     * @param renames as {@link SetUp#renames()}
     */
    public record Beside(
            Map<String, List<ApiKey>> apiKeys,
            Map<String, List<SigningKey>> signingKeys,
            Things things,
            Set<WebhookId> resting,
            Map<WebhookId, WebhookId> renames) {}

    /** This set-up and what was set up elsewhere for its accounts. */
    public SetUp with(Beside beside) {
        Map<String, Account> more = new LinkedHashMap<>(accounts);
        more.replaceAll((id, account) -> new Account(
                id,
                joined(account.apiKeys(), beside.apiKeys.getOrDefault(id, List.of())),
                joined(account.signingKeys(), beside.signingKeys.getOrDefault(id, List.of()))));
        List<Webhook> webhooks = index.things.webhooks();
        if (!beside.signingKeys.isEmpty()) {
            webhooks = webhooks.stream()
                    .map(webhook -> beside.signingKeys.containsKey(webhook.account())
                            ? webhook.signedBy(more.get(webhook.account()).signingKeys())
                            : webhook)
                    .toList();
        }
        Things all = new Things(
                joined(index.things.oauthClients(), beside.things.oauthClients()),
                joined(index.things.salesforce(), beside.things.salesforce()),
                joined(index.things.contentsquare(), beside.things.contentsquare()),
                joined(webhooks, beside.things.webhooks()));
        Map<WebhookId, WebhookId> renames = new LinkedHashMap<>(beside.renames);
        index.renames.forEach(renames::putIfAbsent);
        renames.keySet().removeAll(beside.resting);
        return new SetUp(more, index(all, renames, index.definitions));
    }

    private static <T> List<T> joined(List<T> first, List<T> second) {
        return second.isEmpty()
                ? first
                : Stream.concat(first.stream(), second.stream()).toList();
    }

    private static Account merged(Account file, Account other) {
        return new Account(
                file.id(),
                Stream.concat(file.apiKeys().stream(), other.apiKeys().stream()).toList(),
                Stream.concat(file.signingKeys().stream(), other.signingKeys().stream())
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

    private static Index index(Things things, Map<WebhookId, WebhookId> renames, Map<String, byte[]> definitions) {
        Map<WebhookId, Webhook> byId = new LinkedHashMap<>();
        Map<String, List<Webhook>> byAccount = new LinkedHashMap<>();
        for (Webhook webhook : things.webhooks()) {
            if (byId.put(webhook.id(), webhook) != null) {
                throw new IllegalArgumentException(webhook + " is there twice");
            }
            byAccount
                    .computeIfAbsent(webhook.account(), account -> new ArrayList<>())
                    .add(webhook);
        }
        Map<String, Subscriptions> subscriptions = new LinkedHashMap<>();
        byAccount.forEach((account, webhooks) -> subscriptions.put(account, new Subscriptions(webhooks)));
        Map<WebhookId, WebhookId> followed = new LinkedHashMap<>(renames);
        followed.keySet().removeAll(byId.keySet());
        return new Index(things, byId, subscriptions, Collections.unmodifiableMap(followed), definitions);
    }

    /** Counts only. */
    @Override
    public String toString() {
        return accounts.size() + " accounts, " + index.byId.size() + " webhooks";
    }
}
