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
import io.engagementwebhooks.webhook.Secret;
import io.engagementwebhooks.webhook.SigningKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Reads one account: its keys, then its credentials, then its webhooks, which refer to them. For one use. */
final class AccountReader {

    private static final int SHORT_KEY = 16;
    private static final Predicate<String> KEY_NAME = Names.NAME.and(name -> !ApiKey.isSomebodyElse(name));
    private static final String KEY_NAME_RULE = Names.NAME_RULE + "; neither '" + ApiKey.OVER_JMX + "' nor with '"
            + ApiKey.OF_PROVIDER + "' in front, which are others in the audit log";
    private static final Map<String, ApiKey.Role> ROLES =
            Map.of("ingest", ApiKey.Role.INGEST, "read", ApiKey.Role.READ, "admin", ApiKey.Role.ADMIN);

    private final Mapping account;
    private final String id;
    private final ParsedDefinitions gathered;

    private final SigningKeyReader signingKeys;
    private final Names oauthClientNames;
    private final Names connectionNames;
    private final Map<String, OAuthClient> oauthClients;
    private final Map<String, SalesforceConnection> salesforce;
    private final Map<String, ContentsquareConnection> contentsquare;

    AccountReader(Mapping account, String id, ParsedDefinitions gathered) {
        this.account = account;
        this.id = id;
        this.gathered = gathered;
        this.signingKeys = new SigningKeyReader();
        this.oauthClientNames = new Names();
        this.connectionNames = new Names();
        this.oauthClients = new LinkedHashMap<>();
        this.salesforce = new LinkedHashMap<>();
        this.contentsquare = new LinkedHashMap<>();
    }

    /** One whose things are known already, for one that is added to them; they are not copied, since they may be many. */
    AccountReader(AccountResources resources, ParsedDefinitions gathered) {
        this.account = null;
        this.id = resources.account();
        this.gathered = gathered;
        this.signingKeys = new SigningKeyReader(resources.signingKeys(), resources.ownKeys());
        this.oauthClientNames = new Names(List.of(resources.oauthClients().keySet()));
        this.connectionNames = new Names(List.of(
                resources.salesforce().keySet(), resources.contentsquare().keySet()));
        this.oauthClients = Collections.unmodifiableMap(resources.oauthClients());
        this.salesforce = Collections.unmodifiableMap(resources.salesforce());
        this.contentsquare = Collections.unmodifiableMap(resources.contentsquare());
    }

    void read() {
        List<ApiKey> apiKeys = apiKeys();
        gathered.accounts.add(new Account(id, apiKeys, readSigningKeys()));
        readOAuthClients();
        readConnections();
        WebhookReader webhooks = new WebhookReader(this, gathered);
        items("webhooks", Part.WEBHOOK, "webhook", "name", item -> webhooks.read(item));
        webhooks.readRenames();
    }

    String id() {
        return id;
    }

    SigningKeyReader signingKeys() {
        return signingKeys;
    }

    /** Whether the file gives it keys, be they faulty. */
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

    /** Reads one thing that is added to those known. */
    Optional<Resource> readOne(ResourceKind kind, YamlNode node, ParseContext reading) {
        return switch (kind) {
            case WEBHOOK ->
                open(node, Part.WEBHOOK, kind, "name", reading).flatMap(item -> {
                    new WebhookReader(this, gathered).read(item);
                    return gathered.webhooks.stream().findFirst().map(Resource.OfWebhook::new);
                });
            case OAUTH_CLIENT ->
                open(node, Part.OAUTH_CLIENT, kind, "name", reading)
                        .flatMap(item -> OAuthClientReader.read(item, id, oauthClientNames))
                        .map(Resource.OfOAuthClient::new);
            case CONNECTION -> oneConnection(node, reading);
            case API_KEY ->
                open(node, Part.API_KEY, kind, "name", reading)
                        .flatMap(item -> apiKey(item, new Names()))
                        .map(Resource.OfApiKey::new);
            case SIGNING_KEY ->
                open(node, Part.SIGNING_KEY, kind, "id", reading)
                        .flatMap(signingKeys::read)
                        .map(Resource.OfSigningKey::new);
        };
    }

    private Optional<Resource> oneConnection(YamlNode node, ParseContext reading) {
        boolean isContentsquare =
                Mapping.peek(node, "type").filter("contentsquare"::equals).isPresent();
        Part part = isContentsquare ? Part.CONTENTSQUARE_CONNECTION : Part.SALESFORCE_CONNECTION;
        return open(node, part, ResourceKind.CONNECTION, "name", reading).flatMap(item -> {
            if (!isContentsquare && !item.peek("type").equals(Optional.of("salesforce"))) {
                item.fault("type", "lacks a known 'type'", "known: contentsquare, salesforce");
                return Optional.empty();
            }
            return isContentsquare
                    ? ContentsquareConnectionReader.read(item, id, connectionNames)
                            .map(Resource.OfContentsquare::new)
                    : SalesforceConnectionReader.read(item, id, connectionNames).map(Resource.OfSalesforce::new);
        });
    }

    private static Optional<Mapping> open(
            YamlNode node, Part part, ResourceKind kind, String nameKey, ParseContext reading) {
        String resource = Mapping.peek(node, nameKey)
                .map(name -> kind.words() + " '" + name + "'")
                .orElse(kind.words());
        return Mapping.open(node, part, resource, reading);
    }

    private List<ApiKey> apiKeys() {
        List<ApiKey> keys = new ArrayList<>();
        Names names = new Names();
        items("apiKeys", Part.API_KEY, "API key", "name", item -> apiKey(item, names)
                .ifPresent(keys::add));
        return keys;
    }

    private Optional<ApiKey> apiKey(Mapping item, Names names) {
        Optional<String> name = names.claim(item, "name", KEY_NAME, KEY_NAME_RULE);
        Optional<ApiKey.Role> role =
                item.need("role", "ingest, read or admin").flatMap(text -> item.choice("role", ROLES, Map.of()));
        Optional<Secret> key =
                item.needSecret("key", "the text that callers present").filter(secret -> fits(item, secret));
        Optional<Instant> until = item.time("until");
        if (name.isEmpty() || role.isEmpty() || key.isEmpty() || item.has("until") && until.isEmpty()) {
            return Optional.empty();
        }
        ApiKey apiKey = ApiKey.of(name.get(), role.get(), key.get(), until.orElse(null));
        String taken =
                gathered.apiKeys.putIfAbsent(HexFormat.of().formatHex(apiKey.sha256()), item.resource() + ofAccount());
        if (taken != null) {
            item.fault("key", "'key' is the same as that of " + taken, "a key tells who calls: give each its own");
            return Optional.empty();
        }
        return Optional.of(apiKey);
    }

    private static boolean fits(Mapping item, Secret key) {
        if (key.reveal().chars().anyMatch(c -> c <= ' ' || c > '~')) {
            item.fault("key", "'key' holds a space, control or non-ASCII character", "use letters, digits and marks");
            return false;
        }
        if (key.reveal().length() < SHORT_KEY) {
            item.warn("key", "'key' is shorter than " + SHORT_KEY + " characters", "take a long random one");
        }
        return true;
    }

    private List<SigningKey> readSigningKeys() {
        items("signingKeys", Part.SIGNING_KEY, "signing key", "id", signingKeys::readOfAccount);
        if (!account.has("signingKeys") && account.has("webhooks")) {
            account.warn(
                    "id",
                    "has no signing keys, so webhooks without keys of their own send unsigned",
                    "add 'signingKeys'");
        }
        return List.copyOf(signingKeys.ofAccount().values());
    }

    private void readOAuthClients() {
        items("oauthClients", Part.OAUTH_CLIENT, "OAuth client", "name", item -> OAuthClientReader.read(
                        item, id, oauthClientNames)
                .ifPresent(client -> {
                    oauthClients.put(client.name(), client);
                    gathered.oauthClients.add(client);
                }));
    }

    private void readConnections() {
        List<YamlNode> items = account.list("connections");
        for (int i = 0; i < items.size(); i++) {
            YamlNode item = items.get(i);
            String resource = Names.resource("connection", item, "name", i, ofAccount());
            String type = Mapping.peek(item, "type").orElse("");
            Part part = type.equals("contentsquare") ? Part.CONTENTSQUARE_CONNECTION : Part.SALESFORCE_CONNECTION;
            if (!type.equals("contentsquare") && !type.equals("salesforce")) {
                account.reading()
                        .faults()
                        .add(item.line(), resource, "lacks a known 'type'", "known: contentsquare, salesforce");
                Mapping.peek(item, "name").ifPresent(name -> connectionNames.reserve(name, item.line()));
                continue;
            }
            keep(part, item);
            Mapping.open(item, part, resource, account.reading())
                    .ifPresent(connection -> readConnection(connection, part));
        }
    }

    private void readConnection(Mapping item, Part part) {
        if (part == Part.CONTENTSQUARE_CONNECTION) {
            ContentsquareConnectionReader.read(item, id, connectionNames).ifPresent(connection -> {
                contentsquare.put(connection.name(), connection);
                gathered.contentsquare.add(connection);
            });
        } else {
            SalesforceConnectionReader.read(item, id, connectionNames).ifPresent(connection -> {
                salesforce.put(connection.name(), connection);
                gathered.salesforce.add(connection);
            });
        }
    }

    /** How it stands in the file, for people. API keys are known by their hash only. */
    private void keep(Part part, YamlNode item) {
        ResourceKind kind =
                switch (part) {
                    case WEBHOOK -> ResourceKind.WEBHOOK;
                    case OAUTH_CLIENT -> ResourceKind.OAUTH_CLIENT;
                    case SIGNING_KEY -> ResourceKind.SIGNING_KEY;
                    case API_KEY -> ResourceKind.API_KEY;
                    default -> ResourceKind.CONNECTION;
                };
        Mapping.peek(item, kind == ResourceKind.SIGNING_KEY ? "id" : "name")
                .ifPresent(name -> gathered.definitions.put(
                        Config.key(id, kind, name), kept(kind, item).toString().getBytes(StandardCharsets.UTF_8)));
    }

    private static JsonNode kept(ResourceKind kind, YamlNode item) {
        JsonNode definition = JsonTree.of(item);
        return kind == ResourceKind.API_KEY && definition instanceof ObjectNode object
                ? object.without("key")
                : definition;
    }

    private void items(String key, Part part, String kind, String nameKey, Consumer<Mapping> reader) {
        List<YamlNode> items = account.list(key);
        for (int i = 0; i < items.size(); i++) {
            String resource = Names.resource(kind, items.get(i), nameKey, i, ofAccount());
            keep(part, items.get(i));
            Mapping.open(items.get(i), part, resource, account.reading()).ifPresent(reader);
        }
    }

    private String ofAccount() {
        return " of " + resource();
    }
}
