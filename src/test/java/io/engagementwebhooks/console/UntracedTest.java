package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import io.engagementwebhooks.testkit.LogLines;
import io.engagementwebhooks.testkit.RunningProduct;
import java.lang.management.ManagementFactory;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With all of Camel's tracers on, they show events, and nothing of requests and responses of API and pages. */
@Timeout(300)
class UntracedTest {

    private static final String KEY = "an-admin-key-of-acme";

    @TempDir
    Path folder;

    /** Tracing uses loggers named by file and line. */
    @AutoClose
    private LogLines log;

    private RunningProduct product;

    @AfterEach
    void stop() {
        product.close();
    }

    /** The last traced messages in JMX, each once. */
    private String traced() throws Exception {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        ObjectName tracer = new ObjectName(
                "org.apache.camel:context=" + product.camel().getManagementName() + ",type=tracer,name=BacklogTracer");
        return (String) server.invoke(tracer, "dumpAllTracedMessagesAsJSon", null, null);
    }

    @Test
    void tracers_see_no_sessions_tokens_and_keys() throws Exception {
        product = RunningProduct.start(
                folder,
                "accounts:\n  - id: acme\n    apiKeys: [{name: staff, role: admin, key: " + KEY + "}]\n",
                "camel.main.tracing=true",
                "camel.main.messageHistory=true",
                "camel.trace.enabled=true");
        log = new LogLines(Logger.ROOT_LOGGER_NAME);
        Map<String, String> secrets = new LinkedHashMap<>();

        Visitor visitor = Visitor.signedIn(product, KEY);
        secrets.put("the session", visitor.cookie.substring(visitor.cookie.indexOf('=') + 1));
        secrets.put("the form's token", visitor.token);
        visitor.get("/console/sign-in/return?code=code-of-the-provider&state=some-state");
        secrets.put("the provider's code", "code-of-the-provider");
        HttpResponse<String> made =
                product.post("/v1/api-keys", KEY, "application/json", "{\"name\": \"second\", \"role\": \"read\"}");
        assertEquals(201, made.statusCode(), made.body());
        secrets.put(
                "a key that is shown once", RunningProduct.json(made).get("key").asText());
        HttpResponse<String> client = product.post(
                "/v1/oauth-clients",
                KEY,
                "application/json",
                "{\"name\": \"crm\", \"clientId\": \"id\", \"clientSecret\": \"a-secret-that-is-typed\","
                        + " \"authenticationEndpoint\": \"https://login.example.com\"}");
        assertEquals(201, client.statusCode(), client.body());
        secrets.put("a secret that is typed", "a-secret-that-is-typed");
        secrets.put("the caller's key", KEY);
        assertEquals(
                202,
                product.postEvent(KEY, "{\"id\":\"traced-1\",\"source\":\"/s\",\"type\":\"call.ended\"}")
                        .statusCode());

        String traced = traced();
        String logged = String.join("\n", log.texts());
        assertTrue(traced.contains("traced-1"), "the tracer is on");
        assertTrue(logged.contains("traced-1"), "tracing is logged");
        secrets.forEach((what, secret) -> {
            assertTrue(secret.length() > 9, what + " is " + secret);
            assertFalse(traced.contains(secret), () -> what + " is in " + traced);
            assertFalse(logged.contains(secret), () -> what + " is in " + logged);
        });
    }
}
