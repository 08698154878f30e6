package io.engagementwebhooks.console;

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
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.config.DefinitionReader;
import java.security.SecureRandom;
import java.util.List;

/** Builds the REST API: its steps, by the names that {@link ConsoleRoutes} uses. */
public final class ConsoleRoom {

    private final RoomContext room;
    private final Inner inner;
    private final ConfigSource config;
    private final ApiDefinitions definitions;
    private final CallerAuthentication.Guard guard;
    private final AuditLog auditLog;
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
            ApiDefinitions definitions,
            DefinitionReader reader,
            CallerAuthentication.Guard guard,
            SecureRandom random,
            long mostWaiting,
            Portal portal) {
        this.room = room;
        this.inner = inner;
        this.config = config;
        this.definitions = definitions;
        this.guard = guard;
        auditLog = new AuditLog(inner.store().audit(), room.clock());
        editing = new DefinitionService(
                definitions,
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
        bindAuthentication();
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
        room.bind("listAudit", auditLog.list());
        room.bind("publicKeys", new PublicKeys(config, room.clock()));
        room.bind("apiDescription", new ApiDescription());
    }

    private void bindAuthentication() {
        room.bind("readAuthentication", CallerAuthentication.toRead(guard));
        room.bind("operateAuthentication", CallerAuthentication.toOperate(guard));
        room.bind("readOrOperateAuthentication", CallerAuthentication.toReadOrOperate(guard));
        room.bind("changeAuthentication", CallerAuthentication.toChange(guard));
    }

    private void bindPortal(Portal portal) {
        room.bind("changeOrOperateAuthentication", CallerAuthentication.toChangeOrOperate(guard));
        PortalSessionApi api = new PortalSessionApi(
                portal.sessions(), portal.ancestors(), config, auditLog, room.clock(), portal.overTls());
        room.bind("createPortalSession", api.create());
        room.bind("listPortalSessions", api.list());
        room.bind("showPortalSession", api.one());
        room.bind("deletePortalSession", api.revoke());
    }

    private void bindAccounts() {
        ApiKeys keys = new ApiKeys(config, definitions, guard.use(), room.clock());
        bindEditing(ResourceKind.API_KEY, keys.view());
        room.bind("listApiKeys", keys.list());
        room.bind("showApiKey", keys.one());
        room.bind("showFigures", new Overview(inner.store(), inner.outbox(), config, room.clock()).figures());
    }

    private void bindWebhooks() {
        Accounts accounts = new Accounts(
                room.closeAtStop(new DeliveryCounts(inner.store(), room.clock())),
                inner.outbox(),
                config,
                room.ledger(),
                inner.store().stats());
        room.bind("listAccounts", accounts.list());
        Webhooks webhooks = new Webhooks(
                inner.store(), inner.outbox(), config, definitions, auditLog, inner.tokens()::problem, room.clock());
        bindEditing(ResourceKind.WEBHOOK, webhooks.view());
        room.bind("listWebhooks", new ForOperator(webhooks.list(), accounts.webhooks()));
        room.bind("showWebhook", webhooks.one());
        room.bind("showStatistics", webhooks.statistics());
        room.bind("pauseWebhook", webhooks.pause());
        room.bind("resumeWebhook", webhooks.resume());
        room.bind("discardDeliveries", webhooks.discard());
        room.bind("releaseDeliveries", webhooks.release());
        WebhookTester tester = new WebhookTester(
                room.camel(),
                config,
                editing,
                inner.destinations(),
                inner.requests(),
                inner.planned(),
                inner.store().events(),
                inner.store().outcomes(),
                auditLog,
                room.clock(),
                room.ledger(),
                inner.admission());
        room.bind("previewWebhook", tester.preview());
        room.bind("testWebhook", tester.test());
    }

    private void bindCredentials() {
        Credentials connections = new Credentials(config, definitions, inner.connectionStatus(), room.clock());
        bindEditing(ResourceKind.CONNECTION, connections.view());
        room.bind("listConnections", connections.connections());
        room.bind("showConnection", connections.one());
        room.bind("testConnection", new ConnectionTesting(config, definitions, inner.connectionTests()).test());
        OAuthClients clients = new OAuthClients(config, definitions, inner.tokens(), ages, room.clock());
        bindEditing(ResourceKind.OAUTH_CLIENT, clients.view());
        room.bind("listOAuthClients", clients.list());
        room.bind("showOAuthClient", clients.one());
        room.bind("testOAuthClient", clients.test());
        room.bind("testOAuthClientDraft", clients.testDraft(editing));
        SigningKeys keys = new SigningKeys(config, definitions, room.clock());
        bindEditing(ResourceKind.SIGNING_KEY, keys.view());
        room.bind("listSigningKeys", keys.list());
        room.bind("showSigningKey", keys.one());
        room.bind("rotateSigningKey", editing.rotate(keys.view()));
    }

    private void bindDeliveries() {
        Deliveries deliveries = new Deliveries(
                inner.store(), inner.outbox(), config, inner.requests(), auditLog, room.clock(), room.ledger());
        room.bind("listDeliveries", deliveries.list());
        room.bind("showDelivery", deliveries.one());
        room.bind("exportDeliveries", deliveries.export());
        room.bind("listAttempts", deliveries.attempts());
        room.bind("replayDelivery", deliveries.replay());
        room.bind(
                "resendDelivery",
                new ResendApi(deliveries, inner.admission(), inner.maxBody(), auditLog, room.clock(), room.ledger())
                        .resend());
        room.bind("cancelDelivery", deliveries.cancel());
        room.bind("retryDelivery", deliveries.retry());
        room.bind(
                "listWaiting",
                new WaitingWebhooks(inner.store(), inner.outbox(), config, definitions, System::nanoTime).list());
        Events events = new Events(
                inner.store().events(),
                config,
                new EventMatching(config, inner.store().outcomes(), room.ledger(), System::nanoTime));
        room.bind("listEvents", events.list());
        room.bind("showEvent", events.one());
        EventTypeApi types = new EventTypeApi(
                config, definitions, inner.webhooks(), inner.outbox(), inner.admission(), auditLog, room.clock());
        bindEditing(ResourceKind.EVENT_TYPE, types.view());
        room.bind("showEventType", types.one());
        room.bind("listEventTypes", types.list());
        room.bind("sendSampleEvent", types.sendSample());
    }

    private void bindReplays() {
        ReplayApi api = new ReplayApi(inner.store(), config, replays, auditLog, room.clock());
        room.bind("startReplay", api.start());
        room.bind("listReplays", api.list());
        room.bind("showReplay", api.one());
        room.bind("cancelReplay", api.cancel());
    }

    private void bindEditing(ResourceKind kind, DefinitionService.View view) {
        editing.steps(kind, view).forEach((what, step) -> room.bind(ConsoleRoutes.step(what, kind), step));
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
