package io.engagementwebhooks.webhook.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.ContentsquareConnection;
import io.engagementwebhooks.webhook.EventType;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.Resource;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.SigningKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Reads one account: keys, then credentials, then the webhooks that refer to them. Single use. */
final class AccountReader {

    private static final int SHORT_KEY = 16;
    private static final String CONTENTSQUARE = "contentsquare";

    private final Mapping account;
    private final AccountResources resources;
    private final ParsedDefinitions definitions;
    private final SigningKeyReader signingKeys;
    private final Names oauthClientNames;
    private final Names connectionNames;
    private final Names apiKeyNames = new Names();
    private final EventTypeReader eventTypes;
    private final WebhookReader webhooks;

    AccountReader(Mapping account, String id, ParsedDefinitions definitions) {
        this(account, new AccountResources(id), definitions, new SigningKeyReader(), new Names(), new Names());
    }

    /** For one definition added to existing resources, which are not copied: there may be many. */
    AccountReader(AccountResources resources, ParsedDefinitions definitions) {
        this(
                null,
                resources,
                definitions,
                new SigningKeyReader(resources.of(SigningKey.class), resources.ownKeys()),
                new Names(List.of(resources.names(OAuthClient.class))),
                new Names(List.of(
                        resources.names(SalesforceConnection.class), resources.names(ContentsquareConnection.class))));
    }

    private AccountReader(
            Mapping account,
            AccountResources resources,
            ParsedDefinitions definitions,
            SigningKeyReader signingKeys,
            Names oauthClientNames,
            Names connectionNames) {
        this.account = account;
        this.resources = resources;
        this.definitions = definitions;
        this.signingKeys = signingKeys;
        this.oauthClientNames = oauthClientNames;
        this.connectionNames = connectionNames;
        this.eventTypes = new EventTypeReader(resources.account(), resources.of(EventType.class));
        this.webhooks = new WebhookReader(this, definitions);
    }

    void read() {
        List<ApiKey> apiKeys = new ArrayList<>();
        items("apiKeys", ResourceKind.API_KEY, item -> apiKey(item).ifPresent(apiKeys::add));
        definitions.accounts.add(new Account(id(), apiKeys, readSigningKeys()));
        items("oauthClients", ResourceKind.OAUTH_CLIENT, item -> oauthClient(item)
                .ifPresent(this::add));
        items("connections", ResourceKind.CONNECTION, item -> connection(item).ifPresent(this::add));
        items("eventTypes", ResourceKind.EVENT_TYPE, item -> eventTypes
                .read(item)
                .ifPresent(definitions.resources::add));
        items("webhooks", ResourceKind.WEBHOOK, item -> webhooks.read(item).ifPresent(definitions.resources::add));
        webhooks.readRenames();
    }

    /** Adds a resource that webhooks may refer to. */
    private void add(Resource resource) {
        resources.add(resource);
        definitions.resources.add(resource);
    }

    String id() {
        return resources.account();
    }

    AccountResources resources() {
        return resources;
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
        return account == null ? "account '" + id() + "'" : account.resource();
    }

    Names oauthClientNames() {
        return oauthClientNames;
    }

    Names connectionNames() {
        return connectionNames;
    }

    /** Reads one definition. */
    Optional<Resource> readOne(ResourceKind kind, YamlNode node, ParseContext reading) {
        String resource = Mapping.peek(node, kind.nameKey())
                .map(name -> kind.words() + " '" + name + "'")
                .orElse(kind.words());
        return open(kind, node, resource, reading).flatMap(item -> switch (kind) {
            case WEBHOOK -> webhooks.read(item);
            case OAUTH_CLIENT -> oauthClient(item);
            case CONNECTION -> connection(item);
            case API_KEY -> apiKey(item);
            case SIGNING_KEY -> signingKeys.read(item);
            case EVENT_TYPE -> eventTypes.read(item);
        });
    }

    private static Optional<Mapping> open(ResourceKind kind, YamlNode node, String resource, ParseContext reading) {
        Optional<Shape> shape = kind == ResourceKind.CONNECTION
                ? shapeOfConnection(node, resource, reading)
                : Optional.of(Schema.of(kind, ""));
        return shape.flatMap(known -> Mapping.open(node, known, resource, reading));
    }

    /** The shape of a connection, by its type. */
    private static Optional<Shape> shapeOfConnection(YamlNode node, String resource, ParseContext reading) {
        Optional<String> type = Mapping.peek(node, "type").filter(Set.of(CONTENTSQUARE, "salesforce")::contains);
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

    private Optional<OAuthClient> oauthClient(Mapping item) {
        return OAuthClientReader.read(item, id(), oauthClientNames);
    }

    private Optional<? extends Resource> connection(Mapping item) {
        return item.text("type").filter(CONTENTSQUARE::equals).isPresent()
                ? ContentsquareConnectionReader.read(item, id(), connectionNames)
                : SalesforceConnectionReader.read(item, id(), connectionNames);
    }

    private Optional<ApiKey> apiKey(Mapping item) {
        Optional<String> name = apiKeyNames.claim(item, "name");
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

    private void items(String key, ResourceKind kind, Consumer<Mapping> reader) {
        List<YamlNode> items = account.list(key);
        for (int i = 0; i < items.size(); i++) {
            YamlNode item = items.get(i);
            String resource = Names.resource(kind.words(), item, kind.nameKey(), i, ofAccount());
            keep(kind, item);
            open(kind, item, resource, account.reading()).ifPresentOrElse(reader, () -> reserveName(item));
        }
    }

    /** Reserves the name of a connection of unknown type, so that webhooks that refer to it get no second fault. */
    private void reserveName(YamlNode item) {
        Mapping.peek(item, "name").ifPresent(name -> connectionNames.reserve(name, item.line()));
    }

    /** Keeps the definition as written in the file. Of API keys only the hash is kept. */
    private void keep(ResourceKind kind, YamlNode item) {
        Mapping.peek(item, kind.nameKey())
                .ifPresent(name -> definitions.definitions.put(
                        Config.key(id(), kind, name),
                        kept(kind, item).toString().getBytes(StandardCharsets.UTF_8)));
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

    private String ofAccount() {
        return " of " + resource();
    }
}
