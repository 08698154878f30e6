package io.engagementwebhooks.operate.settings;

import io.engagementwebhooks.api.account.FrameAncestors;
import io.engagementwebhooks.console.Branding;
import io.engagementwebhooks.console.signin.SingleSignOnSettings;
import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.deliver.egress.EgressSettings;
import io.engagementwebhooks.deliver.egress.ResolverSettings;
import io.engagementwebhooks.deliver.email.MailServer;
import io.engagementwebhooks.deliver.kamelet.Kamelets;
import io.engagementwebhooks.deliver.receiver.PermissionRequest;
import io.engagementwebhooks.ledger.FileDescriptors;
import io.engagementwebhooks.operate.Product;
import io.engagementwebhooks.server.ClientAddresses;
import io.engagementwebhooks.server.Connections;
import io.engagementwebhooks.store.postgres.PostgresAddress;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.auth.Secret;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The product's settings: the defaults in the jar, overlaid key by key by {@code ./application.properties}, then by
 * environment variables, then by system properties. Immutable once read. Reports all invalid values at once, by key.
 */
public final class Settings {

    /** The prefix of the product's keys. */
    public static final String PREFIX = "webhooks.";

    /** The prefix of Camel's keys. */
    static final String CAMEL = "camel.";

    /** A long evaluation of one account leaves a thread to others. */
    private static final int MIN_DELIVER_THREADS = 2;

    private static final String FAIL_FAST = "camel.main.autoConfigurationFailFast";

    /** The defaults in the jar. */
    public static final String DEFAULTS = "/io/engagementwebhooks/defaults/application.properties";

    /** The prefix of the store's settings. */
    public static final String STORE = "webhooks.store.";

    /** The key that encrypts secrets in the store; empty: the key file next to the store. */
    public static final String STORE_KEY = "webhooks.store.key";

    /** The new key of a re-keying. */
    public static final String NEXT_STORE_KEY = "webhooks.store.next-key";

    /** The password of the role at a database server. */
    static final String STORE_PASSWORD = "webhooks.store.password";

    private static final String STORE_URL = "webhooks.store.url";
    private static final String STORE_USER = "webhooks.store.user";

    /** The key of the operator, who reads statistics of all accounts. */
    static final String OPERATOR_KEY = "webhooks.operator-key";

    private static final String BEHIND_TLS_PROXY = "webhooks.server.behind-tls-proxy";
    private static final String BEHIND_FIREWALL = "webhooks.management.behind-firewall";
    /** Addresses that are reachable as localhost. */
    private static final Set<String> LOCAL = Set.of("0.0.0.0", "::", "127.0.0.1");

    /** Scheme, host and port. */
    static final String SITE = "https?://[a-z0-9.:\\[\\]-]+";

    private static final String INBOXES = "webhooks.inbox.url";
    private static final String FRAME_ANCESTORS = "webhooks.console.frame-ancestors";
    private static final String TRUSTED_PROXIES = "webhooks.server.trusted-proxies";
    private static final String FOLLOW_ROUTES = "webhooks.routes.follow";

    /** Excludes the driver's special forms: {@code :memory:}, {@code file:…} and parameters. */
    private static final Pattern FILE = Pattern.compile("(?!:|file:|jdbc:)[^?]+");

    private static final String JDBC_SQLITE = "jdbc:sqlite:";
    private static final Path DEFAULT_STORE_FILE = Path.of("data", "webhooks.db");

    private final PropertyLayers layers = new PropertyLayers();
    private final SecretSettings secrets = new SecretSettings();
    private final List<String> faults = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private TypedSettings typed;
    private Path storeFile = DEFAULT_STORE_FILE;
    private EgressSettings egress;
    private ResolverSettings resolver;
    private ClientAddresses clientAddresses;
    private FrameAncestors frameAncestors;
    private KafkaSettings kafka;
    private MailServer mail;
    private Kamelets kamelets;
    private TracingSettings tracing;
    private Optional<ApiKey> operatorKey = Optional.empty();
    private Optional<SingleSignOnSettings> singleSignOn = Optional.empty();
    private PermissionRequest.Sender sender;
    private Branding branding = Branding.DEFAULT;

    private Settings() {}

    /**
     * Reads the settings as the product does.
     *
     * @param folder the folder of {@code application.properties}, if any
     * @param environment environment variables
     * @param system system properties
     */
    public static Settings read(Path folder, Map<String, String> environment, Properties system) {
        Settings settings = new Settings();
        settings.overlay(folder.resolve("application.properties"));
        settings.complete(folder, environment, system);
        settings.warnings.addAll(
                settings.layers.withoutEffect(Product.ROUTES, "routes are those of --routes DIR, ./routes or the jar"));
        settings.faults.addAll(settings.layers.withoutEffect(
                "camel.ssl.clientAuthentication",
                "the server requests no client certificates; leave it out, or verify them in a proxy"));
        return settings;
    }

    /**
     * Reads the settings of an application that embeds the product.
     *
     * @param own instead of {@code application.properties}
     * @param environment environment variables
     * @param system system properties
     */
    public static Settings embedded(Properties own, Map<String, String> environment, Properties system) {
        Settings settings = new Settings();
        own.stringPropertyNames().forEach(key -> settings.layers.set(key, own.getProperty(key), ""));
        settings.complete(Path.of("").toAbsolutePath(), environment, system);
        return settings;
    }

    /** @param folder the base of relative paths to files of secrets */
    private void complete(Path folder, Map<String, String> environment, Properties system) {
        KameletReading kameletReading = new KameletReading(
                system.getProperty(
                        Kamelets.NAMES,
                        environment.getOrDefault(variable(Kamelets.NAMES), layers.text(Kamelets.NAMES))),
                folder,
                faults);
        layers.know(kameletReading.keys());
        warnings.addAll(layers.addEnvironment(environment));
        layers.addSystem(system);
        secrets.takeFrom(layers, folder, system, faults);
        faults.addAll(layers.unknown());
        (refusesUnknown() ? faults : warnings).addAll(layers.unknownToCamel());
        warnings.addAll(layers.withoutEffect(Product.CAMELS_RELOAD, FOLLOW_ROUTES + " makes saved route files active"));
        parse();
        kamelets = kameletReading.read(this);
        kafka.enable(layers);
        layers.put(MailReading.ENABLED, Boolean.toString(mail.isOn()));
    }

    private void overlay(Path file) {
        if (!Files.exists(file)) {
            return;
        }
        try {
            secrets.noteFile(file, layers.addFile(file));
        } catch (IOException | IllegalArgumentException e) {
            faults.add(file + " cannot be read: " + e.getMessage());
        }
    }

    /** The properties and their sources. */
    PropertyLayers layers() {
        return layers;
    }

    /** Files that contain secret settings. */
    Set<Path> filesWithSecrets() {
        return secrets.files();
    }

    /** {@code webhooks.store.url} is {@code WEBHOOKS_STORE_URL}. */
    static String variable(String key) {
        return key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** Whether an unknown key of Camel stops the start. */
    boolean refusesUnknown() {
        return isOn(FAIL_FAST);
    }

    private void parse() {
        typed = new TypedSettings(layers, faults);
        parseStore();
        egress = parsed("", this::parseEgress, EgressSettings.DEFAULT);
        resolver = parsed(
                "",
                () -> ResolverSettings.of(text(ResolverSettings.RESOLVER), text(ResolverSettings.NAME_SERVERS)),
                ResolverSettings.DEFAULT);
        operatorKey = OperatorKeyReading.read(this, faults);
        clientAddresses = parsed(
                TRUSTED_PROXIES + ": ", () -> ClientAddresses.behind(text(TRUSTED_PROXIES)), ClientAddresses.OF_PEERS);
        if (isBehindTlsProxy() && !clientAddresses.trustsProxies()) {
            warnings.add("server.proxy-unknown: throttles by address see the address of the proxy alone; name it in "
                    + TRUSTED_PROXIES);
        }
        kafka = KafkaSettings.read(this, faults);
        mail = MailReading.read(this, faults);
        frameAncestors =
                parsed(FRAME_ANCESTORS + ": ", () -> FrameAncestors.parse(text(FRAME_ANCESTORS)), FrameAncestors.NONE);
        if (frameAncestors.needHttps() && !isOverTls()) {
            faults.add(FRAME_ANCESTORS
                    + " names origins with https://, and the console speaks plain HTTP, so that browsers"
                    + " would send it no cookie; set camel.server.useGlobalSslContextParameters=true with camel.ssl.*, or "
                    + BEHIND_TLS_PROXY + "=true where something in front ends TLS");
        }
        if (!text(INBOXES).matches("|off|" + SITE)) {
            faults.add(INBOXES
                    + " must be scheme, host and port without a path, in lower case, such as http://localhost:8080,"
                    + " or off");
        }
        singleSignOn = SingleSignOnReading.read(this, faults);
        sender = SenderReading.read(this, faults);
        branding = BrandingReading.read(this, faults);
        tracing = TracingSettings.read(this, faults);
    }

    /** A value, or another one and a fault if its class does not take the text. */
    private <T> T parsed(String place, Supplier<T> parse, T instead) {
        try {
            return parse.get();
        } catch (IllegalArgumentException e) {
            faults.add(place + e.getMessage());
            return instead;
        }
    }

    /** Probable mistakes that do not stop the start. */
    List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** The invalid settings; empty if there are none. */
    public List<String> faults() {
        return List.copyOf(faults);
    }

    /** All properties, Camel's included, for Camel's own use. */
    public Properties properties() {
        return layers.copy();
    }

    /** A secret setting, if set. */
    public Optional<Secret> secret(String key) {
        return secrets.secret(key);
    }

    /** Secret settings given as {@code -D}, which every user of the machine can read. */
    Set<String> secretsOfCommandLine() {
        return secrets.onCommandLine();
    }

    public String text(String key) {
        return layers.text(key);
    }

    public boolean isProd() {
        return text("webhooks.profile").equals("prod");
    }

    /** The operator's key as a hash; empty if there is none. */
    public Optional<ApiKey> operatorKey() {
        return operatorKey;
    }

    /** Whether a proxy in front of the server terminates TLS. */
    public boolean isBehindTlsProxy() {
        return flag(BEHIND_TLS_PROXY);
    }

    /** Single sign-on to the console; empty if it is off. */
    public Optional<SingleSignOnSettings> singleSignOn() {
        return singleSignOn;
    }

    /** Name, logo and color of the console. */
    public Branding branding() {
        return branding;
    }

    /** Whether a firewall admits only probes and metrics to the management port. */
    boolean isManagementBehindFirewall() {
        return flag(BEHIND_FIREWALL);
    }

    /** The mail server. */
    public MailServer mail() {
        return mail;
    }

    /** The Kamelets that webhooks may use. */
    public Kamelets kamelets() {
        return kamelets;
    }

    /** Events from Kafka. */
    public KafkaSettings kafka() {
        return kafka;
    }

    boolean flag(String key) {
        return typed.flag(key);
    }

    /** Whether saved route files become active while the product runs. */
    public boolean followsRoutes() {
        return flag(FOLLOW_ROUTES);
    }

    /** The configured configuration file, or empty. */
    public String config() {
        return text("webhooks.config");
    }

    private void parseStore() {
        Optional<PostgresAddress> postgres = postgres();
        if (postgres.isEmpty()) {
            parseStoreFile();
            return;
        }
        PostgresAddress.fault(postgres.get().url()).ifPresent(fault -> faults.add(STORE_URL + " " + fault));
        if (secret(STORE_KEY).isEmpty()) {
            faults.add(STORE_KEY
                    + " must be given where the store is in PostgreSQL, the same to every instance: the Base64 of"
                    + " 32 random bytes, such as openssl rand -base64 32 prints");
        }
    }

    private void parseStoreFile() {
        String file = text(STORE_URL).startsWith(JDBC_SQLITE) ? text(STORE_URL).substring(JDBC_SQLITE.length()) : "";
        if (FILE.matcher(file).matches()) {
            storeFile = Path.of(file);
        } else {
            faults.add(STORE_URL + " must be jdbc:sqlite:<file> or jdbc:postgresql://<host>/<database>");
        }
    }

    /** The PostgreSQL store; empty if it is embedded. */
    public Optional<PostgresAddress> postgres() {
        String url = text(STORE_URL);
        return url.startsWith(PostgresAddress.PREFIX) ? Optional.of(postgres(url)) : Optional.empty();
    }

    /** Another database, with the store's user and password. */
    public PostgresAddress postgres(String url) {
        return new PostgresAddress(url, text(STORE_USER), secret(STORE_PASSWORD));
    }

    /** The lease of an instance on a shared store: how long it may act without a renewal. */
    public Duration lease() {
        return typed.duration("webhooks.store.lease");
    }

    /** The location of the store, for people. */
    public String storeText() {
        return postgres().map(PostgresAddress::toString).orElseGet(() -> storeFile()
                .toString());
    }

    /** The embedded store's file; with PostgreSQL, the path whose folder holds the side files. */
    public Path storeFile() {
        return storeFile;
    }

    /** The file of the crash journal. */
    public Path crashJournal() {
        String given = text("webhooks.store.crash-journal");
        Path store = storeFile();
        return given.isEmpty() ? store.resolveSibling(store.getFileName() + ".evaluating") : Path.of(given);
    }

    /** Origins whose pages may frame the console. */
    public FrameAncestors frameAncestors() {
        return frameAncestors;
    }

    /** Whether browsers reach this installation by https. */
    public boolean isOverTls() {
        return isBehindTlsProxy() || scheme().equals("https");
    }

    /** The scheme of the API's port: {@code https} or {@code http}. */
    public String scheme() {
        return isOn("camel.server.useGlobalSslContextParameters") ? "https" : "http";
    }

    /** Scheme, host and port of this server, for a browser on its machine. @param port that it has */
    public String site(int port) {
        String host = text("camel.server.host");
        return scheme() + "://" + (LOCAL.contains(host) ? "localhost" : host) + ":" + port;
    }

    /** How receivers that are asked for permission know this installation. */
    public PermissionRequest.Sender sender() {
        return sender;
    }

    /** Scheme, host and port of test inboxes; empty: there are none. @param port of the server */
    public Optional<String> inboxes(int port) {
        String given = text(INBOXES);
        if (given.isEmpty()) {
            return isProd() || isOverTls() ? Optional.empty() : Optional.of(site(port));
        }
        return given.equals("off") ? Optional.empty() : Optional.of(given);
    }

    /** The addresses of clients, also behind proxies. */
    public ClientAddresses clientAddresses() {
        return clientAddresses;
    }

    /** The values of a key, also written with dashes or in another case. */
    public Stream<String> values(String key) {
        return layers.values(key);
    }

    /** Whether a setting of Camel is true. */
    boolean isOn(String key) {
        return values(key).anyMatch("true"::equalsIgnoreCase);
    }

    /** The most concurrent connections to the API's port. */
    public int maxConnections() {
        int given = (int) number("webhooks.server.max-connections");
        return given > 0
                ? given
                : Connections.limitFor(
                        FileDescriptors.limit(), Runtime.getRuntime().maxMemory(), scheme().equals("https"));
    }

    public long maxWaiting() {
        return number("webhooks.store.max-waiting");
    }

    /** In bytes; 0: unlimited. */
    public long maxStoreSize() {
        return number("webhooks.store.max-size");
    }

    /** In bytes. */
    public long maxBody() {
        return number("webhooks.ingest.max-body");
    }

    public Duration requestTimeout() {
        return duration("webhooks.ingest.request-timeout");
    }

    /** Requests per second and key, or 0: unlimited. */
    public long rateLimit() {
        return number("webhooks.ingest.rate-limit");
    }

    /** The most deliveries of one batch of events. */
    public int maxDeliveries() {
        return (int) number("webhooks.ingest.max-deliveries");
    }

    /** Number of threads for delivery steps that may block. */
    public int stepThreads() {
        return (int) number("webhooks.deliver.step-threads");
    }

    /** Number of threads that run attempts: two per core, unless it is set. */
    public int deliverThreads() {
        int threads = (int) number("webhooks.deliver.threads");
        return Math.max(
                MIN_DELIVER_THREADS,
                threads > 0 ? threads : 2 * Runtime.getRuntime().availableProcessors());
    }

    public int ingestWorkers() {
        return (int) number("webhooks.ingest.workers");
    }

    /** The most requests in flight. */
    public int maxInFlight() {
        return (int) number("webhooks.deliver.max-in-flight");
    }

    /** The most requests in flight to one webhook. */
    public int maxInFlightPerWebhook() {
        return (int) number("webhooks.deliver.max-in-flight-per-webhook");
    }

    public Duration maxAge() {
        return duration("webhooks.delivery.max-age");
    }

    /** The settings of tracing. */
    public TracingSettings tracing() {
        return tracing;
    }

    /** The most webhooks with separate metrics. */
    public int meteredWebhooks() {
        return (int) number("webhooks.metrics.webhooks");
    }

    /** The most accounts with separate metrics. */
    public int meteredAccounts() {
        return (int) number("webhooks.metrics.accounts");
    }

    /** Time without a login after which a refresh token of Salesforce is used. */
    public Duration salesforceKeepAlive() {
        return duration("webhooks.salesforce.keep-alive");
    }

    public Duration payloadRetention() {
        return duration("webhooks.retention.payload");
    }

    public Duration attemptRetention() {
        return duration("webhooks.retention.attempts");
    }

    public Duration identityRetention() {
        return duration("webhooks.retention.identity");
    }

    public Duration waitingRetention() {
        return duration("webhooks.retention.waiting");
    }

    /** The retention of the audit log. */
    public Duration auditRetention() {
        return duration("webhooks.retention.audit");
    }

    public EgressSettings egress() {
        return egress;
    }

    private EgressSettings parseEgress() {
        EgressSettings given = EgressSettings.of(
                text(EgressSettings.ALLOW),
                text(EgressSettings.PORTS),
                text(EgressSettings.PLAIN_HTTP),
                secret(EgressSettings.PROXY).map(Secret::reveal).orElse(""));
        new EgressRules(given);
        return given;
    }

    /** How host names are resolved. */
    public ResolverSettings resolver() {
        return resolver;
    }

    /** How long a webhook may fail before it is disabled; empty: it is never disabled. */
    public Optional<Duration> disableAfter() {
        return Optional.of(duration("webhooks.deliver.disable-after")).filter(time -> !time.isZero());
    }

    /** A URL of http or https, without user, query and fragment; empty: the text is none. */
    Optional<URI> url(String key) {
        try {
            return Optional.of(new URI(text(key)))
                    .filter(url -> ("https".equals(url.getScheme()) || "http".equals(url.getScheme()))
                            && url.getHost() != null
                            && url.getRawQuery() == null
                            && url.getRawFragment() == null
                            && url.getRawUserInfo() == null);
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private Duration duration(String key) {
        return typed.duration(key);
    }

    long number(String key) {
        return typed.number(key);
    }
}
