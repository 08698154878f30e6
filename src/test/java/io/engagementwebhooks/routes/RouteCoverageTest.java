package io.engagementwebhooks.routes;

import static io.engagementwebhooks.routes.WholeProduct.callEnded;
import static io.engagementwebhooks.routes.WholeProduct.toContentsquare;
import static io.engagementwebhooks.routes.WholeProduct.toSalesforce;
import static io.engagementwebhooks.routes.WholeProduct.webhook;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.engagementwebhooks.routes.RouteFile.Step;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.testkit.KafkaBroker;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Reply;
import io.engagementwebhooks.testkit.RunningProduct;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.camel.spi.BacklogTracer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** No step of a route is there that no test ever came by: counted by Camel, read over JMX. */
@Timeout(300)
class RouteCoverageTest {

    private static final MBeanServer JMX = ManagementFactory.getPlatformMBeanServer();
    private static final String OAUTH2 = "authentication: {type: oauth2, client: crm}";
    private static final String HEADER = "authentication: {type: header, user: u, password: p}";
    private static final String API_KEY = "authentication: {type: api-key, header: X-Api-Key, value: k}";
    private static final String NONE = "authentication: {type: none}";

    private static final String OWN_BODY = "- {name: own-body, events: ['*'], delivery: {body: '{}', authentication:"
            + " {type: contentsquare, connection: insights}, contentsquare: {path: /v1/calls}}}\n";

    private static final String MAIL =
            "- {name: mail, events: [webhook.disabled], delivery: {url: 'mailto:ops@example.com',"
                    + " authentication: {type: custom, destination: email}}}\n";

    private static final String KAMELET = "- {name: kamelet, events: ['*'], delivery: {kamelet: {name: http-sink}}}\n";

    @TempDir
    Path folder;

    @Test
    void every_step_of_every_route_is_exercised_by_the_whole_product() throws Exception {
        ServerSocket reserved = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        GreenMail mail =
                new GreenMail(new ServerSetup(reserved.getLocalPort(), "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        reserved.close();
        try (WholeProduct whole = new WholeProduct();
                Receiver gone = new Receiver(got -> new Reply(410));
                Receiver receiver = new Receiver(got -> new Reply(200));
                Receiver guarded = new Receiver(got -> new Reply(
                        whole.tokens.knows(got.header("Authorization").substring("Bearer ".length())) ? 200 : 401))) {
            URI closed = withoutListener();
            KafkaBroker broker = KafkaBroker.shared();
            String topic = broker.newTopic(1);
            RunningProduct product = whole.start(
                    folder,
                    webhook("none", receiver.url(), NONE)
                            + webhook("header", receiver.url(), HEADER)
                            + webhook("api-key", receiver.url(), API_KEY)
                            + webhook("oauth2", guarded.url(), OAUTH2)
                            + toSalesforce("tasks")
                            + toContentsquare("sessions")
                            + OWN_BODY
                            + webhook(
                                    "elsewhere", receiver.url(), "authentication: {type: custom, destination: hubspot}")
                            + webhook("gone", gone.url(), NONE)
                            + MAIL
                            + KAMELET
                            + webhook("none-closed", closed, NONE)
                            + webhook("header-closed", closed, HEADER)
                            + webhook("oauth2-closed", closed, OAUTH2),
                    "webhooks.kafka.brokers=" + broker.brokers(),
                    "webhooks.kafka.topics=" + topic + "=acme",
                    "webhooks.kafka.dead-letters=" + broker.newTopic(1),
                    "webhooks.deliver.kamelets=http-sink",
                    "webhooks.deliver.kamelet.http-sink.url=" + closed,
                    "webhooks.mail.host=127.0.0.1",
                    "webhooks.mail.port=" + mail.getSmtp().getServerSetup().getPort(),
                    "webhooks.mail.from=webhooks@example.com",
                    "webhooks.mail.tls=none",
                    "webhooks.retention.cron=* * * * * ?",
                    "webhooks.vacuum.cron=* * * * * ?",
                    "camel.main.jmxManagementStatisticsLevel=Default",
                    "camel.main.jmxManagementMBeansLevel=Default",
                    // tells of steps that JMX has no counter for: those of a doCatch
                    "camel.trace.enabled=true",
                    "camel.trace.tracePattern=" + String.join(",", stepsOfCatches()),
                    "camel.trace.backlogSize=1000",
                    "camel.trace.removeOnDump=false");

            assertTrue(
                    unexercised(product)
                            .containsAll(List.of(
                                    "record-outcome/write-attempt",
                                    "deliver-header/header-judge-failure",
                                    "deliver-due")),
                    "what did not happen is not counted");
            assertEquals(401, product.postEvent(null, callEnded("no key")).statusCode());
            assertEquals(400, product.postEvent(WholeProduct.KEY, "no event").statusCode());
            broker.send(topic, null, "no event");
            happen(whole);
            happenByMail(product, mail);

            Awaitility.await()
                    .untilAsserted(() -> assertEquals(
                            List.of(),
                            unexercised(product).stream()
                                    .filter(id -> id.contains("step-by-step")
                                            || id.startsWith("ingest-kafka")
                                            || id.startsWith("deliver-kamelet"))
                                    .toList()));
            assertEquals(List.of(), unexercised(product), "steps that nothing came by");
        }
    }

    private static URI withoutListener() {
        Receiver closed = new Receiver(got -> new Reply(200));
        closed.close();
        return closed.url();
    }

    private static void happen(WholeProduct whole) {
        whole.salesforce.failNext(503, "SERVER_UNAVAILABLE", 1);
        whole.contentsquare.resetNext(1);
        whole.accept(callEnded("e1"));
        whole.accept(callEnded("e2", event -> ((ObjectNode) event.get("data")).remove("web")));
        for (String webhook : List.of("none", "header", "api-key", "oauth2", "tasks", "sessions")) {
            whole.await("e1", webhook, DeliveryState.DELIVERED);
        }
        whole.tokens.revokeAll();
        whole.accept(callEnded("e3"));
        for (String webhook : List.of("none-closed", "header-closed", "oauth2-closed")) {
            whole.await("e1", webhook, DeliveryState.GAVE_UP);
        }
        whole.await("e3", "oauth2", DeliveryState.DELIVERED);
        whole.await("e2", "sessions", DeliveryState.SKIPPED);
    }

    /** The mail server is away first. */
    private static void happenByMail(RunningProduct product, GreenMail mail) {
        JsonNode waiting = Awaitility.await()
                .until(
                        () -> product.read("/v1/deliveries?webhook=mail", WholeProduct.KEY)
                                .at("/items/0"),
                        delivery -> delivery.path("reason").isTextual());
        mail.start();
        String delivery = "/v1/deliveries/" + waiting.get("id").asText();
        assertEquals(
                202,
                product.post(delivery + "/retry", WholeProduct.KEY, "application/json", "")
                        .statusCode());
        Awaitility.await().until(() -> product.read(delivery, WholeProduct.KEY)
                .get("status")
                .asText()
                .equals("delivered"));
        mail.stop();
    }

    private static List<String> stepsOfCatches() {
        return RouteFile.all().stream()
                .flatMap(file -> file.steps().stream())
                .filter(step -> step.kind().equals("doCatch"))
                .flatMap(caught -> RouteFile.stepsOf(caught.node()).stream())
                .map(Step::id)
                .toList();
    }

    /** Ids of routes and steps that no exchange came by, as {@code route/step}. */
    private static List<String> unexercised(RunningProduct product) throws JMException {
        List<String> ids = new ArrayList<>();
        for (RouteFile file : RouteFile.all()) {
            for (JsonNode route : file.routes()) {
                String id = route.get("id").asText();
                if (exchanges(product, "routes", id).orElse(0) == 0) {
                    ids.add(id);
                }
                addUnexercised(product, id, RouteFile.stepsOf(route), ids);
            }
            addUnexercised(product, file.name(), file.handlers(), ids);
        }
        return ids;
    }

    private static void addUnexercised(RunningProduct product, String place, List<Step> steps, List<String> ids)
            throws JMException {
        for (Step step : steps) {
            if (count(product, step) == 0) {
                ids.add(place + "/" + step.id());
            }
        }
    }

    /** A branch, such as a {@code when}, has no own counter: the counter of its first step counts for it. */
    private static long count(RunningProduct product, Step step) throws JMException {
        OptionalLong own = exchanges(product, "processors", step.id());
        if (own.isPresent()) {
            return own.getAsLong();
        }
        JsonNode first = step.node().path("steps").path(0);
        if (first.isObject()) {
            Map.Entry<String, JsonNode> child = first.properties().iterator().next();
            return count(product, new Step(child.getKey(), child.getValue()));
        }
        return product.camel()
                .getCamelContextExtension()
                .getContextPlugin(BacklogTracer.class)
                .dumpTracedMessages(step.id())
                .size();
    }

    private static OptionalLong exchanges(RunningProduct product, String type, String id) throws JMException {
        ObjectName name = new ObjectName("org.apache.camel:context="
                + product.camel().getName() + ",type=" + type + ",name=" + ObjectName.quote(id));
        try {
            return OptionalLong.of((Long) JMX.getAttribute(name, "ExchangesTotal"));
        } catch (InstanceNotFoundException e) {
            return OptionalLong.empty();
        }
    }
}
