package io.engagementwebhooks.operate;

import io.engagementwebhooks.api.ConfigSource;
import io.engagementwebhooks.api.definition.ApiDefinitions;
import io.engagementwebhooks.config.BootstrapKey;
import io.engagementwebhooks.config.ConfigFile;
import io.engagementwebhooks.config.ConfigParser;
import io.engagementwebhooks.config.ConfigStatus;
import io.engagementwebhooks.config.LastKnownGoodConfig;
import io.engagementwebhooks.config.Sharing;
import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.config.schema.ConfigFaults;
import io.engagementwebhooks.config.schema.Placeholders;
import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.operate.settings.Settings;
import io.engagementwebhooks.outbox.RequestLimit;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.cluster.Ownership;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The active configuration: that of the file, with the account of the first start if the file has none. Thread-safe
 * after {@link #start()}.
 */
public final class ActiveConfig implements ConfigSource, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ActiveConfig.class);
    private static final String FIRST_KEY_HASH = "first-key-sha256";
    /** The store's setting of the last valid configuration, encrypted. */
    static final String LAST_GOOD = "last-good-config";

    /** The store's setting of the last uses of API keys, encrypted. */
    static final String KEY_USE = "key-use";

    /** The store's setting of rotated refresh tokens. */
    static final String REFRESH_TOKENS = "salesforce-refresh-tokens";

    private static final Path DEFAULT_FILE = Path.of("webhooks.yaml");

    private final ConfigFile file;
    private final Store store;
    private final Identities identities;
    private final KeptRefreshTokens refreshTokens;
    private final Path firstKeyFile;
    private final SecureRandom random;
    private final List<Consumer<Config>> beforeActivation = new CopyOnWriteArrayList<>();
    private final List<BiConsumer<Config, Config>> afterActivation = new CopyOnWriteArrayList<>();
    private Account bootstrapAccount;
    private Optional<ApiDefinitions> apiDefinitions = Optional.empty();
    private volatile Config ofFile = Config.empty();
    private volatile Config current = Config.empty();

    private ActiveConfig(
            ConfigFile file, Store store, KeptRefreshTokens refreshTokens, Path firstKeyFile, SecureRandom random) {
        this.file = file;
        this.store = store;
        this.identities = new Identities(store.identities());
        this.refreshTokens = refreshTokens;
        this.firstKeyFile = firstKeyFile;
        this.random = random;
        file.onChange(this::identify);
    }

    static ActiveConfig of(
            Settings settings, Store store, Vault vault, EgressRules rules, Clock clock, SecureRandom random) {
        Path storeFile = settings.storeFile();
        ConfigFile file =
                new ConfigFile(source(settings), reader(settings, rules, clock), new KeptInStore(store), vault, clock);
        return new ActiveConfig(
                file,
                store,
                new KeptRefreshTokens(store, vault, clock),
                storeFile.resolveSibling(BootstrapKey.NAME),
                random);
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

    /** Sets the source of the API's definitions, once, before the start. */
    void completedBy(ApiDefinitions others) {
        apiDefinitions = Optional.of(others);
    }

    @Override
    public synchronized void renew() {
        activate(ofFile);
    }

    /** The configuration of the file, and the account of the first start. */
    @Override
    public Config ofFile() {
        return ofFile;
    }

    /** Assigns ids, once for each new configuration, which may have many names. */
    private synchronized void identify(Config read) {
        activate(identities.identified(withBootstrapAccount(read)));
    }

    private synchronized void activate(Config changed) {
        Config former = current;
        ofFile = changed;
        Config merged = apiDefinitions.map(others -> others.apply(changed)).orElse(changed);
        beforeActivation.forEach(listener -> listener.accept(merged));
        current = merged;
        afterActivation.forEach(listener -> listener.accept(former, merged));
    }

    /** Loads the file and follows it. @throws ConfigFaults if there is no usable configuration */
    void start() throws ConfigFaults {
        bootstrapAccount = store.settings()
                .setting(FIRST_KEY_HASH)
                .map(ActiveConfig::bootstrapAccountOf)
                .orElse(null);
        file.start();
        if (ofFile.accounts().isEmpty() && bootstrapAccount == null) {
            bootstrapAccount = makeBootstrapAccount();
            identify(ofFile);
        }
        file.follow();
    }

    private Config withBootstrapAccount(Config config) {
        return bootstrapAccount == null || config.account(bootstrapAccount.id()).isPresent()
                ? config
                : config.with(bootstrapAccount);
    }

    private Account makeBootstrapAccount() {
        BootstrapKey bootstrap = BootstrapKey.make(firstKeyFile, random);
        byte[] hash = bootstrap.account().apiKeys().get(0).sha256();
        byte[] kept = store.settings()
                .putIfAbsent(FIRST_KEY_HASH, hash)
                .toCompletableFuture()
                .join();
        if (!Arrays.equals(kept, hash)) {
            forget(firstKeyFile);
            LOG.info(
                    "bootstrap.account-exists account={}: another instance created it and its key",
                    BootstrapKey.ACCOUNT);
            return bootstrapAccountOf(kept);
        }
        LOG.info(
                "bootstrap.account-created account={} file={}: its admin key, shown only once and stored in the file: {}",
                bootstrap.account().id(),
                firstKeyFile,
                bootstrap.key().reveal());
        return bootstrap.account();
    }

    private static void forget(Path key) {
        try {
            Files.deleteIfExists(key);
        } catch (IOException e) {
            LOG.warn("store-key.invalid file={}: delete the file", key, e);
        }
    }

    private static Account bootstrapAccountOf(byte[] hash) {
        ApiKey key = new ApiKey(BootstrapKey.NAME, ApiKey.Role.ADMIN, hash, null);
        return new Account(BootstrapKey.ACCOUNT, List.of(key), List.of());
    }

    /** The webhooks with their request limits. */
    static Map<WebhookId, RequestLimit> limits(Config config) {
        return config.webhooks().stream().collect(Collectors.toUnmodifiableMap(Webhook::id, RequestLimit::of));
    }

    @Override
    public Config get() {
        return current;
    }

    /** Rotated refresh tokens, encrypted like the last valid configuration. */
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

    /** Activates the configuration of another instance on the same store. */
    void followOthers() {
        file.followOthers();
    }

    @Override
    public void close() {
        file.close();
    }

    /** Stores the last valid configuration as a setting of the store. */
    private record KeptInStore(Store store) implements LastKnownGoodConfig {
        @Override
        public Optional<byte[]> load() {
            return store.settings().setting(LAST_GOOD);
        }

        @Override
        public void save(byte[] sealed) {
            store.settings().setting(LAST_GOOD, sealed).toCompletableFuture().join();
        }

        @Override
        public Optional<Sharing> sharing() {
            return store.cluster().ownership() == Ownership.ALL
                    ? Optional.empty()
                    : Optional.of(new SharedInStore(store));
        }
    }

    /** Stores the generation separately, since instances poll it often. */
    private record SharedInStore(Store store) implements Sharing {

        private static final String GENERATION = "config-generation";
        private static final String CLAIM = "config";
        private static final Duration MOST = Duration.ofSeconds(10);

        @Override
        public long generation() {
            return store.settings()
                    .setting(GENERATION)
                    .map(text -> Long.parseLong(new String(text, StandardCharsets.UTF_8)))
                    .orElse(0L);
        }

        @Override
        public void save(byte[] sealed, long generation) {
            byte[] number = Long.toString(generation).getBytes(StandardCharsets.UTF_8);
            store.settings()
                    .settings(Map.of(LAST_GOOD, Optional.of(sealed), GENERATION, Optional.of(number)))
                    .toCompletableFuture()
                    .join();
        }

        @Override
        public boolean begin() {
            return store.cluster().claim(CLAIM, MOST);
        }

        @Override
        public void end() {
            store.cluster().releaseClaim(CLAIM, null);
        }

        @Override
        public void publish(long generation) {
            store.cluster().publishConfig(generation);
        }

        @Override
        public boolean isPublished(long generation) {
            return store.cluster().isConfigPublished(generation);
        }
    }
}
