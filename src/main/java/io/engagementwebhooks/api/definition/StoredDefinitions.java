package io.engagementwebhooks.api.definition;

import io.engagementwebhooks.config.AppliedFiles;
import io.engagementwebhooks.config.BootstrapKey;
import io.engagementwebhooks.config.DefinitionReader;
import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.config.read.AccountResources;
import io.engagementwebhooks.config.read.KeptApiKey;
import io.engagementwebhooks.config.schema.FieldFault;
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
import io.engagementwebhooks.webhook.signing.Signing;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stored definitions, of the configuration file and of the API. The configuration is built from them alone.
 *
 * <p>Reading is thread-safe; changes are made by one thread at a time.
 */
public final class StoredDefinitions {

    /** The store's setting of {@link AppliedFiles}, encrypted. */
    public static final String FILES = "config-files";

    private static final Logger LOG = LoggerFactory.getLogger(StoredDefinitions.class);
    /** Webhooks come last, because they refer to the others. */
    private static final List<String> ORDER = Stream.of(
                    ResourceKind.EVENT_TYPE,
                    ResourceKind.SIGNING_KEY,
                    ResourceKind.OAUTH_CLIENT,
                    ResourceKind.CONNECTION,
                    ResourceKind.API_KEY,
                    ResourceKind.WEBHOOK)
            .map(ResourceKind::text)
            .toList();

    static final Comparator<ResourceName> ORDER_OF_NAMES = Comparator.<ResourceName>comparingInt(
                    name -> ORDER.indexOf(name.kind()))
            .thenComparing(ResourceName::name);

    private final DefinitionReader reader;
    private final Vault vault;
    private final DefinitionSealing sealing;
    private volatile Map<String, Map<ResourceName, StoredDefinition>> byAccount = Map.of();
    private volatile Optional<byte[]> sealedFiles = Optional.empty();
    private volatile AppliedFiles files = AppliedFiles.NONE;

    /** The keys by which the webhooks of an account were last read. */
    private final Map<String, List<SigningKey>> signingKeys = new HashMap<>();

    public StoredDefinitions(DefinitionReader reader, Vault vault) {
        this.reader = reader;
        this.vault = vault;
        this.sealing = new DefinitionSealing(vault);
    }

    DefinitionSealing sealing() {
        return sealing;
    }

    /** The files that were applied. */
    AppliedFiles files() {
        return files;
    }

    Optional<byte[]> sealedFiles() {
        return sealedFiles;
    }

    /** @param sealed the store's setting {@value #FILES} @return whether it has changed */
    boolean files(Optional<byte[]> sealed) {
        AppliedFiles before = files;
        sealedFiles = sealed;
        files = sealed.map(vault::unseal).map(AppliedFiles::of).orElse(AppliedFiles.NONE);
        return !files.equals(before);
    }

    /** A definition; empty: there is none with this name. */
    public Optional<StoredDefinition> kept(String account, ResourceKind kind, String name) {
        return kept(new ResourceName(account, kind.text(), name));
    }

    /** A definition of the API; empty: there is none with this name. */
    Optional<StoredDefinition> ofApi(String account, ResourceKind kind, String name) {
        return kept(account, kind, name).filter(kept -> !kept.isOfFile());
    }

    Optional<StoredDefinition> kept(ResourceName name) {
        return Optional.ofNullable(all(name.account()).get(name));
    }

    private Map<ResourceName, StoredDefinition> all(String account) {
        return byAccount.getOrDefault(account, Map.of());
    }

    /** The definitions of the file, by id. */
    Map<String, StoredDefinition> ofFile() {
        Map<String, StoredDefinition> byId = new LinkedHashMap<>();
        byAccount.values().stream()
                .flatMap(all -> all.values().stream())
                .filter(StoredDefinition::isOfFile)
                .forEach(kept -> byId.put(kept.id(), kept));
        return byId;
    }

    /** All of an account and a kind. */
    List<StoredDefinition> kept(String account, ResourceKind kind) {
        return all(account).values().stream()
                .filter(kept -> kept.name().kind().equals(kind.text()))
                .toList();
    }

    /** The name of a resource by its id. */
    Optional<String> name(String account, ResourceKind kind, String id) {
        return all(account).values().stream()
                .filter(kept -> kept.id().equals(id) && kept.name().kind().equals(kind.text()))
                .map(kept -> kept.name().name())
                .findFirst();
    }

    /** Whether memory has the same version as the store. */
    boolean holds(Changed change) {
        Map<ResourceName, StoredDefinition> all = all(change.name().account());
        if (change.row().isEmpty()) {
            // by id: it may be known under its previous name
            return all.values().stream().noneMatch(kept -> kept.id().equals(change.id()));
        }
        StoredDefinition kept = all.get(change.name());
        return kept != null
                && kept.id().equals(change.id())
                && kept.version().equals(change.row().get().version())
                && kept.hasBytesOf(change.row().get());
    }

    /** Applies committed changes. A renamed resource is known by its new name only. */
    void changed(List<Changed> changes) {
        Map<String, Map<ResourceName, StoredDefinition>> all = new HashMap<>(byAccount);
        Set<String> ids = changes.stream().map(Changed::id).collect(Collectors.toSet());
        changes.stream().map(change -> change.name().account()).distinct().forEach(account -> {
            Map<ResourceName, StoredDefinition> ofAccount = new TreeMap<>(ORDER_OF_NAMES);
            ofAccount.putAll(all.getOrDefault(account, Map.of()));
            ofAccount.values().removeIf(kept -> ids.contains(kept.id()));
            all.put(account, ofAccount);
        });
        changes.forEach(change ->
                change.row().ifPresent(row -> all.get(row.name().account()).put(row.name(), sealing.stored(row))));
        byAccount = all;
    }

    /** Resources of an account without one of them. */
    AccountResources resources(String account, ResourceKind withoutKind, String without) {
        AccountResources resources = new AccountResources(account, without);
        others(account, withoutKind, without).forEach(resources::add);
        if (withoutKind == ResourceKind.SIGNING_KEY) {
            resources.free(without);
        }
        return resources;
    }

    Stream<Resource> others(String account, ResourceKind withoutKind, String without) {
        ResourceName itself = new ResourceName(account, withoutKind.text(), without);
        return all(account).values().stream()
                .filter(kept -> kept.resource != null && !kept.name().equals(itself))
                .map(kept -> kept.resource);
    }

    static FieldFault first(DefinitionReader.Refused e) {
        return e.faults().isEmpty()
                ? new FieldFault("", "it cannot be read", "save it again")
                : e.faults().get(0);
    }

    /** The configuration. */
    public Config config() {
        List<Account> accounts = new ArrayList<>();
        List<Resource> resources = new ArrayList<>();
        files.accounts().forEach((account, keys) -> accounts.add(gathered(account, keys, resources)));
        if (files.bootstrap() && !files.accounts().containsKey(BootstrapKey.ACCOUNT)) {
            accounts.add(gathered(BootstrapKey.ACCOUNT, List.of(), resources));
        }
        return new Config(accounts, Config.Resources.of(resources));
    }

    /** @param keys ids of signing keys, which sign in this order, before others */
    private Account gathered(String account, List<String> keys, List<Resource> gathered) {
        AccountResources resources = new AccountResources(account);
        Map<Boolean, List<StoredDefinition>> byKind =
                all(account).values().stream().collect(Collectors.partitioningBy(StoredDefinition::isWebhook));
        byKind.get(false).forEach(kept -> read(resources, kept, true));
        List<SigningKey> signing = new ArrayList<>(resources.signingKeys());
        signing.sort(
                Comparator.comparingInt(key -> Integer.remainderUnsigned(keys.indexOf(key.id()), Integer.MAX_VALUE)));
        boolean areKeysAsTheyWere = signing.equals(signingKeys.put(account, signing));
        for (StoredDefinition kept : byKind.get(true)) {
            read(resources, kept, areKeysAsTheyWere);
            if (kept.resource instanceof Webhook webhook) {
                kept.resource = webhook.signedBy(signing);
            }
        }
        List<ApiKey> apiKeys = new ArrayList<>();
        for (StoredDefinition kept : all(account).values()) {
            if (kept.resource instanceof ApiKey key) {
                apiKeys.add(key);
            } else if (kept.resource != null) {
                gathered.add(kept.resource);
            }
        }
        return new Account(account, apiKeys, signing);
    }

    /** Reads a definition again if what it refers to has changed. */
    private void read(AccountResources resources, StoredDefinition kept, boolean areKeysAsTheyWere) {
        if (kept.resource == null || kept.problem != null || !isAsItWas(kept, areKeysAsTheyWere)) {
            read(resources, kept);
        }
        if (kept.resource != null) {
            resources.add(kept.resource);
        }
    }

    private void read(AccountResources resources, StoredDefinition kept) {
        ResourceKind kind = ResourceKind.of(kept.name().kind());
        try {
            kept.resource = kind == ResourceKind.API_KEY
                    ? KeptApiKey.read(kept.definition())
                    : identified(reader.readKept(resources, kind, kept.definition(), kept.placeholders()), kept.id());
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

    private static void reportProblem(StoredDefinition kept, String problem) {
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
    private boolean isAsItWas(StoredDefinition kept, boolean areKeysAsTheyWere) {
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
        Signing signing = webhook.delivery().target().signing();
        boolean namesKeys = !signing.ofAccount() && !signing.keys().isEmpty()
                || signing.custom().isPresent();
        return (areKeysAsTheyWere || !namesKeys)
                && (referred == null
                        || kept(webhook.account(), referred.kind(), referred.name())
                                .map(known -> known.resource)
                                .filter(referred::equals)
                                .isPresent());
    }

    /** Shows counts only. */
    @Override
    public String toString() {
        return byAccount.values().stream().mapToInt(Map::size).sum() + " definitions";
    }
}
