package io.engagementwebhooks.config.read;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.config.schema.JsonTree;
import io.engagementwebhooks.config.schema.Mapping;
import io.engagementwebhooks.config.schema.ParseContext;
import io.engagementwebhooks.config.schema.RecordingPlaceholders;
import io.engagementwebhooks.config.schema.Schema;
import io.engagementwebhooks.config.schema.YamlNode;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.ApiKey;
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
public final class AccountReader {

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

    public AccountReader(Mapping account, String id, ParsedDefinitions definitions) {
        this(account, new AccountResources(id), definitions, new SigningKeyReader(), new Names(), new Names());
    }

    /** For one definition added to existing resources, which are not copied: there may be many. */
    public AccountReader(AccountResources resources, ParsedDefinitions definitions) {
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

    public void read() {
        List<ApiKey> apiKeys = new ArrayList<>();
        items("apiKeys", ResourceKind.API_KEY, key -> apiKeys.add((ApiKey) key));
        definitions.accounts.add(new Account(id(), apiKeys, readSigningKeys()));
        items("oauthClients", ResourceKind.OAUTH_CLIENT, this::add);
        items("connections", ResourceKind.CONNECTION, this::add);
        items("eventTypes", ResourceKind.EVENT_TYPE, definitions.resources::add);
        items("webhooks", ResourceKind.WEBHOOK, definitions.resources::add);
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
    public Optional<? extends Resource> readOne(ResourceKind kind, YamlNode node, ParseContext reading) {
        String resource = Mapping.peek(node, kind.nameKey())
                .map(name -> kind.words() + " '" + name + "'")
                .orElse(kind.words());
        return read(kind, node, resource, reading);
    }

    private Optional<? extends Resource> read(ResourceKind kind, YamlNode node, String resource, ParseContext reading) {
        Optional<Mapping> item = open(kind, node, resource, reading);
        Optional<Resource> read = item.flatMap(each -> Mapping.readable(() -> resource(kind, each)));
        return read.filter(each -> !item.get().isFaulty());
    }

    private Resource resource(ResourceKind kind, Mapping item) {
        return switch (kind) {
            case WEBHOOK -> webhooks.read(item);
            case OAUTH_CLIENT -> OAuthClientReader.read(item, id(), oauthClientNames);
            case CONNECTION ->
                item.text("type").equals(CONTENTSQUARE)
                        ? ContentsquareConnectionReader.read(item, id(), connectionNames)
                        : SalesforceConnectionReader.read(item, id(), connectionNames);
            case API_KEY -> apiKey(item);
            case SIGNING_KEY -> signingKey(item);
            case EVENT_TYPE -> eventTypes.read(item);
        };
    }

    private SigningKey signingKey(Mapping item) {
        if (account != null) {
            signingKeys.announce(item.text("id"));
        }
        return signingKeys.read(item);
    }

    private Optional<Mapping> open(ResourceKind kind, YamlNode node, String resource, ParseContext reading) {
        Optional<String> type =
                kind == ResourceKind.CONNECTION ? typeOfConnection(node, resource, reading) : Optional.of("");
        return type.flatMap(known -> Mapping.open(node, Schema.definition(kind, known), resource, reading));
    }

    /** The name of one of unknown type is reserved, so that webhooks that refer to it get no second fault. */
    private Optional<String> typeOfConnection(YamlNode node, String resource, ParseContext reading) {
        Optional<String> type = Mapping.peek(node, "type").filter(Set.of(CONTENTSQUARE, "salesforce")::contains);
        if (type.isEmpty()) {
            String known = "known: contentsquare, salesforce";
            reading.faults().add(node.line(), "/type", "required", resource, "lacks a known 'type'", known);
            Mapping.peek(node, "name").ifPresent(name -> connectionNames.reserve(name, node.line()));
        }
        return type;
    }

    private ApiKey apiKey(Mapping item) {
        String name = apiKeyNames.claim(item, "name");
        if (item.text("key").length() < SHORT_KEY) {
            item.warn("key", "'key' is shorter than " + SHORT_KEY + " characters", "take a long random one");
        }
        ApiKey apiKey = ApiKey.of(
                name,
                item.word("role", ApiKey.Role.class),
                item.secret("key"),
                item.time("until").orElse(null));
        String taken = definitions.apiKeys.putIfAbsent(
                HexFormat.of().formatHex(apiKey.sha256()), item.resource() + ofAccount());
        if (taken != null) {
            item.fault(
                    "key",
                    "key-taken",
                    "'key' is the same as that of " + taken,
                    "a key tells who calls: give each its own");
        }
        return apiKey;
    }

    private List<SigningKey> readSigningKeys() {
        items("signingKeys", ResourceKind.SIGNING_KEY, signingKeys::add);
        if (!account.has("signingKeys") && account.has("webhooks")) {
            account.warn(
                    "id",
                    "has no signing keys, so webhooks without keys of their own send unsigned",
                    "add 'signingKeys'");
        }
        return List.copyOf(signingKeys.ofAccount().values());
    }

    private void items(String key, ResourceKind kind, Consumer<Resource> keeper) {
        List<YamlNode> items = account.list(key);
        for (int i = 0; i < items.size(); i++) {
            String resource = Names.resource(kind.words(), items.get(i), kind.nameKey(), i, ofAccount());
            YamlNode item = items.get(i);
            RecordingPlaceholders placeholders =
                    new RecordingPlaceholders(account.reading().placeholders());
            read(kind, item, resource, account.reading().with(placeholders)).ifPresent(read -> {
                keeper.accept(read);
                byte[] json = kept(item, read).toString().getBytes(StandardCharsets.UTF_8);
                definitions.definitions.add(new FileDefinition(id(), json, placeholders.answers(), read));
            });
        }
    }

    /** A definition as written in the file. */
    private static JsonNode kept(YamlNode item, Resource read) {
        if (read.kind() == ResourceKind.EVENT_TYPE) {
            return JsonTree.json(item);
        }
        ObjectNode definition = (ObjectNode) JsonTree.of(item);
        return read instanceof ApiKey key ? KeptApiKey.of(definition, key) : definition.without("was");
    }

    private String ofAccount() {
        return " of " + resource();
    }
}
