package io.engagementwebhooks.operate;

import io.engagementwebhooks.api.definition.BootstrapAccount;
import io.engagementwebhooks.api.definition.DefinitionChanges;
import io.engagementwebhooks.api.definition.FileApplication;
import io.engagementwebhooks.api.definition.FormerStore;
import io.engagementwebhooks.api.definition.StoredDefinitions;
import io.engagementwebhooks.config.BootstrapKey;
import io.engagementwebhooks.config.ConfigFile;
import io.engagementwebhooks.config.ConfigParser;
import io.engagementwebhooks.config.ConfigStatus;
import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.config.schema.ConfigFaults;
import io.engagementwebhooks.config.schema.Placeholders;
import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.operate.settings.Settings;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.outbox.RequestLimit;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.cluster.Ownership;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.camel.util.InetAddressUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The active configuration, built from the stored definitions. Thread-safe after {@link #start()}. */
public final class ActiveConfig implements Supplier<Config>, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ActiveConfig.class);

    /** The store's setting of the last uses of API keys, encrypted. */
    static final String KEY_USE = "key-use";

    /** The store's setting of rotated refresh tokens. */
    static final String REFRESH_TOKENS = "salesforce-refresh-tokens";

    private static final Path DEFAULT_FILE = Path.of("webhooks.yaml");

    private final ConfigFile file;
    private final FormerStore former;
    private final Parts parts;
    private final DefinitionChanges changes;
    private final KeptRefreshTokens refreshTokens;
    private final Path firstKeyFile;
    private final Clock clock;
    private final SecureRandom random;
    private final List<Consumer<Config>> beforeActivation = new CopyOnWriteArrayList<>();
    private final List<BiConsumer<Config, Config>> afterActivation = new CopyOnWriteArrayList<>();
    private volatile Config current = Config.empty();

    /** Parts of the product that it uses. */
    record Parts(Store store, Outbox outbox, Vault vault, StoredDefinitions definitions) {}

    private ActiveConfig(
            Settings settings,
            Parts parts,
            boolean isFileForced,
            ConfigParser reader,
            Clock clock,
            SecureRandom random) {
        this.parts = parts;
        this.clock = clock;
        this.changes = new DefinitionChanges(parts.store, parts.definitions, this::activate);
        ConfigFile.Source source = source(settings);
        this.file =
                new ConfigFile(source, reader, application(instance(parts.store, source.file())), isFileForced, clock);
        this.former = new FormerStore(
                parts.store,
                changes,
                parts.vault,
                new ConfigParser(url -> Optional.empty(), settings.maxAge(), clock),
                application(""),
                clock);
        this.refreshTokens = new KeptRefreshTokens(parts.store, parts.vault, clock);
        this.firstKeyFile = settings.storeFile().resolveSibling(BootstrapKey.NAME);
        this.random = random;
    }

    static ActiveConfig of(
            Settings settings, Parts parts, boolean isFileForced, EgressRules rules, Clock clock, SecureRandom random) {
        return new ActiveConfig(settings, parts, isFileForced, reader(settings, rules, clock), clock, random);
    }

    private FileApplication application(String instance) {
        return new FileApplication(changes, parts.store, parts.outbox::setState, parts.vault, instance, clock);
    }

    /** The name of this instance, which its restart does not change: its host and its file; empty: there is no other. */
    private static String instance(Store store, Path file) {
        return store.cluster().ownership() == Ownership.ALL
                ? ""
                : InetAddressUtil.getLocalHostNameSafe() + ":" + file.toAbsolutePath();
    }

    /** The source of the configuration: the configured file, or {@code ./webhooks.yaml} if it exists. */
    public static ConfigFile.Source source(Settings settings) {
        Path file = settings.config().isEmpty()
                ? DEFAULT_FILE
                : Path.of(
                        settings.config().startsWith("file:")
                                ? settings.config().substring(5)
                                : settings.config());
        Path folder = file.toAbsolutePath().getParent();
        Placeholders placeholders = Placeholders.of(
                name -> Optional.ofNullable(System.getenv(name)),
                folder,
                name -> Optional.ofNullable(settings.properties().getProperty(name)));
        return new ConfigFile.Source(file, !settings.config().isEmpty(), placeholders);
    }

    static ConfigParser reader(Settings settings, EgressRules rules, Clock clock) {
        return new ConfigParser(rules::refusal, settings.maxAge(), clock);
    }

    /** Registers a listener for each configuration before it becomes active. */
    void onChange(Consumer<Config> listener) {
        beforeActivation.add(listener);
    }

    /** Registers a listener for each configuration that became active, with the previous one. */
    void afterChange(BiConsumer<Config, Config> listener) {
        afterActivation.add(listener);
    }

    /** Changes the stored definitions. */
    DefinitionChanges changes() {
        return changes;
    }

    private void activate() {
        Config former = current;
        Config next = parts.definitions.config();
        beforeActivation.forEach(listener -> listener.accept(next));
        current = next;
        afterActivation.forEach(listener -> listener.accept(former, next));
    }

    /** Loads the file and follows it. @throws ConfigFaults if there is no usable configuration */
    void start() throws ConfigFaults {
        former.apply();
        file.start();
        changes.follow();
        if (current.accounts().isEmpty()) {
            makeBootstrapAccount();
        }
        former.forget();
        file.follow();
    }

    private void makeBootstrapAccount() {
        BootstrapKey made = BootstrapKey.make(firstKeyFile, random);
        if (new BootstrapAccount(changes, parts.store.identities(), parts.vault).add(made.apiKey(), clock.instant())) {
            LOG.info(
                    "bootstrap.account-created account={} file={}: its admin key, shown only once and stored in the file: {}",
                    BootstrapKey.ACCOUNT,
                    firstKeyFile,
                    made.key().reveal());
        } else {
            forget(firstKeyFile);
            LOG.info(
                    "bootstrap.account-exists account={}: another instance created it and its key",
                    BootstrapKey.ACCOUNT);
        }
    }

    private static void forget(Path key) {
        try {
            Files.deleteIfExists(key);
        } catch (IOException e) {
            LOG.warn("store-key.invalid file={}: delete the file", key, e);
        }
    }

    /** The webhooks with their request limits. */
    static Map<WebhookId, RequestLimit> limits(Config config) {
        return config.webhooks().stream().collect(Collectors.toUnmodifiableMap(Webhook::id, RequestLimit::of));
    }

    @Override
    public Config get() {
        return current;
    }

    /** Rotated refresh tokens, encrypted. */
    KeptRefreshTokens refreshTokens() {
        return refreshTokens;
    }

    /** Reads the file now; see {@link ConfigFile#reread()}. */
    public void reread() {
        file.reread();
    }

    public ConfigStatus status() {
        return file.status();
    }

    @Override
    public void close() {
        file.close();
    }
}
