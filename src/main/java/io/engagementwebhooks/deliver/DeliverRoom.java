package io.engagementwebhooks.deliver;

import io.engagementwebhooks.contentsquare.ContentsquareHttpClient;
import io.engagementwebhooks.deliver.contentsquare.ChooseProject;
import io.engagementwebhooks.deliver.contentsquare.ContentsquareConnectionTest;
import io.engagementwebhooks.deliver.contentsquare.ContentsquareFailures;
import io.engagementwebhooks.deliver.contentsquare.ContentsquareProjects;
import io.engagementwebhooks.deliver.contentsquare.EgressHttpClient;
import io.engagementwebhooks.deliver.contentsquare.EnrichmentBuilding;
import io.engagementwebhooks.deliver.contentsquare.EnrichmentJudging;
import io.engagementwebhooks.deliver.contentsquare.EnrichmentNumbering;
import io.engagementwebhooks.deliver.contentsquare.EnrichmentSending;
import io.engagementwebhooks.deliver.contentsquare.PlannedEnrichment;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.deliver.egress.HttpFailures;
import io.engagementwebhooks.deliver.egress.NameResolver;
import io.engagementwebhooks.deliver.email.EmailBuilding;
import io.engagementwebhooks.deliver.email.EmailFailures;
import io.engagementwebhooks.deliver.email.EmailJudging;
import io.engagementwebhooks.deliver.email.MailServer;
import io.engagementwebhooks.deliver.judge.AnswerJudging;
import io.engagementwebhooks.deliver.judge.FailureJudging;
import io.engagementwebhooks.deliver.judge.MissingRoute;
import io.engagementwebhooks.deliver.judge.OutOfSockets;
import io.engagementwebhooks.deliver.judge.OutcomeNoting;
import io.engagementwebhooks.deliver.judge.StepTimeoutException;
import io.engagementwebhooks.deliver.judge.ThrowOnFailureStep;
import io.engagementwebhooks.deliver.kamelet.KameletFailures;
import io.engagementwebhooks.deliver.kamelet.KameletSending;
import io.engagementwebhooks.deliver.kamelet.Kamelets;
import io.engagementwebhooks.deliver.oauth2.OAuth2Authorization;
import io.engagementwebhooks.deliver.oauth2.OAuth2TokenRenewal;
import io.engagementwebhooks.deliver.oauth2.TokenSharing;
import io.engagementwebhooks.deliver.oauth2.TokenSource;
import io.engagementwebhooks.deliver.receiver.PermissionRequest;
import io.engagementwebhooks.deliver.receiver.ReceiverCalls;
import io.engagementwebhooks.deliver.receiver.ReceiverValidation;
import io.engagementwebhooks.deliver.request.HeaderAuthorization;
import io.engagementwebhooks.deliver.request.PlannedRequest;
import io.engagementwebhooks.deliver.request.RequestBuilding;
import io.engagementwebhooks.deliver.request.RequestSigning;
import io.engagementwebhooks.deliver.salesforce.ChooseOrg;
import io.engagementwebhooks.deliver.salesforce.OrgDependencies;
import io.engagementwebhooks.deliver.salesforce.PlannedWrite;
import io.engagementwebhooks.deliver.salesforce.RecordSending;
import io.engagementwebhooks.deliver.salesforce.RefreshTokens;
import io.engagementwebhooks.deliver.salesforce.SalesforceConnectionTest;
import io.engagementwebhooks.deliver.salesforce.SalesforceFailures;
import io.engagementwebhooks.deliver.salesforce.SalesforceFitting;
import io.engagementwebhooks.deliver.salesforce.SalesforceJudge;
import io.engagementwebhooks.deliver.salesforce.SalesforceOrgs;
import io.engagementwebhooks.deliver.salesforce.SalesforceRecord;
import io.engagementwebhooks.deliver.step.BatchSending;
import io.engagementwebhooks.deliver.step.Batching;
import io.engagementwebhooks.deliver.step.ContinuationExecutor;
import io.engagementwebhooks.deliver.step.EvaluatedStep;
import io.engagementwebhooks.deliver.step.OwnDestinations;
import io.engagementwebhooks.deliver.step.RecordLockStep;
import io.engagementwebhooks.deliver.step.Resuming;
import io.engagementwebhooks.deliver.step.StepThreads;
import io.engagementwebhooks.ledger.Background;
import io.engagementwebhooks.ledger.BulkheadExecutor;
import io.engagementwebhooks.ledger.FairExecutor;
import io.engagementwebhooks.ledger.RoomContext;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.outcome.Permissions;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.auth.Tls;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;

/** Builds the deliver room: the steps of its routes and their HTTP clients. */
public final class DeliverRoom {

    /** Threads that start batches; none of them waits. */
    private static final int BATCH_THREADS = 4;

    /** Compute the keys and check the certificates of TLS handshakes with receivers; an account has half of them. */
    private static final int HANDSHAKE_THREADS =
            Math.max(2, Runtime.getRuntime().availableProcessors());

    /** Parse token responses, and share tokens and receivers' permissions with other instances. */
    private static final int TOKEN_THREADS = 4;

    /** Read Salesforce's logins and descriptions, and refresh tokens, for which they may wait for the store. */
    private static final int ORG_THREADS = 8;

    /** Timeout of a login at Salesforce, outside the deadline of the call (semantics 15). */
    private static final Duration LOGIN_TIMEOUT = Duration.ofSeconds(10);

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final RoomContext room;
    private final Outbound outbound;
    private final Store store;
    private final AttemptTracing tracing;
    private final EgressClient egress;
    private final StepThreads steps;
    private final TokenSource tokens;
    private final RequestBuilding requests;
    private final FencingCheck fencingCheck;
    private final ReceiverValidation validation;
    private final ScheduledExecutorService batches;
    private final SalesforceOrgs orgs;
    private final ConnectionTest projectTest;
    private final EmailBuilding email;
    private final KameletSending kamelets;
    private final FailureJudging failures;

    /**
     * The settings and services of outbound requests.
     *
     * @param version of the product, sent to receivers
     * @param sender how receivers know this installation
     * @param random for tokens
     * @param sharedTokens tokens that instances share
     * @param refreshTokens stores rotated refresh tokens
     * @param mail sends e-mail
     * @param kamelets that webhooks may use
     * @param quietly runs the start of a Kamelet without log lines, which hold the values of options
     */
    public record Outbound(
            EgressRules rules,
            NameResolver names,
            String version,
            PermissionRequest.Sender sender,
            SecureRandom random,
            TokenSharing sharedTokens,
            RefreshTokens refreshTokens,
            MailServer mail,
            Kamelets kamelets,
            Function<Supplier<CamelContext>, CamelContext> quietly) {}

    /**
     * @param threads run attempts
     * @param stepThreads for steps that may block
     */
    public DeliverRoom(
            RoomContext room,
            Outbound outbound,
            Store store,
            Outbox outbox,
            FairExecutor threads,
            Supplier<Config> config,
            OwnDestinations destinations,
            AttemptTracing tracing,
            int stepThreads) {
        this.room = room;
        this.outbound = outbound;
        this.store = store;
        this.tracing = tracing;
        FairExecutor handshakes = room.closeAtStop(new FairExecutor("deliver-tls", HANDSHAKE_THREADS, room.ledger()));
        egress = room.closeAtStop(new EgressClient(
                outbound.rules(),
                outbound.version(),
                room.clock(),
                outbound.names(),
                Tls.DEFAULT.context(),
                handshakes::execute));
        fencingCheck = new FencingCheck(outbox::maySend, room.clock());
        steps = stepThreads(Resuming.on(threads, outbox), stepThreads);
        FairExecutor tokenThreads = room.closeAtStop(new FairExecutor("token", TOKEN_THREADS, room.ledger()));
        tokens = tokenSource(tokenThreads);
        room.bind(
                "deliveryLoader",
                new DueDeliveryLoader(id -> config.get().webhook(id), destinations, outbox, room.clock()));
        requests = new RequestBuilding(room.clock(), tracing);
        room.bind("buildRequest", new EvaluatedStep("build-request", requests, room.ledger(), room.clock()));
        room.bind("authorizeByHeader", new HeaderAuthorization());
        room.bind("signRequest", new RequestSigning(room.clock()));
        room.bind("authorizeByOAuth2", new OAuth2Authorization(tokens, steps));
        room.bind("renewRefusedToken", new OAuth2TokenRenewal(tokens, room.clock(), steps));
        validation = new ReceiverValidation(
                new PermissionRequest(egress, outbound.sender(), outbound.random(), room.clock()),
                new Permissions(store.settings()),
                outbox::permitted,
                tokenThreads::execute,
                room.clock());
        room.bind("receiverCalls", new ReceiverCalls(egress, fencingCheck, outbox::requestBegins, validation, steps));
        room.bind("judgeResponse", new AnswerJudging(room.clock()));
        room.bind("throwOnFailure", new ThrowOnFailureStep());
        batches = Executors.newScheduledThreadPool(BATCH_THREADS, task -> new Thread(task, "deliver-batches"));
        room.closeAtStop(batches::shutdownNow);
        RecordLockStep locks = new RecordLockStep(store, room.clock(), steps);
        room.bind("lockSalesforceRecord", locks);
        room.bind("lockEnrichment", locks);
        orgs = salesforce();
        ContentsquareProjects projects = new ContentsquareProjects(
                room.clock(), url -> outbound.rules().refusal(url).isEmpty());
        projectTest = contentsquare(projects);
        email = new EmailBuilding(outbound.mail(), room.clock());
        room.bind("buildEmail", new EvaluatedStep("build-email", this::buildEmail, room.ledger(), room.clock()));
        room.bind("mailSender", outbound.mail().sender());
        room.bind("judgeEmail", new EmailJudging());
        kamelets = kamelets();
        failures = new FailureJudging(
                List.of(
                        new OutOfSockets(room.clock()),
                        new ContentsquareFailures(projects, room.clock()),
                        new HttpFailures(),
                        new EmailFailures(room.clock()),
                        new KameletFailures(room.clock()),
                        StepTimeoutException::judge,
                        new MissingRoute(room.clock())),
                destinations::maySend,
                room.clock());
        room.bind("judgeFailure", failures);
        room.bind("noteDelivered", OutcomeNoting.delivered());
        room.bind("noteFailed", OutcomeNoting.failed(room.clock()));
    }

    private void buildEmail(Exchange exchange) {
        email.process(exchange);
        fencingCheck.check(exchange);
    }

    private KameletSending kamelets() {
        KameletSending made = room.closeAtStop(
                new KameletSending(outbound.kamelets(), requests, steps, fencingCheck, outbound.quietly()));
        room.bind(
                "buildKameletMessage",
                new EvaluatedStep("build-kamelet-message", made::build, room.ledger(), room.clock()));
        room.bind("sendToKamelet", made);
        if (!outbound.kamelets().byName().isEmpty()) {
            room.closeAtStop(new Background("kamelets")).every(SECOND, made::stopUnused);
        }
        return made;
    }

    /** The thread pool of steps that may block. */
    private StepThreads stepThreads(Resuming others, int size) {
        BulkheadExecutor threads = room.closeAtStop(new BulkheadExecutor("deliver-step", size, room.ledger()));
        BulkheadExecutor nested = room.closeAtStop(new BulkheadExecutor("deliver-step-inner", size, room.ledger()));
        StepThreads made = new StepThreads(threads, nested, others, fencingCheck, room.clock());
        room.every(SECOND, made::check);
        return made;
    }

    private TokenSource tokenSource(FairExecutor threads) {
        TokenSource made = new TokenSource(
                outbound.sharedTokens(), egress, threads::execute, room.clock(), () -> ThreadLocalRandom.current()
                        .nextDouble());
        room.every(SECOND, made::renewAgeing);
        return made;
    }

    private SalesforceOrgs salesforce() {
        FairExecutor threads = room.closeAtStop(new FairExecutor("salesforce", ORG_THREADS, room.ledger()));
        SalesforceOrgs made = new SalesforceOrgs(
                room.camel(),
                new OrgDependencies(
                        egress,
                        outbound.rules(),
                        room.clock(),
                        LOGIN_TIMEOUT,
                        outbound.refreshTokens(),
                        room.ledger(),
                        threads::execute));
        room.bind(
                "buildSalesforceRecord",
                new EvaluatedStep("build-record", new SalesforceRecord(requests), room.ledger(), room.clock()));
        room.bind("chooseOrg", new ChooseOrg(made, steps));
        room.bind(
                "fitSalesforceRecord",
                new EvaluatedStep("fit-record", new SalesforceFitting(), room.ledger(), room.clock()));
        room.bind(
                "writeSalesforceBatch", batching(new RecordSending(room.camel(), tracing, made, fencingCheck, steps)));
        room.bind("judgeSalesforceResponse", new SalesforceJudge());
        room.bind("judgeSalesforceFailure", new SalesforceFailures(room.clock()));
        return made;
    }

    private ConnectionTest contentsquare(ContentsquareProjects projects) {
        ContentsquareHttpClient client = new EgressHttpClient(egress, room.clock());
        room.bind("contentsquareHttpClient", client);
        room.bind(
                "buildEnrichment",
                new EvaluatedStep("build-enrichment", new EnrichmentBuilding(requests), room.ledger(), room.clock()));
        room.bind("numberEnrichment", new EnrichmentNumbering(store, room.clock(), steps));
        room.bind("sendEnrichmentBatch", batching(new EnrichmentSending(room.camel(), tracing)));
        room.bind("chooseProject", new ChooseProject(projects, fencingCheck));
        room.bind("judgeEnrichment", new EnrichmentJudging(projects));
        return new ContentsquareConnectionTest(projects, client, new ContinuationExecutor(batches), room.clock());
    }

    private Batching batching(BatchSending sending) {
        return new Batching(sending, batches, room.clock(), fencingCheck);
    }

    /** Applies a new configuration to what is known of receivers. */
    public void changed(Config before, Config now) {
        validation.changed(before, now);
    }

    /** Applies a new configuration. */
    public void changed(Config config) {
        orgs.retain(Set.copyOf(config.resources().of(SalesforceConnection.class)));
    }

    public EgressClient egress() {
        return egress;
    }

    public StepThreads steps() {
        return steps;
    }

    public TokenSource tokens() {
        return tokens;
    }

    public RequestBuilding requests() {
        return requests;
    }

    public FailureJudging failures() {
        return failures;
    }

    /** Previews of the requests to Salesforce, Contentsquare and Kamelets, and of e-mail. */
    public List<PlannedRequest> planned() {
        return List.of(new PlannedWrite(), new PlannedEnrichment(), email, kamelets);
    }

    public List<ConnectionTest> connectionTests() {
        return List.of(new SalesforceConnectionTest(orgs), projectTest);
    }

    /** As {@link SalesforceOrgs#keepAlive}, for the configured connections. */
    public void keepAlive(Config config, Duration idle) {
        orgs.keepAlive(config.resources().of(SalesforceConnection.class), idle);
    }

    public ConnectionStatus salesforceStatus() {
        return orgs;
    }
}
