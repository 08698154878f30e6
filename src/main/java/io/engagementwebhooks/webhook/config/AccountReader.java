package io.engagementwebhooks.webhook.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.ContentsquareConnection;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.Resource;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.SigningKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Reads one account: keys, then credentials, then the webhooks that refer to them. Single use. */
final class AccountReader {

    private static final int SHORT_KEY = 16;
    private final Mapping account;
    private final String id;
    private final ParsedDefinitions definitions;

    private final SigningKeyReader signingKeys;
    private final Names oauthClientNames;
    private final Names connectionNames;
    private final Map<String, OAuthClient> oauthClients;
    private final Map<String, SalesforceConnection> salesforce;
    private final Map<String, ContentsquareConnection> contentsquare;
    private final EventTypeReader eventTypes;

    AccountReader(Mapping account, String id, ParsedDefinitions definitions) {
        this.account = account;
        this.id = id;
        this.definitions = definitions;
        this.signingKeys = new SigningKeyReader();
        this.oauthClientNames = new Names();
        this.connectionNames = new Names();
        this.oauthClients = new LinkedHashMap<>();
        this.salesforce = new LinkedHashMap<>();
        this.contentsquare = new LinkedHashMap<>();
        this.eventTypes = new EventTypeReader(id, Map.of());
    }

    /** For one definition added to existing resources, which are not copied: there may be many. */
    AccountReader(AccountResources resources, ParsedDefinitions definitions) {
        this.account = null;
        this.id = resources.account();
        this.definitions = definitions;
        this.signingKeys = new SigningKeyReader(resources.signingKeys(), resources.ownKeys());
        this.oauthClientNames = new Names(List.of(resources.oauthClients().keySet()));
        this.connectionNames = new Names(List.of(
                resources.salesforce().keySet(), resources.contentsquare().keySet()));
        this.oauthClients = Collections.unmodifiableMap(resources.oauthClients());
        this.salesforce = Collections.unmodifiableMap(resources.salesforce());
        this.contentsquare = Collections.unmodifiableMap(resources.contentsquare());
        this.eventTypes = new EventTypeReader(id, Collections.unmodifiableMap(resources.eventTypes()));
    }

    void read() {
        List<ApiKey> apiKeys = apiKeys();
        definitions.accounts.add(new Account(id, apiKeys, readSigningKeys()));
        readOAuthClients();
        readConnections();
        items("eventTypes", ResourceKind.EVENT_TYPE, item -> eventTypes
                .read(item)
                .ifPresent(definitions.eventTypes::add));
        WebhookReader webhooks = new WebhookReader(this, definitions);
        items("webhooks", ResourceKind.WEBHOOK, item -> webhooks.read(item));
        webhooks.readRenames();
    }

    String id() {
        return id;
    }

    SigningKeyReader signingKeys() {
        return signingKeys;
    }

    /** Whether the file has signing keys for it, even invalid ones. */
    boolean hasSigningKeys() {
        return account == null
                ? !signingKeys.ofAccount().isEmpty()
                : !account.list("signingKeys").isEmpty();
    }

    String resource() {
        return account == null ? "account '" + id + "'" : account.resource();
    }

    Names oauthClientNames() {
        return oauthClientNames;
    }

    Names connectionNames() {
        return connectionNames;
    }

    Map<String, OAuthClient> oauthClients() {
        return oauthClients;
    }

    Map<String, SalesforceConnection> salesforce() {
        return salesforce;
    }

    Map<String, ContentsquareConnection> contentsquare() {
        return contentsquare;
    }

    /** Reads one definition. */
    Optional<Resource> readOne(ResourceKind kind, YamlNode node, ParseContext reading) {
        return switch (kind) {
            case WEBHOOK ->
                open(node, kind, reading).flatMap(item -> {
                    new WebhookReader(this, definitions).read(item);
                    return definitions.webhooks.stream().findFirst().map(Resource.OfWebhook::new);
                });
            case OAUTH_CLIENT ->
                open(node, kind, reading)
                        .flatMap(item -> OAuthClientReader.read(item, id, oauthClientNames))
                        .map(Resource.OfOAuthClient::new);
            case CONNECTION -> oneConnection(node, reading);
            case API_KEY ->
                open(node, kind, reading)
                        .flatMap(item -> apiKey(item, new Names()))
                        .map(Resource.OfApiKey::new);
            case SIGNING_KEY ->
                open(node, kind, reading).flatMap(signingKeys::read).map(Resource.OfSigningKey::new);
            case EVENT_TYPE ->
                open(node, kind, reading).flatMap(eventTypes::read).map(Resource.OfEventType::new);
        };
    }

    private Optional<Resource> oneConnection(YamlNode node, ParseContext reading) {
        String resource = resource(ResourceKind.CONNECTION, node);
        return shapeOfConnection(node, resource, reading)
                .flatMap(shape -> Mapping.open(node, shape, resource, reading))
                .flatMap(item -> isContentsquare(node)
                        ? ContentsquareConnectionReader.read(item, id, connectionNames)
                                .map(Resource.OfContentsquare::new)
                        : SalesforceConnectionReader.read(item, id, connectionNames)
                                .map(Resource.OfSalesforce::new));
    }

    private static boolean isContentsquare(YamlNode node) {
        return Mapping.peek(node, "type").filter("contentsquare"::equals).isPresent();
    }

    /** The shape of a connection, by its type. */
    private static Optional<Shape> shapeOfConnection(YamlNode node, String resource, ParseContext reading) {
        Optional<String> type = Mapping.peek(node, "type").filter(Set.of("contentsquare", "salesforce")::contains);
        if (type.isEmpty()) {
            reading.faults()
                    .add(
                            node.line(),
                            new FaultCollector.Kind("type", "required"),
                            resource,
                            "lacks a known 'type'",
                            "known: contentsquare, salesforce");
        }
        return type.map(known -> Schema.of(ResourceKind.CONNECTION, known));
    }

    private static Optional<Mapping> open(YamlNode node, ResourceKind kind, ParseContext reading) {
        return Mapping.open(node, Schema.of(kind, ""), resource(kind, node), reading);
    }

    private static String resource(ResourceKind kind, YamlNode node) {
        return Mapping.peek(node, kind.nameKey())
                .map(name -> kind.words() + " '" + name + "'")
                .orElse(kind.words());
    }

    private List<ApiKey> apiKeys() {
        List<ApiKey> keys = new ArrayList<>();
        Names names = new Names();
        items("apiKeys", ResourceKind.API_KEY, item -> apiKey(item, names).ifPresent(keys::add));
        return keys;
    }

    private Optional<ApiKey> apiKey(Mapping item, Names names) {
        Optional<String> name = names.claim(item, "name");
        item.text("key")
                .filter(key -> key.length() < SHORT_KEY)
                .ifPresent(key -> item.warn(
                        "key", "'key' is shorter than " + SHORT_KEY + " characters", "take a long random one"));
        if (item.isFaulty()) {
            return Optional.empty();
        }
        ApiKey apiKey = ApiKey.of(
                name.orElseThrow(),
                item.word("role", ApiKey.Role.class).orElseThrow(),
                item.secret("key").orElseThrow(),
                item.time("until").orElse(null));
        String taken = definitions.apiKeys.putIfAbsent(
                HexFormat.of().formatHex(apiKey.sha256()), item.resource() + ofAccount());
        if (taken != null) {
            item.fault(
                    "key",
                    "key-taken",
                    "'key' is the same as that of " + taken,
                    "a key tells who calls: give each its own");
            return Optional.empty();
        }
        return Optional.of(apiKey);
    }

    private List<SigningKey> readSigningKeys() {
        items("signingKeys", ResourceKind.SIGNING_KEY, signingKeys::readOfAccount);
        if (!account.has("signingKeys") && account.has("webhooks")) {
            account.warn(
                    "id",
                    "has no signing keys, so webhooks without keys of their own send unsigned",
                    "add 'signingKeys'");
        }
        return List.copyOf(signingKeys.ofAccount().values());
    }

    private void readOAuthClients() {
        items("oauthClients", ResourceKind.OAUTH_CLIENT, item -> OAuthClientReader.read(item, id, oauthClientNames)
                .ifPresent(client -> {
                    oauthClients.put(client.name(), client);
                    definitions.oauthClients.add(client);
                }));
    }

    private void readConnections() {
        List<YamlNode> items = account.list("connections");
        for (int i = 0; i < items.size(); i++) {
            YamlNode item = items.get(i);
            String resource = Names.resource("connection", item, "name", i, ofAccount());
            Optional<Shape> shape = shapeOfConnection(item, resource, account.reading());
            if (shape.isEmpty()) {
                Mapping.peek(item, "name").ifPresent(name -> connectionNames.reserve(name, item.line()));
                continue;
            }
            keep(ResourceKind.CONNECTION, item);
            Mapping.open(item, shape.get(), resource, account.reading())
                    .ifPresent(connection -> readConnection(connection, isContentsquare(item)));
        }
    }

    private void readConnection(Mapping item, boolean isContentsquare) {
        if (isContentsquare) {
            ContentsquareConnectionReader.read(item, id, connectionNames).ifPresent(connection -> {
                contentsquare.put(connection.name(), connection);
                definitions.contentsquare.add(connection);
            });
        } else {
            SalesforceConnectionReader.read(item, id, connectionNames).ifPresent(connection -> {
                salesforce.put(connection.name(), connection);
                definitions.salesforce.add(connection);
            });
        }
    }

    /** Keeps the definition as written in the file. Of API keys only the hash is kept. */
    private void keep(ResourceKind kind, YamlNode item) {
        Mapping.peek(item, kind.nameKey())
                .ifPresent(name -> definitions.definitions.put(
                        Config.key(id, kind, name), kept(kind, item).toString().getBytes(StandardCharsets.UTF_8)));
    }

    private static JsonNode kept(ResourceKind kind, YamlNode item) {
        if (kind == ResourceKind.EVENT_TYPE) {
            return JsonTree.json(item);
        }
        JsonNode definition = JsonTree.of(item);
        return kind == ResourceKind.API_KEY && definition instanceof ObjectNode object
                ? object.without("key")
                : definition;
    }

    private void items(String key, ResourceKind kind, Consumer<Mapping> reader) {
        List<YamlNode> items = account.list(key);
        for (int i = 0; i < items.size(); i++) {
            String resource = Names.resource(kind.words(), items.get(i), kind.nameKey(), i, ofAccount());
            keep(kind, items.get(i));
            Mapping.open(items.get(i), account.shapeOfItems(key), resource, account.reading())
                    .ifPresent(reader);
        }
    }

    private String ofAccount() {
        return " of " + resource();
    }
}
