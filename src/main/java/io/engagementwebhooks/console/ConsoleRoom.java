package io.engagementwebhooks.console;

import io.engagementwebhooks.console.ConsoleRoutes.Operation;
import io.engagementwebhooks.deliver.ConnectionStatus;
import io.engagementwebhooks.deliver.ConnectionTest;
import io.engagementwebhooks.deliver.OwnDestinations;
import io.engagementwebhooks.deliver.PlannedRequest;
import io.engagementwebhooks.deliver.RequestBuilding;
import io.engagementwebhooks.deliver.oauth2.CredentialAges;
import io.engagementwebhooks.deliver.oauth2.TokenSource;
import io.engagementwebhooks.ingest.Admission;
import io.engagementwebhooks.ingest.WebhookLookup;
import io.engagementwebhooks.ledger.RoomContext;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.outbox.ReplayRunner;
import io.engagementwebhooks.server.CallerAuthentication;
import io.engagementwebhooks.server.ConcurrencyLimit;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.config.DefinitionReader;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.camel.Processor;

/** Builds the REST API: its operations, for {@link ConsoleRoutes}, and their steps, for the pages too. */
public final class ConsoleRoom {

    /** In the registry. */
    static final String NAME = "webhooksApi";

    /** Limit of costly requests of a kind at a time. */
    private static final int AT_A_TIME = 4;

    /** How long a list of accounts waits for new counts. */
    private static final Duration LIST_WAIT = Duration.ofMillis(50);

    /** How long an overview waits for a new count of what is pending. */
    private static final Duration OVERVIEW_WAIT = Duration.ofSeconds(2);

    private final RoomContext room;
    private final Inner inner;
    private final ConfigSource config;
    private final ApiDefinitions made;
    private final Definitions definitions;
    private final CallerAuthentication.Guard guard;
    private final Processor read;
    private final Processor change;
    private final Processor readOrOperate;
    private final List<Operation> operations = new ArrayList<>();
    private final AuditLog auditLog;
    private final WebhookFinder finder;
    private final DeliverySearch search;
    private final DefinitionService editing;
    private final ReplayRunner replays;
    private final CredentialAges ages;

    /**
     * Parts of the other rooms.
     *
     * @param admission whether events are accepted now
     * @param maxBody size limit of an event in bytes
     * @param webhooks finds the webhooks that subscribe to an event
     */
    public record Inner(
            Store store,
            Outbox outbox,
            TokenSource tokens,
            OwnDestinations destinations,
            RequestBuilding requests,
            List<PlannedRequest> planned,
            List<ConnectionTest> connectionTests,
            List<ConnectionStatus> connectionStatus,
            Admission admission,
            long maxBody,
            WebhookLookup webhooks) {}

    /**
     * Settings of portal sessions.
     *
     * @param ancestors origins that may frame it
     * @param overTls whether browsers reach this installation with https
     */
    public record Portal(PortalSessions sessions, FrameAncestors ancestors, boolean overTls) {}

    /**
     * @param reader parses definitions of the API
     * @param mostWaiting limit of pending deliveries; replays leave half of it to events
     * @param portal settings of portal sessions
     */
    public ConsoleRoom(
            RoomContext room,
            Inner inner,
            ConfigSource config,
            ApiDefinitions made,
            DefinitionReader reader,
            CallerAuthentication.Guard guard,
            SecureRandom random,
            long mostWaiting,
            Portal portal) {
        this.room = room;
        this.inner = inner;
        this.config = config;
        this.made = made;
        definitions = new Definitions(made, config);
        this.guard = guard;
        read = CallerAuthentication.toRead(guard);
        change = CallerAuthentication.toChange(guard);
        readOrOperate = CallerAuthentication.toReadOrOperate(guard);
        auditLog = new AuditLog(inner.store().audit(), definitions, room.clock());
        finder = new WebhookFinder(config, inner.store().identities());
        search = new DeliverySearch(
                inner.store(),
                limit("deliveries are being searched for this account or for others"),
                limit("deliveries are being counted"),
                System::nanoTime);
        editing = new DefinitionService(
                made,
                reader,
                inner.store().definitions(),
                inner.store().identities(),
                config,
                inner.destinations(),
                auditLog,
                new NewKeys(random),
                room.clock());
        ages = new CredentialAges(inner.store(), room.clock(), random);
        long mayWait = Math.max(1, mostWaiting / 2);
        bindAccounts();
        bindPortal(portal);
        bindWebhooks();
        bindCredentials();
        bindDeliveries();
        replays = room.closeAtStop(new ReplayRunner(
                inner.store(),
                inner.outbox(),
                webhook -> config.get().webhook(webhook).isPresent(),
                () -> inner.store().waitingCount() < mayWait,
                room.clock()));
        bindReplays();
        get("list-audit", "/v1/audit", change, auditLog.list());
        operations.add(new Operation("show-routes", "GET", "/v1/routes", readOrOperate));
        room.bind("list-public-keys", new PublicKeys(config, room.clock()));
        room.bind("describe-api", new ApiDescription());
        room.bind(NAME, this);
    }

    /** The operations that need a key, in the order of the routes. */
    List<Operation> operations() {
        return operations;
    }

    private void get(String id, String path, Processor authentication, Processor step) {
        operation(id, "GET", path, authentication, step);
    }

    private void post(String id, String path, Processor step) {
        operation(id, "POST", path, change, step);
    }

    private void operation(String id, String method, String path, Processor authentication, Processor step) {
        room.bind(id, step);
        operations.add(new Operation(id, method, path, authentication));
    }

    private void bindPortal(Portal portal) {
        Processor changeOrOperate = CallerAuthentication.toChangeOrOperate(guard);
        String portals = "/v1/accounts/{account}/portal-sessions";
        PortalSessionApi api = new PortalSessionApi(
                portal.sessions(), portal.ancestors(), config, auditLog, room.clock(), portal.overTls());
        operation("create-portal-session", "POST", portals, changeOrOperate, api.create());
        get("list-portal-sessions", portals, changeOrOperate, api.list());
        get("show-portal-session", portals + "/{id}", changeOrOperate, api.one());
        operation("delete-portal-session", "DELETE", portals + "/{id}", changeOrOperate, api.revoke());
    }

    private void bindAccounts() {
        ApiKeys keys = new ApiKeys(config, definitions, guard.use(), room.clock());
        bindEditing(ResourceKind.API_KEY, keys::shown);
        get("list-api-keys", "/v1/api-keys", change, keys.list());
        get(
                "show-figures",
                "/v1/figures",
                read,
                new Overview(
                                inner.store(),
                                inner.outbox(),
                                config,
                                new AccountWebhooks(config),
                                search,
                                room.closeAtStop(new BackgroundCounts<>(
                                        "backlogs-counting", OVERVIEW_WAIT, account -> inner.store()
                                                .deliveries()
                                                .largestBacklogs(account, Overview.MOST_WAITING))),
                                room.clock())
                        .figures());
    }

    private void bindWebhooks() {
        Accounts accounts = new Accounts(
                room.closeAtStop(new BackgroundCounts<>(
                        "deliveries-counting",
                        LIST_WAIT,
                        account -> DeliveryCounts.of(inner.store(), room.clock(), account))),
                inner.outbox(),
                config,
                room.ledger(),
                inner.store().stats());
        get("list-accounts", "/v1/accounts", CallerAuthentication.toOperate(guard), accounts.list());
        Webhooks webhooks = new Webhooks(
                inner.store(),
                inner.outbox(),
                config,
                definitions,
                finder,
                auditLog,
                new WebhookViews(inner.outbox(), definitions, room.clock(), inner.tokens()::problem),
                new WebhookStatistics(inner.store(), room.clock()),
                limit("queued deliveries of other webhooks are being discarded or retried"),
                room.clock());
        bindEditing(ResourceKind.WEBHOOK, webhooks::shown);
        get("list-webhooks", "/v1/webhooks", readOrOperate, new ForOperator(webhooks.list(), accounts.webhooks()));
        get("show-statistics", "/v1/webhooks/{name}/statistics", read, webhooks.statistics());
        post("pause-webhook", "/v1/webhooks/{name}/pause", webhooks.pause());
        post("resume-webhook", "/v1/webhooks/{name}/resume", webhooks.resume());
        post("discard-deliveries", "/v1/webhooks/{name}/discard", webhooks.discard());
        post("release-deliveries", "/v1/webhooks/{name}/release", webhooks.release());
        WebhookTester tester = new WebhookTester(
                room.camel(),
                config,
                editing,
                inner.destinations(),
                inner.requests(),
                inner.planned().stream().collect(Collectors.toMap(PlannedRequest::type, Function.identity())),
                inner.store().events(),
                inner.store().outcomes(),
                auditLog,
                room.clock(),
                room.ledger(),
                inner.admission(),
                ConcurrencyLimit.ofTests());
        post("preview-webhook", "/v1/webhooks/preview", tester.preview());
        post("test-webhook", "/v1/webhooks/{name}/test", tester.test());
    }

    private void bindCredentials() {
        Credentials connections = new Credentials(config, definitions, inner.connectionStatus(), room.clock());
        bindEditing(ResourceKind.CONNECTION, connections::shown);
        get("list-connections", "/v1/connections", read, connections.list());
        post(
                "test-connection",
                "/v1/connections/{name}/test",
                new ConnectionTesting(config, definitions, inner.connectionTests()).test());
        OAuthClients clients =
                new OAuthClients(config, definitions, inner.tokens(), ages, room.clock(), ConcurrencyLimit.ofTests());
        bindEditing(ResourceKind.OAUTH_CLIENT, clients::shown);
        get("list-oauth-clients", "/v1/oauth-clients", read, clients.list());
        post("test-oauth-client", "/v1/oauth-clients/{name}/test", clients.test());
        post("test-oauth-client-draft", "/v1/oauth-clients/test", clients.testDraft(editing));
        SigningKeys keys = new SigningKeys(config, definitions, room.clock());
        bindEditing(ResourceKind.SIGNING_KEY, keys::shown);
        get("list-signing-keys", "/v1/signing-keys", read, keys.list());
        post("rotate-signing-key", "/v1/signing-keys/{name}/rotate", editing.rotate(keys::shown));
    }

    private void bindDeliveries() {
        Deliveries deliveries = new Deliveries(
                inner.store(),
                inner.outbox(),
                config,
                finder,
                new DeliveryViewer(inner.outbox(), config),
                search,
                new SentRequests(inner.store(), config, inner.requests(), room.ledger()),
                auditLog,
                room.clock());
        get("list-deliveries", "/v1/deliveries", read, deliveries.list());
        get("show-delivery", "/v1/deliveries/{id}", read, deliveries.one());
        get("export-deliveries", "/v1/deliveries.csv", read, deliveries.export());
        get("list-attempts", "/v1/deliveries/{id}/attempts", read, deliveries.attempts());
        post("replay-delivery", "/v1/deliveries/{id}/replay", deliveries.replay());
        post(
                "resend-delivery",
                "/v1/deliveries/{id}/resend",
                new ResendApi(deliveries, inner.admission(), inner.maxBody(), auditLog, room.clock(), room.ledger())
                        .resend());
        post("cancel-delivery", "/v1/deliveries/{id}/cancel", deliveries.cancel());
        post("retry-delivery", "/v1/deliveries/{id}/retry", deliveries.retry());
        get(
                "list-waiting",
                "/v1/waiting",
                read,
                new WaitingWebhooks(inner.store(), inner.outbox(), config, made, finder, System::nanoTime).list());
        Events events = new Events(
                inner.store().events(),
                config,
                new EventMatching(config, inner.store().outcomes(), room.ledger(), System::nanoTime));
        get("list-events", "/v1/events", read, events.list());
        get("show-event", "/v1/events/{id}", read, events.one());
        EventTypeApi types = new EventTypeApi(
                config, definitions, inner.webhooks(), inner.outbox(), inner.admission(), auditLog, room.clock());
        bindEditing(ResourceKind.EVENT_TYPE, types::shown);
        get("list-event-types", "/v1/event-types", read, types.list());
        post("send-sample-event", "/v1/event-types/{type}/sample", types.sendSample());
    }

    private static ConcurrencyLimit limit(String why) {
        return new ConcurrencyLimit(AT_A_TIME, "too-many-at-once", why);
    }

    private void bindReplays() {
        ReplayApi api = new ReplayApi(
                inner.store().replays(),
                finder,
                replays,
                auditLog,
                limit("other requests are counting deliveries"),
                room.clock());
        post("start-replay", "/v1/replays", api.start());
        get("list-replays", "/v1/replays", read, api.list());
        get("show-replay", "/v1/replays/{id}", read, api.one());
        post("cancel-replay", "/v1/replays/{id}/cancel", api.cancel());
    }

    private void bindEditing(ResourceKind kind, DefinitionService.View view) {
        String list = "/v1/" + kind.text() + "s";
        String one = list + (kind == ResourceKind.EVENT_TYPE ? "/{type}" : "/{name}");
        get("show-" + kind.text(), one, kind == ResourceKind.API_KEY ? change : read, editing.show(kind, view));
        post("create-" + kind.text(), list, editing.create(kind, view));
        operation("replace-" + kind.text(), "PUT", one, change, editing.replace(kind, view));
        operation("patch-" + kind.text(), "PATCH", one, change, editing.patch(kind, view));
        operation("delete-" + kind.text(), "DELETE", one, change, editing.delete(kind));
    }

    /** Applies a new configuration: records since when OAuth clients have their credentials. */
    public void changed(Config current) {
        ages.note(current.resources().oauthClients());
    }

    /** Applies changes made by the API of other instances. */
    public void followOthers() {
        editing.followOthers();
    }

    /** Continues replays that ran before the restart. */
    public void start() {
        replays.start();
    }
}
