package io.engagementwebhooks.api;

import io.engagementwebhooks.api.account.Accounts;
import io.engagementwebhooks.api.account.FrameAncestors;
import io.engagementwebhooks.api.account.PortalSessionApi;
import io.engagementwebhooks.api.account.PortalSessions;
import io.engagementwebhooks.api.definition.ApiKeys;
import io.engagementwebhooks.api.definition.ConnectionTesting;
import io.engagementwebhooks.api.definition.Credentials;
import io.engagementwebhooks.api.definition.DefinitionChanges;
import io.engagementwebhooks.api.definition.DefinitionService;
import io.engagementwebhooks.api.definition.Definitions;
import io.engagementwebhooks.api.definition.EventTypeApi;
import io.engagementwebhooks.api.definition.NewKeys;
import io.engagementwebhooks.api.definition.OAuthClients;
import io.engagementwebhooks.api.definition.PublicKeys;
import io.engagementwebhooks.api.definition.SigningKeys;
import io.engagementwebhooks.api.delivery.BackfillApi;
import io.engagementwebhooks.api.delivery.Deliveries;
import io.engagementwebhooks.api.delivery.DeliveryCounts;
import io.engagementwebhooks.api.delivery.DeliverySearch;
import io.engagementwebhooks.api.delivery.DeliveryViewer;
import io.engagementwebhooks.api.delivery.ErasureApi;
import io.engagementwebhooks.api.delivery.Events;
import io.engagementwebhooks.api.delivery.ReplayApi;
import io.engagementwebhooks.api.delivery.ResendApi;
import io.engagementwebhooks.api.delivery.SentRequests;
import io.engagementwebhooks.api.inbox.InboxApi;
import io.engagementwebhooks.api.webhook.AccountWebhooks;
import io.engagementwebhooks.api.webhook.EventMatching;
import io.engagementwebhooks.api.webhook.Failures;
import io.engagementwebhooks.api.webhook.Overview;
import io.engagementwebhooks.api.webhook.PermissionCallback;
import io.engagementwebhooks.api.webhook.WaitingWebhooks;
import io.engagementwebhooks.api.webhook.WebhookFinder;
import io.engagementwebhooks.api.webhook.WebhookStatistics;
import io.engagementwebhooks.api.webhook.WebhookTester;
import io.engagementwebhooks.api.webhook.WebhookViews;
import io.engagementwebhooks.api.webhook.Webhooks;
import io.engagementwebhooks.config.DefinitionReader;
import io.engagementwebhooks.deliver.ConnectionStatus;
import io.engagementwebhooks.deliver.ConnectionTest;
import io.engagementwebhooks.deliver.oauth2.CredentialAges;
import io.engagementwebhooks.deliver.oauth2.TokenSource;
import io.engagementwebhooks.deliver.request.PlannedRequest;
import io.engagementwebhooks.deliver.request.RequestBuilding;
import io.engagementwebhooks.deliver.step.OwnDestinations;
import io.engagementwebhooks.ingest.Admission;
import io.engagementwebhooks.ingest.WebhookLookup;
import io.engagementwebhooks.ledger.RoomContext;
import io.engagementwebhooks.outbox.Backfill;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.outbox.ReplayRunner;
import io.engagementwebhooks.server.CallerAuthentication;
import io.engagementwebhooks.server.ConcurrencyLimit;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.erase.ErasureRunner;
import io.engagementwebhooks.store.outcome.Permissions;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.auth.Authentication;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.camel.Processor;

/** Builds the steps of the REST API's operations, for {@link ApiRoutes} and for the pages. */
public final class ApiRoom {

    /** The {@link CallerAuthentication.Guard} of the API in the registry. */
    static final String GUARD = "webhooksApiGuard";

    /** Limit of costly requests of a kind at a time. */
    private static final int AT_A_TIME = 4;

    /** How long a list of accounts waits for new counts. */
    private static final Duration LIST_WAIT = Duration.ofMillis(50);

    /** How long an overview waits for a new count of what is pending. */
    private static final Duration OVERVIEW_WAIT = Duration.ofSeconds(2);

    private final RoomContext room;
    private final Inner inner;
    private final Supplier<Config> config;
    private final DefinitionChanges changes;
    private final Definitions definitions;
    private final CallerAuthentication.Guard guard;
    private final AuditLog auditLog;
    private final WebhookFinder finder;
    private final DeliverySearch search;
    private final DefinitionService editing;
    private final ReplayRunner replays;
    private final ErasureRunner erasures;
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
     * @param changes changes stored definitions
     * @param reader parses definitions of the API
     * @param mostWaiting limit of pending deliveries; replays leave half of it to events
     * @param portal settings of portal sessions
     * @param inboxes the test inboxes
     */
    public ApiRoom(
            RoomContext room,
            Inner inner,
            Supplier<Config> config,
            DefinitionChanges changes,
            DefinitionReader reader,
            CallerAuthentication.Guard guard,
            SecureRandom random,
            long mostWaiting,
            Portal portal,
            InboxApi inboxes) {
        this.room = room;
        this.inner = inner;
        this.config = config;
        this.changes = changes;
        definitions = new Definitions(changes.made(), config);
        this.guard = guard;
        auditLog = new AuditLog(inner.store().definitions(), definitions, room.clock());
        finder = new WebhookFinder(config, inner.store().identities());
        search = new DeliverySearch(
                inner.store(),
                limit("deliveries are being searched for this account or for others"),
                limit("deliveries are being counted"),
                System::nanoTime);
        editing = new DefinitionService(
                changes,
                reader,
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
        Backfill backfill = new Backfill(inner.store().events(), inner.webhooks()::lookUp);
        replays = room.closeAtStop(new ReplayRunner(
                inner.store(),
                inner.outbox(),
                backfill,
                webhook -> config.get().webhook(webhook),
                () -> inner.store().waitingCount() < mayWait,
                room.clock()));
        bindReplays(backfill);
        erasures = room.closeAtStop(new ErasureRunner(inner.store()));
        bindErasures();
        room.bind("create-inbox", inboxes.create());
        room.bind("list-inboxes", inboxes.list());
        room.bind("show-inbox", inboxes.one());
        room.bind("change-inbox", inboxes.change());
        room.bind("clear-inbox", inboxes.clear());
        room.bind("list-audit", auditLog.list());
        room.bind("list-public-keys", new PublicKeys(config, room.clock()));
        room.bind("describe-api", new ApiDescription());
        room.bind(GUARD, guard);
    }

    private void bindPortal(Portal portal) {
        PortalSessionApi api = new PortalSessionApi(
                portal.sessions(), portal.ancestors(), config, auditLog, room.clock(), portal.overTls());
        room.bind("create-portal-session", api.create());
        room.bind("list-portal-sessions", api.list());
        room.bind("show-portal-session", api.one());
        room.bind("delete-portal-session", api.revoke());
    }

    private void bindAccounts() {
        ApiKeys keys = new ApiKeys(config, definitions, guard.use(), room.clock());
        bindEditing(ResourceKind.API_KEY, keys::shown);
        room.bind("list-api-keys", keys.list());
        room.bind(
                "show-figures",
                new Overview(
                                inner.store(),
                                inner.outbox(),
                                config,
                                new AccountWebhooks(config),
                                search,
                                room.closeAtStop(new BackgroundCounts<>(
                                        "backlogs-counting", OVERVIEW_WAIT, account -> inner.store()
                                                .backlogs()
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
        room.bind("list-accounts", accounts.list());
        Permissions permissions = new Permissions(inner.store().settings());
        room.bind("grant-permission", new PermissionCallback(permissions, inner.outbox(), config, room.clock()));
        Webhooks webhooks = new Webhooks(
                inner.store(),
                inner.outbox(),
                config,
                definitions,
                finder,
                auditLog,
                new WebhookViews(inner.outbox(), permissions, definitions, room.clock(), this::tokenProblem),
                new WebhookStatistics(inner.store(), room.clock()),
                limit("queued deliveries of other webhooks are being discarded or retried"),
                room.clock());
        bindEditing(ResourceKind.WEBHOOK, webhooks::shown, webhooks.delete(editing.delete(ResourceKind.WEBHOOK)));
        room.bind("list-webhooks", new ForOperator(webhooks.list(), accounts.webhooks()));
        room.bind("show-statistics", webhooks.statistics());
        room.bind(
                "list-failures",
                new Failures(inner.store(), config, limit("failures are being grouped"), room.clock()).groups());
        room.bind("pause-webhook", webhooks.pause());
        room.bind("resume-webhook", webhooks.resume());
        room.bind("discard-deliveries", webhooks.discard());
        room.bind("release-deliveries", webhooks.release());
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
        room.bind("preview-webhook", tester.preview());
        room.bind("test-webhook", tester.test());
    }

    private Optional<String> tokenProblem(Authentication authentication) {
        if (authentication instanceof Authentication.OAuth2 oauth2) {
            return inner.tokens().problem(oauth2.client());
        }
        return inner.connectionStatus().stream()
                .filter(kind -> kind.type().equals(authentication.type()))
                .findFirst()
                .flatMap(kind -> kind.credentialFault(authentication));
    }

    private void bindCredentials() {
        Credentials connections = new Credentials(config, definitions, inner.connectionStatus(), room.clock());
        bindEditing(ResourceKind.CONNECTION, connections::shown);
        room.bind("list-connections", connections.list());
        room.bind("test-connection", new ConnectionTesting(config, definitions, inner.connectionTests()).test());
        OAuthClients clients =
                new OAuthClients(config, definitions, inner.tokens(), ages, room.clock(), ConcurrencyLimit.ofTests());
        bindEditing(ResourceKind.OAUTH_CLIENT, clients::shown);
        room.bind("list-oauth-clients", clients.list());
        room.bind("test-oauth-client", clients.test());
        room.bind("test-oauth-client-draft", clients.testDraft(editing));
        SigningKeys keys = new SigningKeys(config, definitions, room.clock());
        bindEditing(ResourceKind.SIGNING_KEY, keys::shown);
        room.bind("list-signing-keys", keys.list());
        room.bind("rotate-signing-key", editing.rotate(keys::shown));
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
        room.bind("list-deliveries", deliveries.list());
        room.bind("show-delivery", deliveries.one());
        room.bind("export-deliveries", deliveries.export());
        room.bind("list-attempts", deliveries.attempts());
        room.bind("replay-delivery", deliveries.replay());
        room.bind(
                "resend-delivery",
                new ResendApi(deliveries, inner.admission(), inner.maxBody(), auditLog, room.clock(), room.ledger())
                        .resend());
        room.bind("cancel-delivery", deliveries.cancel());
        room.bind("retry-delivery", deliveries.retry());
        room.bind(
                "list-waiting",
                new WaitingWebhooks(inner.store(), inner.outbox(), config, changes.made(), finder, System::nanoTime)
                        .list());
        Events events = new Events(
                inner.store().events(),
                config,
                new EventMatching(config, inner.store().outcomes(), room.ledger(), System::nanoTime));
        room.bind("list-events", events.list());
        room.bind("show-event", events.one());
        EventTypeApi types = new EventTypeApi(
                config, definitions, inner.webhooks(), inner.outbox(), inner.admission(), auditLog, room.clock());
        bindEditing(ResourceKind.EVENT_TYPE, types::shown);
        room.bind("list-event-types", types.list());
        room.bind("send-sample-event", types.sendSample());
    }

    private static ConcurrencyLimit limit(String why) {
        return new ConcurrencyLimit(AT_A_TIME, "too-many-at-once", why);
    }

    private void bindReplays(Backfill backfill) {
        ReplayApi api = new ReplayApi(
                inner.store().replays(),
                finder,
                replays,
                auditLog,
                limit("other requests are counting deliveries"),
                room.clock());
        room.bind("start-replay", api.start());
        room.bind("list-replays", api.list());
        room.bind("show-replay", api.one());
        room.bind("cancel-replay", api.cancel());
        BackfillApi backfills = new BackfillApi(
                api, editing, config, backfill, limit("other requests are counting events"), room.clock());
        room.bind("start-backfill", backfills.start());
    }

    private void bindErasures() {
        ErasureApi api = new ErasureApi(
                inner.store().erasures(),
                erasures,
                auditLog,
                limit("other requests are counting events"),
                room.clock());
        room.bind("start-erasure", api.start());
        room.bind("list-erasures", api.list());
        room.bind("show-erasure", api.one());
    }

    private void bindEditing(ResourceKind kind, DefinitionService.View view) {
        bindEditing(kind, view, editing.delete(kind));
    }

    private void bindEditing(ResourceKind kind, DefinitionService.View view, Processor delete) {
        room.bind("show-" + kind.text(), editing.show(kind, view));
        room.bind("create-" + kind.text(), editing.create(kind, view));
        room.bind("replace-" + kind.text(), editing.replace(kind, view));
        room.bind("patch-" + kind.text(), editing.patch(kind, view));
        room.bind("delete-" + kind.text(), delete);
    }

    /** Applies a new configuration: records since when OAuth clients have their credentials. */
    public void changed(Config current) {
        ages.note(current.resources().of(OAuthClient.class));
    }

    /** Continues replays and erasures that ran before the restart. */
    public void start() {
        replays.start();
        erasures.start();
    }
}
