package io.engagementwebhooks.receivers;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.webhook.signing.HmacKey;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpHeaders;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the product sends is verified by others: a library, and the guide's own Java, as it stands in the guide. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JavaReceiversTest {

    private static final Pattern CLASS_NAME = Pattern.compile("public final class (\\w+)");

    @AutoClose
    private SignedRequests sent;

    @AutoClose
    private URLClassLoader guide;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        guide = compiled(folder);
        sent = new SignedRequests(RunningProduct::shared);
    }

    /** Compiles the guide's snippets, each of which is a class, against Jackson alone. */
    private static URLClassLoader compiled(Path folder) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                // the path of the tests is not the guide's
                "-Xlint:all,-path",
                "-Werror",
                "-proc:none",
                "-d",
                folder.toString(),
                "-cp",
                jar(ObjectMapper.class) + File.pathSeparator + jar(JsonFactory.class)));
        for (String snippet : Snippets.of("java")) {
            Matcher name = CLASS_NAME.matcher(snippet);
            assertTrue(name.find(), snippet);
            Path file = Files.writeString(folder.resolve(name.group(1) + ".java"), snippet);
            arguments.add(file.toString());
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        assertNotNull(compiler, "a JDK is needed, not a JRE");
        assertEquals(0, compiler.run(null, null, null, arguments.toArray(String[]::new)), "the guide's Java compiles");
        return new URLClassLoader(new URL[] {folder.toUri().toURL()}, JavaReceiversTest.class.getClassLoader());
    }

    private static Path jar(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    private Object call(String type, String method, Object... arguments) {
        try {
            Method found = Arrays.stream(guide.loadClass(type).getMethods())
                    .filter(candidate -> candidate.getName().equals(method))
                    .findFirst()
                    .orElseThrow();
            return found.invoke(null, arguments);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(type + "." + method, e);
        }
    }

    /** A request as it came, or changed on the way. */
    private record Came(String method, String url, Map<String, String> headers, byte[] body) {

        static Came of(Receiver.Got got) {
            Map<String, String> headers = new HashMap<>();
            got.headers()
                    .forEach((name, values) -> headers.put(name.toLowerCase(java.util.Locale.ROOT), values.get(0)));
            return new Came(got.method(), SignedRequests.url(got), headers, SignedRequests.body(got));
        }

        Came with(String header, String value) {
            Map<String, String> changed = new HashMap<>(headers);
            changed.put(header, value);
            return new Came(method, url, changed, body);
        }

        Came to(String other) {
            return new Came(method, other, headers, body);
        }

        Came saying(String what) {
            return new Came(method, url, headers, what.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }

        UnaryOperator<String> header() {
            return headers::get;
        }
    }

    private boolean bySecret(Came came, String... secrets) {
        return (boolean) call("SharedSecrets", "isGenuine", List.of(secrets), came.header(), came.body());
    }

    private boolean byPublicKey(Came came) {
        return (boolean) call("PublicKeys", "isGenuine", publicKeys(), came.header(), came.body());
    }

    private boolean byMessageSignature(Came came) {
        return (boolean) call(
                "MessageSignatures", "isGenuine", publicKeys(), came.method(), came.url(), came.header(), came.body());
    }

    @SuppressWarnings("unchecked")
    private Map<String, PublicKey> publicKeys() {
        try {
            return (Map<String, PublicKey>)
                    call("PublicKeys", "read", sent.jwks().toURL());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String otherSecret() {
        return HmacKey.generate(new SecureRandom()).text().reveal();
    }

    @Test
    void the_library_of_standard_webhooks_accepts_what_was_sent_and_nothing_else() {
        for (String webhook : List.of("standard", "both")) {
            Receiver.Got got = sent.of(webhook);
            HttpHeaders headers = HttpHeaders.of(got.headers(), (name, value) -> true);
            Webhook library = new Webhook(sent.secret());
            assertDoesNotThrow(() -> library.verify(got.body(), headers));
            String tampered = got.body().replace("914022177", "914022178");
            assertThrows(WebhookVerificationException.class, () -> library.verify(tampered, headers));
            assertThrows(
                    WebhookVerificationException.class, () -> new Webhook(otherSecret()).verify(got.body(), headers));
        }
    }

    @Test
    void the_guides_shared_secret_takes_what_is_genuine_by_any_of_the_secrets() {
        Came came = Came.of(sent.of("standard"));
        assertTrue(bySecret(came, sent.secret()));
        assertTrue(bySecret(came, otherSecret(), sent.secret()));
        assertFalse(bySecret(came, otherSecret()));
        assertRefusesForgeries(came, forged -> bySecret(forged, sent.secret()));
    }

    @Test
    void the_guides_public_keys_are_read_and_take_what_is_genuine() {
        assertEquals(
                Set.of(sent.account() + "/next", sent.account() + "/pair"),
                publicKeys().keySet());
        Came came = Came.of(sent.of("standard"));
        assertTrue(byPublicKey(came));
        assertTrue(byPublicKey(Came.of(sent.of("both"))));
        assertRefusesForgeries(came, this::byPublicKey);
    }

    private void assertRefusesForgeries(Came came, java.util.function.Predicate<Came> accepts) {
        assertFalse(accepts.test(came.saying("{}")));
        assertFalse(accepts.test(came.with("webhook-id", "msg_else")));
        assertFalse(accepts.test(came.with("webhook-signature", "v1,AAAA v1a,AAAA v1a,not!base64 v2,x")));
        assertFalse(accepts.test(came.with("webhook-timestamp", "now")));
        String later = Long.toString(Instant.now().plusSeconds(3600).getEpochSecond());
        assertFalse(accepts.test(came.with("webhook-timestamp", later)));
        assertFalse(accepts.test(Came.of(sent.of("none"))));
    }

    @Test
    void the_guides_message_signatures_take_what_is_genuine() {
        for (String webhook : List.of("rfc9421", "both")) {
            Came came = Came.of(sent.of(webhook));
            assertTrue(byMessageSignature(came), webhook);
            assertFalse(byMessageSignature(came.saying("{}")));
            assertFalse(byMessageSignature(came.to("http://127.0.0.1/else")));
            assertFalse(byMessageSignature(came.with("webhook-id", "msg_else")));
            assertFalse(byMessageSignature(came.with("content-type", "text/plain")));
            assertFalse(byMessageSignature(came.with("signature", "sig1=:AAAA:, sig2=:not!base64:")));
            String old = came.headers().get("signature-input").replaceAll("created=\\d+", "created=1614265330");
            assertFalse(byMessageSignature(came.with("signature-input", old)));
        }
        assertFalse(byMessageSignature(Came.of(sent.of("standard"))));
    }

    /** The guide's tolerance is the time itself, not only that it is signed. */
    @Test
    void a_request_that_was_recorded_and_is_genuine_but_old_is_refused() {
        String time = "1614265330";
        String signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        Came recorded = Came.of(sent.of("standard"))
                .with("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek")
                .with("webhook-timestamp", time)
                .with("webhook-signature", signature)
                .saying("{\"test\": 2432232314}");
        assertFalse(bySecret(recorded, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    }

    @Test
    void the_headers_that_the_guide_names_are_those_that_arrive() {
        for (String header : List.of("webhook-id", "webhook-timestamp", "webhook-signature", "Content-Type")) {
            assertNotNull(sent.of("standard").header(header), header);
            assertTrue(Snippets.guide().contains("`" + header + "`"), header);
        }
        for (String header : List.of("Signature-Input", "Signature", "Content-Digest")) {
            assertNotNull(sent.of("both").header(header), header);
            assertTrue(Snippets.guide().contains("`" + header + "`"), header);
        }
    }
}
